#include "workers/json_reader.hpp"

#include <algorithm>
#include <cmath>

#include "providers/spelling.hpp"

namespace smg::workers {

using nlohmann::json;

JsonReader::JsonReader(const json& object, std::string path) : object_(object), path_(std::move(path)) {
    if (!object.is_object()) error_ = Error(Failure::invalid_request, (path_.empty() ? "the body" : path_) + " must be a JSON object", path_);
}

std::string JsonReader::path_of(std::string_view name) const { return path_.empty() ? std::string(name) : path_ + "." + std::string(name); }

void JsonReader::refuse(std::string_view name, std::string message) {
    if (!error_) error_ = Error(Failure::invalid_request, path_of(name) + " " + std::move(message), path_of(name));
}

const json* JsonReader::take(std::string_view name) {
    known_.emplace_back(name);
    if (error_) return nullptr;
    const auto member = object_.find(known_.back());
    return member == object_.end() || member->is_null() ? nullptr : &*member;
}

void JsonReader::text(std::string_view name, std::string& out) {
    const auto* value = take(name);
    if (!value) return;
    if (!value->is_string()) return refuse(name, "must be a string");
    out = value->get<std::string>();
}

void JsonReader::strings(std::string_view name, std::vector<std::string>& out) {
    const auto* value = take(name);
    if (!value) return;
    const bool right = value->is_array() && std::all_of(value->begin(), value->end(), [](const json& item) { return item.is_string(); });
    if (!right) return refuse(name, "must be an array of strings");
    for (const auto& item : *value) out.push_back(item.get<std::string>());
}

void JsonReader::number(std::string_view name, double low, double high, double& out) {
    const auto* value = take(name);
    if (!value) return;
    const double given = value->is_number() ? value->get<double>() : std::nan("");
    if (!(given >= low && given <= high)) {
        const auto text = [](double x) { return json(x).dump(); };
        return refuse(name, "must be a number from " + text(low) + " to " + text(high));
    }
    out = given;
}

void JsonReader::whole(std::string_view name, std::int64_t low, std::int64_t high, std::int64_t& out) {
    const auto* value = take(name);
    if (!value) return;
    const bool fits = value->is_number_integer() && (!value->is_number_unsigned() || value->get<std::uint64_t>() <= static_cast<std::uint64_t>(high));
    if (!fits || value->get<std::int64_t>() < low || value->get<std::int64_t>() > high)
        return refuse(name, "must be a whole number from " + std::to_string(low) + " to " + std::to_string(high));
    out = value->get<std::int64_t>();
}

void JsonReader::texts(std::string_view name, std::vector<std::pair<std::string, std::string>>& out) {
    const auto* value = take(name);
    if (!value) return;
    if (!value->is_object()) return refuse(name, "must be an object of strings");
    for (const auto& [key, text] : value->items()) {
        if (text.is_null()) continue;
        if (!text.is_string()) return refuse(std::string(name) + "." + key, "must be a string");
        out.emplace_back(key, text.get<std::string>());
    }
}

void JsonReader::seconds(std::string_view name, std::optional<double>& out) {
    double value = -1;
    number(name, 0, 1e9, value);
    if (value >= 0) out = value;
}

void JsonReader::flag(std::string_view name, std::optional<bool>& out) {
    const auto* value = take(name);
    if (!value) return;
    if (!value->is_boolean()) return refuse(name, "must be true or false");
    out = value->get<bool>();
}

void JsonReader::object(std::string_view name, const std::function<void(JsonReader&)>& read) {
    const auto* value = take(name);
    if (!value) return;
    JsonReader inner(*value, path_of(name));
    read(inner);
    if (!error_) error_ = inner.finish();
}

std::optional<Error> JsonReader::finish() {
    if (error_) return error_;
    for (const auto& [name, value] : object_.items()) {
        if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
        std::string message = "unknown field `" + path_of(name.substr(0, 64)) + "`";
        const auto near = std::clamp<std::size_t>(name.size() / 3, 1, 3);  // of a short name, three other letters make another word
        const auto nearest = std::min_element(known_.begin(), known_.end(), [&name = name](const auto& a, const auto& b) {
            return providers::spelling_distance(name, a, 3) < providers::spelling_distance(name, b, 3);
        });
        if (nearest != known_.end() && providers::spelling_distance(name, *nearest, near) <= near)
            message += "; did you mean `" + path_of(*nearest) + "`?";
        return Error(Failure::invalid_request, std::move(message), path_of(name.substr(0, 64)));
    }
    return std::nullopt;
}

}  // namespace smg::workers
