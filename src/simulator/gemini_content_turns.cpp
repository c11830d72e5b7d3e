#include <algorithm>

#include "simulator/gemini_content.hpp"
#include "simulator/signature.hpp"
#include "simulator/text.hpp"

namespace smg::simulator {
namespace {

using MaybeError = std::optional<GeminiError>;

GeminiError invalid(std::string message) {
    GeminiError error;
    error.message = std::move(message);
    return error;
}

std::size_t count(const Json& content, const char* kind) {
    const auto& parts = member(content, "parts");
    return static_cast<std::size_t>(std::count_if(parts.begin(), parts.end(), [&](const Json& part) { return has(part, kind); }));
}

bool is_model(const Json& content) { return text_member(content, "role") == "model"; }

MaybeError part_refusal(const Json& part, const std::string& where, bool by_model) {
    constexpr const char* kinds[] = {"text", "inlineData", "fileData", "functionCall", "functionResponse", "executableCode", "codeExecutionResult"};
    const auto found = std::count_if(std::begin(kinds), std::end(kinds), [&](const char* kind) { return has(part, kind); });
    if (found == 0) return invalid(where + ": required oneof field 'data' must have one initialized field");
    if (found > 1) return invalid("Invalid value at '" + where + "' (oneof), oneof field 'data' is already set. Cannot set more than one.");
    if (has(part, "inlineData") && !base64_decode_any(text_member(part["inlineData"], "data"))) {
        auto error = invalid("Invalid value at '" + where + ".inline_data.data' (TYPE_BYTES), Base64 decoding failed");
        error.field = where + ".inline_data.data";
        return error;
    }
    if (has(part, "functionCall") && !by_model) return invalid("Please ensure that function call turns have the role 'model'.");
    return std::nullopt;
}

MaybeError content_parts_refusal(const Json& content, std::size_t index) {
    const auto where = "contents[" + std::to_string(index) + "]";
    const auto role = text_member(content, "role");
    if (!role.empty() && role != "user" && role != "model" && role != "function") return invalid("Please use a valid role: user, model.");
    const auto& parts = member(content, "parts");
    if (!parts.is_array() || parts.empty()) return invalid("* GenerateContentRequest." + where + ".parts: contents.parts must not be empty.\n");
    for (std::size_t i = 0; i < parts.size(); ++i)
        if (auto refusal = part_refusal(parts[i], where + ".parts[" + std::to_string(i) + "]", is_model(content))) return refusal;
    return std::nullopt;
}

/// Calls are answered in the very next turn, all of them.
MaybeError order_refusal(const Json& contents) {
    for (std::size_t i = 0; i < contents.size(); ++i) {
        const auto calls = count(contents[i], "functionCall");
        const auto answers = count(contents[i], "functionResponse");
        if (calls > 0 && (i == 0 || is_model(contents[i - 1])))
            return invalid("Please ensure that function call turn comes immediately after a user turn or after a function response turn.");
        if (answers > 0 && (i == 0 || count(contents[i - 1], "functionCall") == 0))
            return invalid("Please ensure that function response turn comes immediately after a function call turn.");
        if (calls > 0 && i + 1 < contents.size() && count(contents[i + 1], "functionResponse") != calls)
            return invalid(
                "Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.");
    }
    return std::nullopt;
}

/// What the provider accepts in place of a signature that is gone (ai.google.dev/gemini-api/docs/thought-signatures).
bool is_stand_in(const std::string& signature) {
    return signature == "skip_thought_signature_validator" || signature == "context_engineering_is_the_way_to_go";
}

/// The first call of each step since the last thing that the user said.
MaybeError signature_refusal(const Json& contents, const Model& model) {
    std::size_t begin = 0;
    for (std::size_t i = 0; i < contents.size(); ++i)
        if (!is_model(contents[i]) && count(contents[i], "text") > 0) begin = i;
    for (std::size_t i = 0; i < contents.size(); ++i) {
        bool first_call = true;
        for (const auto& part : contents[i]["parts"]) {
            const auto signature = text_member(part, "thoughtSignature");
            if (!signature.empty() && !is_stand_in(signature) && !is_issued(gemini_issuer, signature))
                return invalid("Thought signature is not valid.");
            if (!has(part, "functionCall")) continue;
            if (model.signed_calls && i > begin && first_call && signature.empty())
                return invalid(
                    "Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, and missing "
                    "thought_signature may lead to degraded model performance. Additional data, function call `default_api:" +
                    text_member(part["functionCall"], "name") + "` , position " + std::to_string(i + 1) +
                    ". Please refer to https://ai.google.dev/gemini-api/docs/thought-signatures for more details.");
            first_call = false;
        }
    }
    return std::nullopt;
}

}  // namespace

std::optional<GeminiError> contents_refusal(const Json& contents, const Model& model) {
    for (std::size_t i = 0; i < contents.size(); ++i)
        if (auto refusal = content_parts_refusal(contents[i], i)) return refusal;
    if (auto refusal = order_refusal(contents)) return refusal;
    return signature_refusal(contents, model);
}

}  // namespace smg::simulator
