#include "simulator/openai_more.hpp"

#include <bit>

#include "http/sse.hpp"
#include "simulator/openai_shared.hpp"
#include "simulator/text.hpp"

namespace smg::simulator {
namespace {

Shape embeddings_shape() {
    const auto input = Shape::either({Shape::text(), Shape::list(Shape::either({Shape::text(), Shape::whole(), Shape::list(Shape::whole(), 1)}), 1)});
    return Shape::object({need("model", Shape::text()), need("input", input), may("dimensions", Shape::whole(1)),
                          may("encoding_format", Shape::words({"float", "base64"})), may("user", Shape::text())});
}

Shape completions_shape() {
    const auto texts = Shape::either({Shape::text(), Shape::list(Shape::text(), 1)});
    return Shape::object({need("model", Shape::text()), need("prompt", texts), may_null("max_tokens", Shape::whole(0)),
                          may_null("temperature", Shape::number(0, 2)), may_null("top_p", Shape::number(0, 1)), may_null("n", Shape::whole(1, 1)),
                          may_null("stream", Shape::flag()), may_null("stream_options", Shape::free_object()),
                          may_null("logprobs", Shape::whole(0, 5)), may_null("echo", Shape::flag()), may_null("stop", texts),
                          may_null("presence_penalty", Shape::number(-2, 2)), may_null("frequency_penalty", Shape::number(-2, 2)),
                          may_null("best_of", Shape::whole(1, 20)), may_null("logit_bias", Shape::free_object()), may_null("seed", Shape::whole()),
                          may_null("suffix", Shape::text()), may_null("user", Shape::text())});
}

Json embedding_json(const std::vector<double>& vector, bool base64) {
    if (!base64) return vector;
    std::string bytes;
    for (const double value : vector) {
        const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(value));
        for (unsigned shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(bits >> shift & 0xFFU);
    }
    return base64_encode(bytes);
}

/// The texts to embed; a list of tokens is one text.
std::vector<std::string> inputs_of(const Json& input) {
    if (input.is_string()) return {input.get<std::string>()};
    if (!input.empty() && input[0].is_number()) return {dump(input)};
    std::vector<std::string> texts;
    for (const auto& each : input) texts.push_back(each.is_string() ? each.get<std::string>() : dump(each));
    return texts;
}

/// One answer of the old completions, with a choice for each prompt.
struct Completion {
    const Call& call;
    std::string model;
    std::vector<Plan> plans;
    std::uint64_t prompt_tokens;
    std::uint64_t answer_tokens;

    void add(const std::string& text, const Json& body) {
        Prompt prompt;
        prompt.provider = "OpenAI";
        prompt.user_text = text;
        prompt.prompt_tokens = tokens_of(text);
        prompt.max_tokens = has(body, "max_tokens") ? body["max_tokens"].get<std::uint64_t>() : 16;
        prompt.steering = parse_steering(text);
        plans.push_back(make_plan(prompt));
        if (flag_member(body, "echo")) plans.back().text = text + plans.back().text;
        prompt_tokens += prompt.prompt_tokens;
        answer_tokens += plans.back().answer_tokens;
    }
    [[nodiscard]] Json part(Json choices) const {
        return {{"id", "cmpl-" + made_up(call.seed("completion"), 29)},
                {"object", "text_completion"},
                {"created", 1764000000},
                {"model", model},
                {"choices", std::move(choices)}};
    }
    [[nodiscard]] static Json choice(std::size_t index, const std::string& text, const Json& finish) {
        return {{"text", text}, {"index", index}, {"logprobs", nullptr}, {"finish_reason", finish}};
    }
    [[nodiscard]] static Json finish_of(const Plan& plan) { return plan.stop == Stop::length ? "length" : "stop"; }
    [[nodiscard]] Json usage() const {
        return {{"prompt_tokens", prompt_tokens}, {"completion_tokens", answer_tokens}, {"total_tokens", prompt_tokens + answer_tokens}};
    }
    [[nodiscard]] Json whole() const {
        Json choices = Json::array();
        for (const auto& plan : plans) choices.push_back(choice(choices.size(), plan.text, finish_of(plan)));
        auto answer = part(std::move(choices));
        answer["usage"] = usage();
        return answer;
    }
    [[nodiscard]] std::vector<std::string> events(std::size_t pieces, bool include_usage) const {
        std::vector<std::string> events;
        const auto push = [&](const Json& data) { http::append_sse_event(events.emplace_back(), {}, dump(data)); };
        for (std::size_t i = 0; i < plans.size(); ++i) {
            for (const auto& piece : cut_text(plans[i].text, pieces)) push(part(Json::array({choice(i, piece, nullptr)})));
            push(part(Json::array({choice(i, "", finish_of(plans[i]))})));
        }
        if (!include_usage) return events;
        auto last = part(Json::array());
        last["usage"] = usage();
        push(last);
        return events;
    }
};

}  // namespace

std::optional<Refusal> read_openai_body(const Call& call, const Shape& shape, Json& body) {
    auto parsed = parse_json(call.request.body);
    if (!parsed || !parsed->is_object()) return Refusal{400, "We could not parse the JSON body of your request.", {}, {}};
    body = std::move(*parsed);
    const auto problems = shape.check(body);
    if (!problems.empty()) {
        // The embeddings have words of their own for a number that is too small.
        const auto& first = problems.front();
        if (first.fault == Fault::too_small && bracketed(first.path) == "dimensions")
            return Refusal{400, first.got + " is less than the minimum of " + first.expected + " - 'dimensions'", {}, {}};
        return refusal_of(first);
    }
    const auto id = text_member(body, "model");
    if (has(body, "model") && find_model("openai", id) == nullptr)
        return Refusal{404, "The model `" + id + "` does not exist or you do not have access to it.", {}, "model_not_found"};
    return std::nullopt;
}

SimulatedReply embeddings_reply(const Call& call, const ChatProvider& voice) {
    static const auto shape = embeddings_shape();
    Json body;
    if (auto refusal = read_openai_body(call, shape, body)) return voice.refuse(call, *refusal);
    const auto& model = *find_model("openai", text_member(body, "model"));
    if (!model.embeds) return voice.refuse(call, {403, "You are not allowed to generate embeddings from this model", {}, {}});
    const std::size_t full = model.id == "text-embedding-3-large" ? 3072 : 1536;
    const auto& wanted = member(body, "dimensions");
    const auto dimensions = wanted.is_number() ? wanted.get<std::size_t>() : full;
    if (dimensions > full)
        return voice.refuse(
            call,
            {400, "Invalid value for 'dimensions' = " + wanted.dump() + ". Must be less than or equal to " + std::to_string(full) + ".", {}, {}});
    const auto texts = inputs_of(body["input"]);
    if (texts.size() > 2048)
        return voice.refuse(call, {400,
                                   "Invalid 'input': array too long. Expected an array with maximum length 2048, but got an array with length " +
                                       std::to_string(texts.size()) + " instead.",
                                   "input", "array_above_max_length"});
    if (auto away = steered_away(call, voice, parse_steering(texts.front()), false)) return *away;
    Json data = Json::array();
    std::uint64_t tokens = 0;
    for (const auto& text : texts) {
        if (text.empty()) return voice.refuse(call, {400, "Invalid 'input': input cannot be an empty string.", "input", {}});
        tokens += tokens_of(text);
        data.push_back({{"object", "embedding"},
                        {"index", data.size()},
                        {"embedding", embedding_json(unit_vector_of(text, dimensions), text_member(body, "encoding_format") == "base64")}});
    }
    const Json answer{
        {"object", "list"}, {"data", std::move(data)}, {"model", model.id}, {"usage", {{"prompt_tokens", tokens}, {"total_tokens", tokens}}}};
    return whole_reply(call, 200, voice.head(call, "application/json"), dump(answer));
}

SimulatedReply completions_reply(const Call& call, const ChatProvider& voice) {
    static const auto shape = completions_shape();
    Json body;
    if (auto refusal = read_openai_body(call, shape, body)) return voice.refuse(call, *refusal);
    const auto& model = *find_model("openai", text_member(body, "model"));
    if (model.id.find("instruct") == std::string::npos)
        return voice.refuse(
            call,
            {404, "This is a chat model and not supported in the v1/completions endpoint. Did you mean to use v1/chat/completions?", "model", {}});
    std::vector<std::string> texts;
    if (body["prompt"].is_string()) texts.push_back(body["prompt"].get<std::string>());
    if (body["prompt"].is_array()) texts = body["prompt"].get<std::vector<std::string>>();
    const auto steering = parse_steering(texts.front());
    const bool stream = flag_member(body, "stream");
    if (auto away = steered_away(call, voice, steering, stream)) return *away;
    Completion completion{call, model.id, {}, 0, 0};
    for (const auto& text : texts) completion.add(text, body);
    if (!stream) return whole_reply(call, 200, voice.head(call, "application/json"), dump(completion.whole()), steering);
    const bool include_usage = flag_member(member(body, "stream_options"), "include_usage");
    return streamed_reply(call, voice.head(call, "text/event-stream; charset=utf-8"), completion.events(pieces_of(call, steering), include_usage),
                          voice.error_event(), "data: [DONE]\n\n", steering);
}

}  // namespace smg::simulator
