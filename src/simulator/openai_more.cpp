#include "simulator/openai_more.hpp"

#include <bit>
#include <cmath>

#include "http/sse.hpp"
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

std::vector<float> vector_of(const std::string& text, std::size_t dimensions) {
    std::vector<float> vector(dimensions);
    const auto seed = hash_of(text);
    double sum = 0;
    for (std::size_t i = 0; i < dimensions; ++i) {
        const auto value = static_cast<double>(hash_of("d", seed + i) % 2001) / 1000.0 - 1.0;
        vector[i] = static_cast<float>(value);
        sum += value * value;
    }
    const auto length = sum > 0 ? std::sqrt(sum) : 1;
    for (auto& value : vector) value = static_cast<float>(value / length);
    return vector;
}

Json embedding_json(const std::vector<float>& vector, bool base64) {
    if (!base64) return vector;
    std::string bytes;
    for (const float value : vector) {
        const auto bits = std::bit_cast<std::uint32_t>(value);
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

/// The body, or the refusal that it deserves.
std::optional<Refusal> read_body(const Call& call, const Shape& shape, Json& body) {
    auto parsed = parse_json(call.request.body);
    if (!parsed || !parsed->is_object()) return Refusal{400, "We could not parse the JSON body of your request.", {}, {}};
    body = std::move(*parsed);
    const auto problems = shape.check(body);
    if (!problems.empty()) return refusal_of(problems.front());
    const auto id = text_member(body, "model");
    if (find_model("openai", id) == nullptr)
        return Refusal{404, "The model `" + id + "` does not exist or you do not have access to it.", {}, "model_not_found"};
    return std::nullopt;
}

}  // namespace

SimulatedReply embeddings_reply(const Call& call, const OpenaiVoice& voice) {
    static const auto shape = embeddings_shape();
    Json body;
    if (auto refusal = read_body(call, shape, body)) return voice.refuse(call, *refusal);
    const auto& model = *find_model("openai", text_member(body, "model"));
    if (!model.embeds) return voice.refuse(call, {403, "You are not allowed to generate embeddings from this model", {}, {}});
    const std::size_t full = model.id == "text-embedding-3-large" ? 3072 : 1536;
    const auto& wanted = member(body, "dimensions");
    const auto dimensions = wanted.is_number() ? wanted.get<std::size_t>() : full;
    if (dimensions > full)
        return voice.refuse(
            call,
            {400, "Invalid value for 'dimensions' = " + wanted.dump() + ". Must be less than or equal to " + std::to_string(full) + ".", {}, {}});
    Json data = Json::array();
    std::uint64_t tokens = 0;
    for (const auto& text : inputs_of(body["input"])) {
        if (text.empty()) return voice.refuse(call, {400, "Invalid 'input': input cannot be an empty string.", "input", {}});
        tokens += tokens_of(text);
        data.push_back({{"object", "embedding"},
                        {"index", data.size()},
                        {"embedding", embedding_json(vector_of(text, dimensions), text_member(body, "encoding_format") == "base64")}});
    }
    const Json answer{
        {"object", "list"}, {"data", std::move(data)}, {"model", model.id}, {"usage", {{"prompt_tokens", tokens}, {"total_tokens", tokens}}}};
    return whole_reply(call, 200, voice.head(call, "application/json"), dump(answer));
}

SimulatedReply completions_reply(const Call& call, const OpenaiVoice& voice) {
    static const auto shape = completions_shape();
    Json body;
    if (auto refusal = read_body(call, shape, body)) return voice.refuse(call, *refusal);
    const auto& model = *find_model("openai", text_member(body, "model"));
    if (model.id.find("instruct") == std::string::npos)
        return voice.refuse(
            call,
            {404, "This is a chat model and not supported in the v1/completions endpoint. Did you mean to use v1/chat/completions?", "model", {}});
    const auto& wanted = body["prompt"];
    Prompt prompt;
    prompt.provider = "OpenAI";
    prompt.user_text = wanted.is_string() ? wanted.get<std::string>() : wanted[0].get<std::string>();
    prompt.prompt_tokens = tokens_of(prompt.user_text);
    prompt.max_tokens = has(body, "max_tokens") ? body["max_tokens"].get<std::uint64_t>() : 16;
    prompt.steering = parse_steering(prompt.user_text);
    const auto plan = make_plan(prompt);
    const auto part = [&](const std::string& text, const Json& finish) {
        Json choice{{"text", text}, {"index", 0}, {"logprobs", nullptr}, {"finish_reason", finish}};
        return Json{{"id", "cmpl-" + made_up(call.seed("completion"), 29)},
                    {"object", "text_completion"},
                    {"created", 1764000000},
                    {"model", model.id},
                    {"choices", Json::array({choice})}};
    };
    const Json finish = plan.stop == Stop::length ? "length" : "stop";
    if (!flag_member(body, "stream")) {
        auto answer = part(plan.text, finish);
        answer["usage"] = {{"prompt_tokens", prompt.prompt_tokens},
                           {"completion_tokens", plan.answer_tokens},
                           {"total_tokens", prompt.prompt_tokens + plan.answer_tokens}};
        return whole_reply(call, 200, voice.head(call, "application/json"), dump(answer), prompt.steering);
    }
    std::vector<std::string> events;
    for (const auto& piece : cut_text(plan.text, pieces_of(call, prompt.steering)))
        http::append_sse_event(events.emplace_back(), {}, dump(part(piece, nullptr)));
    http::append_sse_event(events.emplace_back(), {}, dump(part("", finish)));
    return streamed_reply(call, voice.head(call, "text/event-stream; charset=utf-8"), std::move(events), {}, "data: [DONE]\n\n", prompt.steering);
}

}  // namespace smg::simulator
