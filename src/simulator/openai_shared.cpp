#include "simulator/openai_shared.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "simulator/text.hpp"

namespace smg::simulator {

bool is_name(const std::string& name) {
    return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    });
}

Refusal unsupported(const std::string& name, const std::string& hint) {
    return {400, "Unsupported parameter: '" + name + "' is not supported with this model." + (hint.empty() ? "" : " " + hint), name,
            "unsupported_parameter"};
}

/// A schema under `strict` must close every object and require every property of it.
std::string strict_fault(const Json& schema, const std::string& context) {
    if (!schema.is_object()) return {};
    if (text_member(schema, "type") == "object" || has(schema, "properties")) {
        const auto& additional = member(schema, "additionalProperties");
        if (!additional.is_boolean() || additional.get<bool>())
            return "In context=(" + context + "), 'additionalProperties' is required to be supplied and to be false.";
        const auto& required = member(schema, "required");
        for (const auto& [name, each] : member(schema, "properties").items()) {
            if (std::find(required.begin(), required.end(), name) == required.end())
                return "In context=(" + context +
                       "), 'required' is required to be supplied and to be an array including every key in properties. Missing '" + name + "'.";
            if (auto fault = strict_fault(each, context + "'properties', '" + name + "', "); !fault.empty()) return fault;
        }
    }
    return strict_fault(member(schema, "items"), context + "'items', ");
}

std::optional<Refusal> function_refusal(const Json& function, const std::string& where) {
    const auto name = text_member(function, "name");
    if (name.size() > 64)
        return Refusal{400,
                       "Invalid '" + where + ".name': string too long. Expected a string with maximum length 64, but got a string with length " +
                           std::to_string(name.size()) + " instead.",
                       where + ".name", "string_above_max_length"};
    if (!is_name(name))
        return Refusal{400,
                       "Invalid '" + where + ".name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.",
                       where + ".name", "invalid_value"};
    const auto& parameters = member(function, "parameters");
    if (parameters.is_null()) return std::nullopt;
    if (const auto type = text_member(parameters, "type"); type != "object" && !(parameters.empty()))
        return Refusal{400,
                       "Invalid schema for function '" + name + "': schema must be a JSON Schema of 'type: \"object\"', got 'type: \"" +
                           (type.empty() ? "None" : type) + "\"'.",
                       where + ".parameters", "invalid_function_parameters"};
    if (flag_member(function, "strict"))
        if (const auto fault = strict_fault(parameters, ""); !fault.empty())
            return Refusal{400, "Invalid schema for function '" + name + "': " + fault, where + ".parameters", "invalid_function_parameters"};
    return std::nullopt;
}

std::optional<Refusal> image_url_refusal(const std::string& url, const std::string& where, const std::string& field) {
    if (istarts_with(url, "https://") || istarts_with(url, "http://")) return std::nullopt;
    const auto comma = url.find(";base64,");
    if (!istarts_with(url, "data:") || comma == std::string::npos)
        return Refusal{400, "Invalid '" + field + "'. Expected a valid URL, but got a value with an invalid format.",
                       field, "invalid_value"};
    const auto media = ascii_lower(std::string_view(url).substr(5, comma - 5));
    for (const auto* allowed : {"image/png", "image/jpeg", "image/jpg", "image/gif", "image/webp"})
        if (media.rfind(allowed, 0) == 0) {
            const auto bytes = base64_decode(std::string_view(url).substr(comma + 8));
            if (bytes && !bytes->empty()) return std::nullopt;
            return Refusal{400, "Invalid base64 image_url.", where, "invalid_base64"};
        }
    return Refusal{400,
                   "You uploaded an unsupported image. Please make sure your image has of one the following formats: ['png', 'jpeg', 'gif', 'webp'].",
                   where, "invalid_image_format"};
}

Attachment attachment_of(std::string kind, const std::string& url) {
    const auto comma = url.find(";base64,");
    if (url.rfind("data:", 0) != 0 || comma == std::string::npos) return {std::move(kind), {}, 0, url};
    const auto bytes = base64_decode(std::string_view(url).substr(comma + 8));
    return {std::move(kind), url.substr(5, comma - 5), bytes ? bytes->size() : 0, {}};
}

std::optional<SimulatedReply> steered_away(const Call& call, const ChatProvider& provider, const Steering& steering, bool stream) {
    SimulatedReply early;
    if (ends_early(call, steering, provider.head(call, "application/json"), early)) return early;
    if (steering.status) return provider.refuse(call, provider.failure(*steering.status));
    if (steering.quota) {
        auto broke = provider.failure(429);
        broke.code = broke.type = "insufficient_quota";
        broke.message = "You exceeded your current quota, please check your plan and billing details.";
        return provider.refuse(call, broke);
    }
    if (!stream && (steering.error_event || steering.error_first)) return provider.refuse(call, provider.failure(500));
    return std::nullopt;
}

}  // namespace smg::simulator
