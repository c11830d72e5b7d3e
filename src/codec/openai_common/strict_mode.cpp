#include "codec/openai_common/strict_mode.hpp"

#include "codec/json_tree.hpp"

namespace smg::codec::openai {
namespace {

constexpr std::string_view refused[] = {
    "allOf", "oneOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas", "patternProperties", "propertyNames"};

bool names(JsonNode list, std::string_view word) {
    for (const JsonNode each : list)
        if (each.text() == word) return true;
    return false;
}

bool requires_all(JsonNode schema) {
    for (const JsonNode property : schema["properties"])
        if (!names(schema["required"], property.name())) return false;
    return true;
}

bool is_object_type(JsonNode type) { return type.is_array() ? names(type, "object") : type.text() == "object"; }

bool fits(JsonNode schema);

bool all_fit(JsonNode children) {
    for (const JsonNode child : children)
        if (!fits(child)) return false;
    return true;
}

bool fits(JsonNode schema) {
    if (!schema.is_object()) return false;
    for (const auto word : refused)
        if (schema[word]) return false;
    if (is_object_type(schema["type"]) || schema["properties"])
        if (schema["additionalProperties"].boolean() != false || !requires_all(schema)) return false;
    if (schema["items"] && !fits(schema["items"])) return false;
    return all_fit(schema["properties"]) && all_fit(schema["anyOf"]) && all_fit(schema["$defs"]) && all_fit(schema["definitions"]);
}

}  // namespace

bool fits_strict_mode(std::string_view schema) {
    JsonTree tree;
    const auto root = tree.parse(schema);
    return root && (*root)["type"].text() == "object" && !(*root)["anyOf"] && fits(*root);
}

bool is_too_loose(const Conversation& conversation, const Tool& tool) {
    return tool.strict == true && conversation.format == "anthropic_messages" && !fits_strict_mode(tool.parameters);
}

}  // namespace smg::codec::openai
