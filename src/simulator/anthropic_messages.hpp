#pragma once
/// Messages as Anthropic speaks it: what is accepted, what it asks for, and how an answer is written.
#include <optional>
#include <string>
#include <vector>

#include "simulator/delivery.hpp"
#include "simulator/json.hpp"
#include "simulator/models.hpp"
#include "simulator/plan.hpp"
#include "simulator/shape.hpp"

namespace smg::simulator {

struct AnthropicError {
    int status = 400;
    std::string type;
    std::string message;
    std::string error_code = {};  ///< the one detail that SDKs look at; empty: none
};

/// `counting`: the body of count_tokens, which knows fewer members.
[[nodiscard]] const Shape& messages_shape(bool counting);
[[nodiscard]] std::string message_of(const Problem& problem);

/// What no shape can say, as the message of an invalid_request_error. Nothing when all is well.
[[nodiscard]] std::optional<std::string> messages_refusal(const Json& body, const Model& model);
/// Of it, the rules for turns: who speaks, what may be in a turn, which result answers which call, whose signature is right.
[[nodiscard]] std::optional<std::string> turns_refusal(const Json& body, const Model& model);

[[nodiscard]] Prompt messages_prompt(const Json& body, const Model& model);

struct MessageAnswer {
    std::string id;
    std::string model;
    std::uint64_t seed = 0;
    std::uint64_t prompt_tokens = 0;
    std::uint64_t cache_written = 0;
    bool omit_thinking = false;  ///< the signature alone is shown
    bool redacted = false;
    bool short_cache = true;     ///< five minutes, not an hour
};

[[nodiscard]] Json message_json(const MessageAnswer& answer, const Plan& plan);
[[nodiscard]] std::vector<std::string> message_events(const MessageAnswer& answer, const Plan& plan, std::size_t pieces);

/// What a text of thinking is signed by, and what a redacted block holds.
inline constexpr std::string_view anthropic_issuer = "anthropic";
inline constexpr std::string_view redacted_text = "redacted thinking";

}  // namespace smg::simulator
