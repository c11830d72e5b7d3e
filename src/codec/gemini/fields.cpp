#include "codec/gemini/fields.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace smg::codec::google {
namespace {

constexpr bool is_upper(char c) noexcept { return c >= 'A' && c <= 'Z'; }
constexpr bool is_lower(char c) noexcept { return c >= 'a' && c <= 'z'; }

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

/// The first name that two members share. Sorted only when there are many: a body may hold millions.
std::optional<std::string> twice(JsonNode object) {
    if (object.size() <= 16) {
        for (auto a = object.begin(); a != object.end(); ++a)
            for (auto b = object.begin(); b != a; ++b)
                if (is_named((*a).name(), (*b).name()) || is_named((*b).name(), (*a).name())) return std::string((*a).name());
        return std::nullopt;
    }
    std::vector<std::string> names;
    names.reserve(object.size());
    for (JsonNode item : object) names.push_back(camel_case(item.name()));
    std::sort(names.begin(), names.end());
    const auto found = std::adjacent_find(names.begin(), names.end());
    return found == names.end() ? std::nullopt : std::optional(*found);
}

bool is_whole_number(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    return code == std::errc() && end == text.data() + text.size();
}

}  // namespace

bool is_named(std::string_view name, std::string_view camel) noexcept {
    if (name == camel) return true;
    std::size_t at = 0;
    for (const char c : camel) {
        if (is_upper(c)) {
            if (at + 1 >= name.size() || name[at] != '_' || name[at + 1] != static_cast<char>(c - 'A' + 'a')) return false;
            at += 2;
        } else if (at >= name.size() || name[at++] != c) {
            return false;
        }
    }
    return at == name.size();
}

JsonNode member(JsonNode object, std::string_view camel) noexcept {
    for (JsonNode item : object)
        if (is_named(item.name(), camel)) return item;
    return {};
}

std::string camel_case(std::string_view name) {
    std::string out;
    for (std::size_t i = 0; i < name.size(); ++i) {
        if (name[i] == '_' && i > 0 && i + 1 < name.size() && is_lower(name[i + 1]))
            out += static_cast<char>(name[++i] - 'a' + 'A');
        else
            out += name[i];
    }
    return out;
}

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
    const auto field = path.text();
    if (!got.present()) return invalid(path, "Missing required field '" + field + "'.");
    return invalid(path, (field.empty() ? "Invalid value for the body: expected " : "Invalid value at '" + field + "': expected ") +
                             std::string(expected) + ", but got " + std::string(kind_name(got)) + ".");
}

bool Fields::is_object(JsonNode node, const Path& path) {
    if (!node.is_object()) return wrong_type(path, "an object", node);
    if (const auto name = twice(node)) return invalid(path.member(*name), "Field '" + path.member(*name).text() + "' is given twice.");
    return true;
}

bool Fields::items(JsonNode node, const Path& path, std::vector<JsonNode>& out) {
    if (!node.is_array() && !node.is_object()) return wrong_type(path, "an array", node);
    if (node.is_object()) {
        out.push_back(node);
        return true;
    }
    out.reserve(node.size());
    for (JsonNode item : node) out.push_back(item);
    return true;
}

bool Fields::required_string(JsonNode node, const Path& path, std::string& out) {
    if (!node.is_string()) return wrong_type(path, "a string", node);
    if (node.text().empty()) return invalid(path, "Field '" + path.text() + "' must not be empty.");
    out = node.text();
    return true;
}

bool Fields::string(JsonNode node, const Path& path, std::string& out) {
    if (node.is_absent_or_null()) return true;
    if (!node.is_string()) return wrong_type(path, "a string", node);
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

bool Fields::integer(JsonNode node, const Path& path, NumberText& out) {
    if (node.is_absent_or_null()) return true;
    if (node.is_string() && is_whole_number(node.text())) {
        out = node.text();
        return true;
    }
    if (!node.integer()) return wrong_type(path, "an integer", node);
    out = node.number_text();
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

bool Fields::strings(JsonNode node, const Path& path, std::vector<std::string>& out) {
    if (node.is_absent_or_null()) return true;
    if (!node.is_array()) return wrong_type(path, "an array of strings", node);
    std::size_t index = 0;
    for (JsonNode item : node) {
        if (!item.is_string()) return wrong_type(path.item(index), "a string", item);
        out.emplace_back(item.text());
        ++index;
    }
    return true;
}

void keep(Members& unknown, JsonNode member, std::string_view prefix) {
    unknown.emplace_back(std::string(prefix).append(camel_case(member.name())), std::string(member.raw()));
}

}  // namespace smg::codec::google
