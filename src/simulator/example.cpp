#include <algorithm>

#include "base/ascii.hpp"
#include "simulator/plan.hpp"
#include "simulator/text.hpp"

namespace smg::simulator {
namespace {

constexpr int depth_limit = 12;

/// The place that the text names: the n-th capitalised word behind ` in ` or ` and `.
std::string place(std::string_view text, std::size_t variant) {
    std::vector<std::string> found;
    for (const std::string_view before : {" in ", " and "}) {
        for (auto at = text.find(before); at != std::string_view::npos; at = text.find(before, at + 1)) {
            const auto begin = at + before.size();
            auto end = begin;
            while (end < text.size() && ((text[end] >= 'a' && text[end] <= 'z') || (text[end] >= 'A' && text[end] <= 'Z'))) ++end;
            if (end > begin && text[begin] >= 'A' && text[begin] <= 'Z') found.emplace_back(text.substr(begin, end - begin));
        }
    }
    if (variant < found.size()) return found[variant];
    return variant == 0 ? "Paris" : "Tokyo";
}

struct Making {
    const Json& root;
    std::size_t variant;
    std::string_view text;
};

Json make(const Json& schema, const std::string& name, int depth, const Making& making);

std::string of_format(const std::string& format) {
    const std::pair<std::string_view, std::string_view> formats[] = {
        {"date-time", "2026-01-02T03:04:05Z"}, {"date", "2026-01-02"}, {"time", "03:04:05Z"}, {"duration", "P1D"},
        {"email", "someone@example.com"}, {"hostname", "example.com"}, {"uri", "https://example.com/"}, {"ipv4", "192.0.2.1"},
        {"ipv6", "2001:db8::1"}, {"uuid", "123e4567-e89b-42d3-a456-426614174000"}};
    for (const auto& [known, example] : formats)
        if (format == known) return std::string(example);
    return {};
}

Json make_string(const Json& schema, const std::string& name, const Making& making) {
    if (auto formatted = of_format(text_member(schema, "format")); !formatted.empty()) return formatted;
    std::string text = name.empty() ? "text" : name;
    for (const auto* word : {"city", "location", "place"})
        if (contains_word(name, word)) text = place(making.text, making.variant);
    if (name == "name") text = making.variant == 0 ? "Alice" : "Bob";
    const auto& least = member(schema, "minLength");
    while (least.is_number_unsigned() && text.size() < least.get<std::size_t>()) text += 'x';
    const auto& most = member(schema, "maxLength");
    if (most.is_number_unsigned() && text.size() > most.get<std::size_t>()) text.resize(most.get<std::size_t>());
    return text;
}

Json make_number(const Json& schema, bool whole, const Making& making) {
    double value = 7.0 + static_cast<double>(making.variant);
    if (const auto& least = member(schema, "minimum"); least.is_number()) value = std::max(value, least.get<double>());
    if (const auto& above = member(schema, "exclusiveMinimum"); above.is_number()) value = std::max(value, above.get<double>() + 1);
    if (const auto& most = member(schema, "maximum"); most.is_number()) value = std::min(value, most.get<double>());
    if (const auto& below = member(schema, "exclusiveMaximum"); below.is_number()) value = std::min(value, below.get<double>() - (whole ? 1 : 0.5));
    if (whole) return static_cast<long long>(value);
    return value;
}

Json make_array(const Json& schema, const std::string& name, int depth, const Making& making) {
    auto list = Json::array();
    for (const auto& each : member(schema, "prefixItems")) list.push_back(make(each, name, depth + 1, making));
    const auto& least = member(schema, "minItems");
    const auto& most = member(schema, "maxItems");
    std::size_t count = std::max<std::size_t>(1, least.is_number_unsigned() ? least.get<std::size_t>() : 1);
    if (most.is_number_unsigned()) count = std::min(count, most.get<std::size_t>());
    if (!has(schema, "items") && list.empty() && !least.is_number_unsigned()) return list;
    while (list.size() < std::min<std::size_t>(count, 100)) list.push_back(make(member(schema, "items"), {}, depth + 1, making));
    return list;
}

Json make_object(const Json& schema, int depth, const Making& making) {
    auto object = Json::object();
    if (depth > depth_limit) return object;
    for (const auto& [name, each] : member(schema, "properties").items()) {
        const auto& required = member(schema, "required");
        // Recursive schemas end where a property may be left out.
        if (depth > depth_limit / 2 && std::find(required.begin(), required.end(), name) == required.end()) continue;
        object[name] = make(each, name, depth + 1, making);
    }
    return object;
}

const Json* resolve(const Json& schema, const Json& root) {
    const auto reference = text_member(schema, "$ref");
    if (reference.empty() || reference[0] != '#') return nullptr;
    try {
        return &root.at(Json::json_pointer(reference.substr(1)));
    } catch (const Json::exception&) {
        return nullptr;
    }
}

std::string type_in(const Json& schema) {
    const auto& type = member(schema, "type");
    std::string name = type.is_string() ? type.get<std::string>() : std::string();
    if (type.is_array())
        for (const auto& each : type)
            if (each.is_string() && each != "null") {
                name = each.get<std::string>();
                break;
            }
    std::transform(name.begin(), name.end(), name.begin(), [](char c) { return ascii_lower(c); });
    if (!name.empty()) return name;
    if (has(schema, "properties")) return "object";
    return has(schema, "items") ? "array" : "";
}

Json make(const Json& schema, const std::string& name, int depth, const Making& making) {
    if (!schema.is_object() || depth > 2 * depth_limit) return make_string(Json::object(), name, making);
    if (const auto* target = resolve(schema, making.root)) return make(*target, name, depth + 1, making);
    if (schema.contains("const")) return schema["const"];
    if (const auto& values = member(schema, "enum"); values.is_array() && !values.empty()) return values[making.variant % values.size()];
    for (const auto* choice : {"anyOf", "oneOf"})
        if (const auto& choices = member(schema, choice); choices.is_array() && !choices.empty()) return make(choices[0], name, depth + 1, making);
    if (const auto& all = member(schema, "allOf"); all.is_array() && !all.empty()) {
        auto merged = make_object(schema, depth, making);
        for (const auto& each : all) {
            auto part = make(each, name, depth + 1, making);
            if (!part.is_object()) return part;
            merged.update(part);
        }
        return merged;
    }
    const auto type = type_in(schema);
    if (type == "object") return make_object(schema, depth, making);
    if (type == "array") return make_array(schema, name, depth, making);
    if (type == "integer" || type == "number") return make_number(schema, type == "integer", making);
    if (type == "boolean") return true;
    if (type == "null") return nullptr;
    return make_string(schema, name, making);
}

}  // namespace

Json example_of(const Json& schema, std::size_t variant, std::string_view text) {
    return make(schema, {}, 0, Making{schema, variant, text});
}

}  // namespace smg::simulator
