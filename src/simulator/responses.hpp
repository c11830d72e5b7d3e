#pragma once
/// The Responses API as OpenAI and xAI speak it: what is accepted, what it asks for, how an answer is written, and what is kept of it.
#include <optional>
#include <string>
#include <vector>

#include "simulator/openai_chat.hpp"

namespace smg::simulator {

/// A request whose shape is right, with the conversation that it continues.
struct ResponsesRequest {
    Json body;
    Json items = Json::array();  ///< all that the model is shown, as items with a `type`
    std::size_t kept = 0;        ///< how many of them are an earlier response's
    const Model* model = nullptr;
    Flavour flavour = Flavour::openai;
};

enum class ResponsesTask { create, compact, count };

[[nodiscard]] const Shape& responses_shape(ResponsesTask task);
[[nodiscard]] Shape response_input_shape();
/// The first fault of the shape, in OpenAI's words; xAI passes over what it does not know.
[[nodiscard]] std::optional<Refusal> responses_shape_refusal(Json& body, ResponsesTask task, Flavour flavour);

/// What no shape can say: settings against the model and each other.
[[nodiscard]] std::optional<Refusal> responses_refusal(const ResponsesRequest& request);
/// The order and the origin of items: which output answers which call, whose reasoning it is, what was kept.
[[nodiscard]] std::optional<Refusal> items_refusal(const Call& call, const ResponsesRequest& request);

/// Reads and judges the body of a call.
[[nodiscard]] std::optional<Refusal> read_responses_request(const Call& call, ResponsesTask task, ResponsesRequest& request);

[[nodiscard]] Prompt responses_prompt(const ResponsesRequest& request);
/// The effort that holds, asked for or the model's own.
[[nodiscard]] std::string effort_of(const ResponsesRequest& request);

struct ResponseAnswer {
    const ResponsesRequest* request = nullptr;
    std::string id;
    std::uint64_t seed = 0;
    std::uint64_t prompt_tokens = 0;

    [[nodiscard]] bool xai() const { return request->flavour == Flavour::xai; }
    /// `rs`, `msg`, `fc`, `ctc`: an id for the item at that index.
    [[nodiscard]] std::string item_id(const std::string& prefix, std::size_t index) const;
};

/// The items that the model put out, finished.
[[nodiscard]] Json response_output(const ResponseAnswer& answer, const Plan& plan);
/// `completed` or `incomplete`.
[[nodiscard]] std::string final_status(const Plan& plan);
[[nodiscard]] Json response_json(const ResponseAnswer& answer, const std::string& status, Json output, const Plan* plan);
[[nodiscard]] std::vector<std::string> response_events(const ResponseAnswer& answer, const Plan& plan, std::size_t pieces);
/// What breaks a stream off behind that many events: `error` and `response.failed`.
[[nodiscard]] std::string response_error_events(const ResponseAnswer& answer, std::size_t events_before);

/// Where a response, and an item of it, is kept.
[[nodiscard]] std::string response_key(Flavour flavour, const std::string& id);
[[nodiscard]] std::string item_key(Flavour flavour, const std::string& id);
/// Keeps the response, its items and the conversation behind it.
void keep_response(const Call& call, const ResponseAnswer& answer, const Json& response);

/// `GET`, `DELETE`, `cancel`, `input_items` of a kept response. `rest` is the path behind `/v1/responses/`.
[[nodiscard]] SimulatedReply kept_response_reply(const Call& call, const ChatProvider& provider, const std::string& rest);
/// Everything below `/v1/responses`, for a call whose credential was right.
[[nodiscard]] SimulatedReply responses_reply(const Call& call, const ChatProvider& provider);

}  // namespace smg::simulator
