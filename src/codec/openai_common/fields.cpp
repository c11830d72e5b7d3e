#include "codec/openai_common/fields.hpp"

#include <algorithm>
#include <limits>
#include <vector>

namespace smg::codec::openai {
namespace {

std::string_view kind_name(JsonNode node) {
    switch (node.kind()) {
        case JsonNode::Kind::absent: return "nothing";
        case JsonNode::Kind::null: return "null";
        case JsonNode::Kind::boolean: return "a boolean";
        case JsonNode::Kind::number: return node.integer() ? "an integer" : "a decimal number";
        case JsonNode::Kind::string: return "a string";
        case JsonNode::Kind::object: return "an object";
        case JsonNode::Kind::array: return "an array";
    }
    return "something else";
}

/// A value quoted in an error message: short, and without control characters.
std::string shown(std::string_view value) {
    std::string out(value.substr(0, 64));
    while (!out.empty() && value.size() > 64 && (static_cast<unsigned char>(out.back()) & 0xC0) == 0x80) out.pop_back();
    if (value.size() > 64 && !out.empty() && static_cast<unsigned char>(out.back()) >= 0xC0) out.pop_back();
    std::replace_if(
        out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
    return out;
}

/// The first name that two members share; empty when there is none. Sorted only when there are many: a request may hold millions.
std::optional<std::string_view> twice(JsonNode object) {
    if (object.size() <= 16) {
        for (auto a = object.begin(); a != object.end(); ++a)
            for (auto b = object.begin(); b != a; ++b)
                if ((*a).name() == (*b).name()) return (*a).name();
        return std::nullopt;
    }
    std::vector<std::string_view> names;
    names.reserve(object.size());
    for (JsonNode member : object) names.push_back(member.name());
    std::sort(names.begin(), names.end());
    const auto found = std::adjacent_find(names.begin(), names.end());
    return found == names.end() ? std::nullopt : std::optional(*found);
}

}  // namespace

std::string Path::text() const {
    if (!parent_) return {};
    auto out = parent_->text();
    if (indexed_) return out + "[" + std::to_string(index_) + "]";
    if (!out.empty()) out += '.';
    return out.append(name_);
}

bool Fields::invalid(const Path& path, std::string message) {
    if (!error_) error_.emplace(Failure::invalid_request, std::move(message), path.text());
    return false;
}

bool Fields::wrong_type(const Path& path, std::string_view expected, JsonNode got) {
    if (!got.present()) return missing(path);
    const auto field = path.text();
    return invalid(path, (field.empty() ? "Invalid type for the body: expected " : "Invalid type for '" + field + "': expected ") +
                             std::string(expected) + ", but got " + std::string(kind_name(got)) + " instead.");
}

bool Fields::missing(const Path& path) { return invalid(path, "Missing required parameter: '" + path.text() + "'."); }

bool Fields::unsupported_value(const Path& path, std::string_view value, std::initializer_list<std::string_view> supported) {
    auto message = "Invalid value: '" + shown(value) + "'. Supported values are: ";
    bool first = true;
    for (const auto word : supported) {
        if (!first) message += ", ";
        first = false;
        message.append("'").append(word).append("'");
    }
    return invalid(path, message + ".");
}

bool Fields::is_object(JsonNode node, const Path& path) {
    if (!node.is_object()) return wrong_type(path, "an object", node);
    if (const auto name = twice(node)) return invalid(path.member(*name), "Duplicate parameter: '" + path.member(*name).text() + "'.");
    return true;
}

bool Fields::is_array(JsonNode node, const Path& path) { return node.is_array() || wrong_type(path, "an array", node); }

bool Fields::string(JsonNode node, const Path& path, std::string& out) {
    if (node.is_absent_or_null()) return true;
    if (!node.is_string()) return wrong_type(path, "a string", node);
    out = node.text();
    return true;
}

bool Fields::required_string(JsonNode node, const Path& path, std::string& out) {
    if (!node.is_string()) return wrong_type(path, "a string", node);
    if (node.text().empty()) return invalid(path, "Invalid '" + path.text() + "': empty string. Expected a string with minimum length 1.");
    out = node.text();
    return true;
}

bool Fields::boolean(JsonNode node, const Path& path, std::optional<bool>& out) {
    if (node.is_absent_or_null()) return true;
    if (!node.is_boolean()) return wrong_type(path, "a boolean", node);
    out = node.boolean();
    return true;
}

bool Fields::number(JsonNode node, const Path& path, NumberText& out) {
    if (node.is_absent_or_null()) return true;
    if (!node.is_number()) return wrong_type(path, "a number", node);
    out = node.number_text();
    return true;
}

bool Fields::integer(JsonNode node, const Path& path, std::int64_t minimum, NumberText& out) {
    if (node.is_absent_or_null()) return true;
    const auto value = node.integer();
    if (!value) return wrong_type(path, "an integer", node);
    if (*value < minimum)
        return invalid(path, "Invalid '" + path.text() + "': integer below minimum value. Expected a value >= " + std::to_string(minimum) +
                                 ", but got " + std::to_string(*value) + " instead.");
    out = std::to_string(*value);  // 3.0 would be refused by providers whose field is an integer
    return true;
}

bool Fields::object(JsonNode node, const Path& path, RawJson& out) {
    if (node.is_absent_or_null()) return true;
    if (!node.is_object()) return wrong_type(path, "an object", node);
    out = node.raw();
    return true;
}

bool Fields::array(JsonNode node, const Path& path, RawJson& out) {
    if (node.is_absent_or_null()) return true;
    if (!node.is_array()) return wrong_type(path, "an array", node);
    out = node.raw();
    return true;
}

void keep(std::vector<std::pair<std::string, RawJson>>& unknown, JsonNode member, std::string_view prefix) {
    unknown.emplace_back(std::string(prefix).append(member.name()), std::string(member.raw()));
}

}  // namespace smg::codec::openai
