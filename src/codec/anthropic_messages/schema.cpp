#include "codec/anthropic_messages/schema.hpp"

#include "codec/anthropic_messages/fields.hpp"
#include "codec/json_tree.hpp"
#include "codec/json_writer.hpp"

namespace smg::codec::messages {
namespace {

bool allows_object(JsonNode type) {
    if (type.is_string()) return type.text() == "object";
    for (JsonNode word : type)
        if (word.text() == "object") return true;
    return false;
}

bool is_type(JsonNode schema, std::string_view wanted) {
    const auto type = schema["type"];
    if (type.is_string()) return type.text() == wanted;
    for (JsonNode word : type)
        if (word.text() == wanted) return true;
    return false;
}

/// Writes one schema of the output dialect. What it cannot say becomes part of the description.
class SchemaWriter {
public:
    explicit SchemaWriter(OutputSchema& out) : out_(out), json_(out.json) {}

    void write(JsonNode schema) {
        if (!schema.is_object()) {
            json_.raw(schema.raw());  // `true` and `false` are schemas too
            return;
        }
        json_.begin_object();
        if (const auto reference = schema["$ref"]) {
            json_.raw_member("$ref", reference.raw());  // nothing may stand beside it
            write_definitions(schema);
            json_.end_object();
            return;
        }
        std::string lost;
        for (JsonNode member : schema) keyword(schema, member, lost);
        const bool is_object = is_type(schema, "object") || schema["properties"].is_object();
        if (is_object) json_.bool_member("additionalProperties", false);
        if (is_object && is_map(schema)) out_.closed_map = true;
        if (!lost.empty()) {
            std::string description(schema["description"].text());
            if (!description.empty()) description += "\n\n";
            json_.member("description", description + "{" + lost + "}");
        } else if (schema["description"].is_string()) {
            json_.raw_member("description", schema["description"].raw());
        }
        json_.end_object();
    }

private:
    /// Whether members without a name are what the object is about.
    static bool is_map(JsonNode schema) {
        const auto others = schema["additionalProperties"];
        if (others.is_object() || others.boolean() == true) return true;
        return schema["properties"].size() == 0 && others.boolean() != false;
    }

    void write_definitions(JsonNode schema) {
        for (JsonNode member : schema)
            if (is_one_of(member.name(), {"$defs", "definitions"}) && member.is_object()) write_each(member);
    }

    void write_each(JsonNode member) {
        json_.key(member.name()).begin_object();
        for (JsonNode entry : member) {
            json_.key(entry.name());
            write(entry);
        }
        json_.end_object();
    }

    void keyword(JsonNode schema, JsonNode member, std::string& lost) {
        const auto name = member.name();
        if (is_one_of(name, {"description", "additionalProperties", "$schema", "$id"})) {
            // A map's value schema cannot be kept: objects are closed.
            if (name == "additionalProperties" && member.is_object() && member.size() > 0) lose(member, lost);
        } else if (is_one_of(name, {"type", "enum", "const", "title", "default", "required"})) {
            json_.raw_member(name, member.raw());
        } else if (is_one_of(name, {"properties", "$defs", "definitions"}) && member.is_object()) {
            write_each(member);
        } else if (is_one_of(name, {"anyOf", "oneOf", "allOf"}) && member.is_array()) {
            if (name == "oneOf" && schema["anyOf"]) return lose(member, lost);
            json_.key(name == "oneOf" ? "anyOf" : name).begin_array();
            for (JsonNode entry : member) write(entry);
            json_.end_array();
        } else if (name == "items" && member.is_object()) {
            json_.key(name);
            write(member);
        } else if (name == "format" &&
                   is_one_of(member.text(), {"date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"})) {
            json_.raw_member(name, member.raw());
        } else if (name == "minItems" && (member.raw() == "0" || member.raw() == "1")) {
            json_.raw_member(name, member.raw());
        } else {
            lose(member, lost);
        }
    }

    static void lose(JsonNode member, std::string& lost) {
        if (!lost.empty()) lost += ", ";
        lost.append(member.name()).append(": ").append(member.is_string() ? member.text() : member.raw());
    }

    OutputSchema& out_;
    JsonWriter json_;
};

}  // namespace

std::optional<RawJson> tool_schema(std::string_view schema) {
    constexpr std::string_view empty = R"({"type":"object","properties":{}})";
    if (schema.empty()) return RawJson(empty);
    JsonTree tree;
    const auto root = tree.parse(schema);
    if (!root) return std::nullopt;
    if (root->is_null()) return RawJson(empty);
    if (!root->is_object()) return std::nullopt;
    for (const auto* choice : {"anyOf", "oneOf", "allOf"})
        if ((*root)[choice]) return std::nullopt;
    if (const auto type = (*root)["type"]; type.is_string() && type.text() == "object")
        return RawJson(root->raw());
    else if (type.present() && !type.is_null() && !allows_object(type))
        return std::nullopt;
    RawJson out;
    JsonWriter json(out);
    json.begin_object().member("type", "object");
    if (root->size() == 0) json.raw_member("properties", "{}");
    for (JsonNode member : *root)
        if (member.name() != "type") json.raw_member(member.name(), member.raw());
    json.end_object();
    return out;
}

OutputSchema output_schema(std::string_view schema) {
    OutputSchema out;
    JsonTree tree;
    const auto root = tree.parse(schema);
    if (!root) {
        out.json = schema;
        return out;
    }
    SchemaWriter(out).write(*root);
    return out;
}

}  // namespace smg::codec::messages
