#pragma once
/// What the tests of the Gemini codec share: conversations as a Chat client would have them, and streams read to their end.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "codec/codec.hpp"

namespace smg::codec::gemini_testing {

using Json = nlohmann::ordered_json;

inline TextPart text(std::string words) {
    TextPart part;
    part.text = std::move(words);
    return part;
}

inline Turn turn(Role role, std::vector<Part> parts) {
    Turn out;
    out.role = role;
    out.parts = std::move(parts);
    return out;
}

inline Turn says(Role role, std::string words) {
    auto out = turn(role, {text(std::move(words))});
    out.content_is_string = true;
    return out;
}

inline ToolCallPart call(std::string id, std::string name, std::string arguments, std::string signature = {}) {
    ToolCallPart part;
    part.id = std::move(id);
    part.name = std::move(name);
    part.arguments = std::move(arguments);
    part.signature = std::move(signature);
    return part;
}

inline ToolResultPart result(std::string id, std::string name, std::string words) {
    ToolResultPart part;
    part.call_id = std::move(id);
    part.name = std::move(name);
    part.content_is_string = true;
    part.content.emplace_back(text(std::move(words)));
    return part;
}

inline MediaPart media(MediaPart::Kind kind, MediaPart::Source source, std::string type, std::string data) {
    MediaPart part;
    part.kind = kind;
    part.source = source;
    part.media_type = std::move(type);
    part.data = std::move(data);
    return part;
}

/// A conversation that came from Chat.
inline Conversation chat(std::vector<Turn> turns) {
    Conversation out;
    out.format = "openai_chat";
    out.turns = std::move(turns);
    out.include_reasoning_text = false;
    return out;
}

inline Tool function(std::string name, std::string parameters = {}) {
    Tool tool;
    tool.name = std::move(name);
    tool.parameters = std::move(parameters);
    return tool;
}

inline Target gemini_2_5() {
    Target target;
    target.model = "gemini-2.5-flash";
    target.capabilities.thinking = ModelCapabilities::Thinking::manual;
    target.capabilities.thinking_budget_max = 24576;
    target.capabilities.max_output_tokens = 65536;
    return target;
}

inline Target gemini_3() {
    Target target;
    target.model = "gemini-3-pro-preview";
    auto& can = target.capabilities;
    can.thinking = ModelCapabilities::Thinking::adaptive;
    can.thinking_can_be_disabled = false;
    can.gemini_thinking_level = can.thought_signatures_required = can.native_tool_ids = true;
    can.efforts = {"low", "high"};
    return target;
}

inline EncodedRequest encoded(const Conversation& conversation, const Target& target = gemini_2_5()) {
    auto out = gemini().encode_request(conversation, target);
    EXPECT_TRUE(out) << (out ? "" : out.error().param + ": " + out.error().message);
    return out ? std::move(*out) : EncodedRequest{};
}

inline Json body(const Conversation& conversation, const Target& target = gemini_2_5()) {
    const auto out = encoded(conversation, target);
    EXPECT_TRUE(Json::accept(out.body)) << out.body;
    return Json::accept(out.body) ? Json::parse(out.body) : Json();
}

/// The field that the request is refused for.
inline std::string refused(const Conversation& conversation, const Target& target = gemini_2_5()) {
    const auto out = gemini().encode_request(conversation, target);
    EXPECT_FALSE(out) << (out ? out->body : "");
    if (out) return {};
    EXPECT_EQ(out.error().failure, Failure::invalid_request);
    EXPECT_FALSE(out.error().message.empty());
    return out.error().param;
}

template <typename Event>
std::vector<Event> only(const StreamEvents& events) {
    std::vector<Event> found;
    for (const auto& event : events)
        if (const auto* one = std::get_if<Event>(&event)) found.push_back(*one);
    return found;
}

/// Decodes the data of SSE events and the end of the stream.
inline StreamEvents streamed(const std::vector<std::string>& events, const RequestMemo& memo = {}) {
    StreamEvents out;
    const auto decoder = gemini().stream_decoder(memo);
    for (const auto& data : events) decoder->on_event({}, data, out);
    decoder->on_end(out);
    return out;
}

}  // namespace smg::codec::gemini_testing
