#pragma once
/// Chat Completions as OpenAI and xAI speak it: what is accepted, what it asks for, and how an answer is written.
#include <optional>
#include <string>
#include <vector>

#include "simulator/delivery.hpp"
#include "simulator/json.hpp"
#include "simulator/models.hpp"
#include "simulator/plan.hpp"
#include "simulator/shape.hpp"

namespace smg::simulator {

/// A 4xx in OpenAI's terms; xAI writes its message only.
struct Refusal {
    int status = 400;
    std::string message;
    std::string param = {};  ///< empty: null
    std::string code = {};   ///< empty: null
    std::string type = "invalid_request_error";
};

enum class Flavour { openai, xai };

/// The request's shape: every member that the provider knows.
[[nodiscard]] const Shape& chat_shape(Flavour flavour);

/// OpenAI's words for a fault of the shape.
[[nodiscard]] Refusal refusal_of(const Problem& problem);

/// What no shape can say: rules between members, by model, and the order of messages. Nothing when all is well.
[[nodiscard]] std::optional<Refusal> chat_refusal(const Json& body, const Model& model, Flavour flavour);

[[nodiscard]] Prompt chat_prompt(const Json& body, const Model& model, Flavour flavour);

/// The ids and times that stand in every part of one answer.
struct ChatAnswer {
    std::string id;
    std::string model;
    std::string fingerprint;
    std::int64_t created = 0;
    std::uint64_t seed = 0;
    Flavour flavour = Flavour::openai;
    std::size_t choices = 1;
    bool logprobs = false;
    bool deprecated_functions = false;
    std::string service_tier;
    std::uint64_t prompt_tokens = 0;
};

[[nodiscard]] Json chat_completion(const ChatAnswer& answer, const Plan& plan);
/// The events of a stream, less `[DONE]`.
[[nodiscard]] std::vector<std::string> chat_chunks(const ChatAnswer& answer, const Plan& plan, std::size_t pieces, bool include_usage);

/// Shared by the two: checks, plans and answers one call of `/v1/chat/completions` whose credential was right.
struct ChatProvider {
    Flavour flavour;
    http::Fields (*head)(const Call&, std::string_view content_type);
    SimulatedReply (*refuse)(const Call&, const Refusal&);
    /// The error that a status stands for, as a body or as the event of a stream.
    Refusal (*failure)(int status);
    std::string (*error_event)();
};
[[nodiscard]] SimulatedReply chat_reply(const Call& call, const ChatProvider& provider);

}  // namespace smg::simulator
