#include "codec/gemini/schema.hpp"

#include <string>

#include "base/ascii.hpp"
#include "codec/gemini/fields.hpp"
#include "codec/json_writer.hpp"

namespace smg::codec::google {
namespace {

void write_schema(JsonWriter& json, JsonNode schema);

void write_type(JsonWriter& json, JsonNode type, bool nullable) {
    const auto word = ascii_lower(type.text());
    if (!type.is_string() || word == "type_unspecified") return;
    json.key("type");
    if (!nullable)
        json.string(word);
    else
        json.begin_array().string(word).string("null").end_array();
}

/// `int64` fields are strings in proto JSON: `"minItems": "2"`.
bool is_count(std::string_view name) {
    for (const auto* camel : {"minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties"})
        if (is_named(name, camel)) return true;
    return false;
}

void write_keyword(JsonWriter& json, JsonNode item) {
    const auto name = item.name();
    if (name == "items" && item.is_object()) {
        write_schema(json.key(name), item);
    } else if (is_named(name, "anyOf") && item.is_array()) {
        json.key("anyOf").begin_array();
        for (JsonNode option : item) write_schema(json, option);
        json.end_array();
    } else if (name == "properties" && item.is_object()) {
        json.key(name).begin_object();
        for (JsonNode property : item) write_schema(json.key(property.name()), property);
        json.end_object();
    } else if (is_count(name) && item.is_string() && !item.text().empty()) {
        json.key(camel_case(name)).raw(item.text());
    } else {
        json.key(camel_case(name)).raw(item.raw());
    }
}

void write_schema(JsonWriter& json, JsonNode schema) {
    if (!schema.is_object()) {
        json.raw(schema.raw());
        return;
    }
    const bool nullable = schema["nullable"].boolean().value_or(false);
    json.begin_object();
    for (JsonNode item : schema) {
        const auto name = item.name();
        if (name == "type")
            write_type(json, item, nullable);
        else if (name == "nullable" || is_named(name, "propertyOrdering") || (name == "format" && item.text() == "enum"))
            continue;
        else if (name == "enum" && nullable && item.is_array()) {  // null must then be one of the values
            json.key(name).begin_array();
            for (JsonNode value : item) json.raw(value.raw());
            json.null().end_array();
        } else
            write_keyword(json, item);
    }
    json.end_object();
}

}  // namespace

RawJson to_json_schema(JsonNode schema) {
    RawJson out;
    JsonWriter json(out);
    write_schema(json, schema);
    return out;
}

}  // namespace smg::codec::google
