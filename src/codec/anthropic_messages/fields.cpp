#include "codec/anthropic_messages/fields.hpp"

#include <algorithm>

namespace smg::codec::messages {
namespace {

std::string_view kind_name(JsonNode node) {
    switch (node.kind()) {
        case JsonNode::Kind::absent: return "nothing";
        case JsonNode::Kind::null: return "null";
        case JsonNode::Kind::boolean: return "a boolean";
        case JsonNode::Kind::number: return "a number";
        case JsonNode::Kind::string: return "a string";
        case JsonNode::Kind::object: return "an object";
        case JsonNode::Kind::array: return "an array";
    }
    return "something else";
}

/// The first name that two members share. Sorted when there are many: a body may hold millions.
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

bool Fields::invalid(const Path& path, const std::string& message) {
    if (!error_) {
        const auto field = path.text();
        error_.emplace(Failure::invalid_request, field.empty() ? message : field + ": " + message, field);
    }
    return false;
}

bool Fields::wrong_type(const Path& path, std::string_view expected, JsonNode got) {
    if (!got.present()) return invalid(path, "Field required");
    return invalid(path, "Input should be " + std::string(expected) + ", not " + std::string(kind_name(got)));
}

bool Fields::is_object(JsonNode node, const Path& path) {
    if (!node.is_object()) return wrong_type(path, "an object", node);
    if (const auto name = twice(node)) return invalid(path.member(*name), "Duplicate field");
    return true;
}

bool Fields::is_array(JsonNode node, const Path& path) { return node.is_array() || wrong_type(path, "an array", node); }

bool Fields::required_string(JsonNode node, const Path& path, std::string& out) {
    if (!node.is_string()) return wrong_type(path, "a string", node);
    out = node.text();
    return true;
}

bool Fields::name(JsonNode node, const Path& path, std::string& out) {
    if (!required_string(node, path, out)) return false;
    return !out.empty() || invalid(path, "String should have at least 1 character");
}

bool Fields::string(JsonNode node, const Path& path, std::string& out) { return node.is_absent_or_null() || required_string(node, path, out); }

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
    if (*value < minimum) return invalid(path, "Input should be greater than or equal to " + std::to_string(minimum));
    out = node.number_text();
    return true;
}

bool Fields::object(JsonNode node, const Path& path, RawJson& out) {
    if (node.is_absent_or_null()) return true;
    if (!node.is_object()) return wrong_type(path, "an object", node);
    out = node.raw();
    return true;
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

void keep_rest(JsonNode object, std::initializer_list<std::string_view> known, Members& out, std::string_view prefix) {
    for (JsonNode member : object)
        if (!is_one_of(member.name(), known)) out.emplace_back(std::string(prefix).append(member.name()), std::string(member.raw()));
}

}  // namespace smg::codec::messages
