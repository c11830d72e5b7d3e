#pragma once
/// What the tests of the Messages codec share.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "codec/codec.hpp"

namespace smg::codec::messages_testing {

using Json = nlohmann::ordered_json;

/// A Messages request with this `content` of `messages`, and these other members.
inline std::string request_body(std::string_view messages, std::string_view members = "") {
    std::string body = R"({"model":"claude-sonnet-4-5","max_tokens":100,"messages":)";
    body.append(messages);
    if (!members.empty()) body.append(",").append(members);
    return body + "}";
}

inline Conversation decode(std::string_view body) {
    auto decoded = anthropic_messages().decode_request(body);
    EXPECT_TRUE(decoded) << (decoded ? "" : decoded.error().message) << "\n" << body;
    return decoded ? std::move(*decoded) : Conversation();
}

/// A Chat request, read by Chat's codec.
inline Conversation chat(std::string_view messages, std::string_view members = "") {
    std::string body = R"({"model":"claude","messages":)";
    body.append(messages);
    if (!members.empty()) body.append(",").append(members);
    body += "}";
    auto decoded = openai_chat().decode_request(body);
    EXPECT_TRUE(decoded) << (decoded ? "" : decoded.error().message) << "\n" << body;
    return decoded ? std::move(*decoded) : Conversation();
}

inline constexpr std::string_view hello = R"([{"role":"user","content":"Hi"}])";

/// What some models can do; a name that is not here says nothing.
inline ModelCapabilities capabilities_of(const std::string& model) {
    using Thinking = ModelCapabilities::Thinking;
    ModelCapabilities can;
    if (model == "claude-3-5-haiku") {
        can.thinking = Thinking::none;
        can.max_output_tokens = 8192;
        can.structured_outputs = false;
    } else if (model == "claude-sonnet-4" || model == "claude-sonnet-4-5") {
        can.thinking = Thinking::manual;
        can.max_output_tokens = 64000;
        can.structured_outputs = can.temperature_or_top_p = model == "claude-sonnet-4-5";
    } else if (model.starts_with("claude-")) {
        can.thinking = Thinking::adaptive;
        can.max_output_tokens = 128000;
        can.efforts = {"low", "medium", "high", "max"};
        can.sampling_locked = model != "claude-opus-4-6";
        if (can.sampling_locked) can.efforts.emplace_back("xhigh");
        can.mid_conversation_system = model == "claude-opus-4-8";
        can.forced_tool_choice = model != "claude-fable-5";
    }
    return can;
}

inline Target target(const std::string& model = "claude-sonnet-4-5") {
    Target out;
    out.model = model;
    out.capabilities = capabilities_of(model);
    return out;
}

struct Encoded {
    Json body;
    std::vector<std::string> adjusted;
    RequestMemo memo;
    std::string text;
};

inline Encoded encode(const Conversation& conversation, const Target& to = target()) {
    auto encoded = anthropic_messages().encode_request(conversation, to);
    EXPECT_TRUE(encoded) << (encoded ? "" : encoded.error().param + ": " + encoded.error().message);
    if (!encoded) return {};
    return {Json::parse(encoded->body), encoded->adjustments.names(), encoded->memo, encoded->body};
}

/// The error of a conversation that cannot be carried; empty when it can.
inline Error refusal(const Conversation& conversation, const Target& to = target()) {
    auto encoded = anthropic_messages().encode_request(conversation, to);
    EXPECT_FALSE(encoded) << (encoded ? encoded->body : "");
    return encoded ? Error(Failure::internal_error) : encoded.error();
}

}  // namespace smg::codec::messages_testing
