#pragma once
/// JSON as the simulator reads and writes it: members keep their order.
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace smg::simulator {

using Json = nlohmann::ordered_json;

/// Nothing when `text` is not one JSON value in UTF-8.
[[nodiscard]] inline std::optional<Json> parse_json(std::string_view text) {
    auto value = Json::parse(text, nullptr, false);
    if (value.is_discarded()) return std::nullopt;
    return value;
}

/// Compact. What is not UTF-8 is replaced, never thrown at.
[[nodiscard]] inline std::string dump(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

/// The member of that name; null when it is absent or `object` is none.
[[nodiscard]] inline const Json& member(const Json& object, std::string_view name) {
    static const Json null;
    if (!object.is_object()) return null;
    const auto found = object.find(name);
    return found == object.end() ? null : *found;
}

/// The text of that member; empty when it is none.
[[nodiscard]] inline std::string text_member(const Json& object, std::string_view name) {
    const auto& value = member(object, name);
    return value.is_string() ? value.get<std::string>() : std::string();
}

/// True when that member is there and not null.
[[nodiscard]] inline bool has(const Json& object, std::string_view name) { return !member(object, name).is_null(); }

[[nodiscard]] inline bool flag_member(const Json& object, std::string_view name) {
    const auto& value = member(object, name);
    return value.is_boolean() && value.get<bool>();
}

}  // namespace smg::simulator
