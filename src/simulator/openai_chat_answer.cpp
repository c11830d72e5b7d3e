#include "http/sse.hpp"
#include "simulator/openai_chat.hpp"
#include "simulator/text.hpp"

namespace smg::simulator {
namespace {

std::string call_id(const ChatAnswer& answer, std::size_t index) {
    const auto seed = hash_of("call", answer.seed + index);
    // Grok's are short numbers.
    return "call_" + (answer.flavour == Flavour::xai ? std::to_string(10'000'000 + seed % 90'000'000) : made_up(seed, 24));
}

std::string arguments_of(const PlannedCall& call) { return call.custom ? call.arguments.get<std::string>() : dump(call.arguments); }

std::string finish_of(const ChatAnswer& answer, const Plan& plan) {
    switch (plan.stop) {
        case Stop::length: return "length";
        case Stop::refusal: return "content_filter";
        case Stop::tools: return answer.deprecated_functions ? "function_call" : "tool_calls";
        case Stop::end:
        case Stop::sequence: break;
    }
    return "stop";
}

Json usage_of(const ChatAnswer& answer, const Plan& plan) {
    const bool xai = answer.flavour == Flavour::xai;
    const auto answered = plan.answer_tokens * answer.choices;
    const auto reasoned = plan.reasoning_tokens * answer.choices;
    // xAI leaves reasoning out of completion_tokens and counts it in the total.
    Json usage{{"prompt_tokens", answer.prompt_tokens},
               {"completion_tokens", xai ? answered : answered + reasoned},
               {"total_tokens", answer.prompt_tokens + answered + reasoned}};
    Json prompt_details{{"cached_tokens", plan.cached_tokens}, {"audio_tokens", 0}};
    if (xai)
        prompt_details = Json{{"text_tokens", answer.prompt_tokens}, {"audio_tokens", 0}, {"image_tokens", 0}, {"cached_tokens", plan.cached_tokens}};
    usage["prompt_tokens_details"] = std::move(prompt_details);
    usage["completion_tokens_details"] = {
        {"reasoning_tokens", reasoned}, {"audio_tokens", 0}, {"accepted_prediction_tokens", 0}, {"rejected_prediction_tokens", 0}};
    if (xai) {
        usage["num_sources_used"] = 0;
        usage["cost_in_usd_ticks"] = 2000 * answer.prompt_tokens + 5000 * (answered + reasoned);
    }
    return usage;
}

Json call_json(const ChatAnswer& answer, const PlannedCall& call, std::size_t index) {
    if (call.custom) return {{"id", call_id(answer, index)}, {"type", "custom"}, {"custom", {{"name", call.name}, {"input", arguments_of(call)}}}};
    return {{"id", call_id(answer, index)}, {"type", "function"}, {"function", {{"name", call.name}, {"arguments", arguments_of(call)}}}};
}

Json logprobs_of(const std::string& text) {
    Json tokens = Json::array();
    for (const auto& piece : cut_text(text, tokens_of(text))) {
        Json bytes = Json::array();
        for (const char c : piece) bytes.push_back(static_cast<unsigned char>(c));
        tokens.push_back({{"token", piece}, {"logprob", -0.25}, {"bytes", bytes}, {"top_logprobs", Json::array()}});
    }
    return {{"content", tokens}, {"refusal", nullptr}};
}

Json message_of(const ChatAnswer& answer, const Plan& plan) {
    const bool xai = answer.flavour == Flavour::xai;
    Json message{{"role", "assistant"}};
    message["content"] = plan.calls.empty() || xai ? Json(plan.text) : Json(nullptr);
    if (xai && !plan.reasoning.empty()) message["reasoning_content"] = plan.reasoning;
    if (answer.deprecated_functions && !plan.calls.empty()) {
        message["function_call"] = {{"name", plan.calls[0].name}, {"arguments", arguments_of(plan.calls[0])}};
    } else {
        for (std::size_t i = 0; i < plan.calls.size(); ++i) message["tool_calls"].push_back(call_json(answer, plan.calls[i], i));
    }
    message["refusal"] = nullptr;
    if (plan.stop == Stop::refusal && !xai) {
        message["content"] = nullptr;
        message["refusal"] = plan.text;
    }
    if (!xai) message["annotations"] = Json::array();
    return message;
}

/// Writes the chunks of one answer.
class Chunks {
public:
    Chunks(const ChatAnswer& answer, bool include_usage) : answer_(answer), include_usage_(include_usage) {}

    void delta(std::size_t choice, Json delta, const Json& finish = nullptr, const Json& logprobs = nullptr) {
        Json entry{{"index", choice}, {"delta", std::move(delta)}};
        if (!xai() || !finish.is_null()) entry["finish_reason"] = finish;  // Grok leaves it out until the end
        if (answer_.logprobs) entry["logprobs"] = logprobs;
        auto chunk = envelope();
        chunk["choices"] = Json::array({std::move(entry)});
        if (include_usage_ && !xai()) chunk["usage"] = nullptr;
        push(std::move(chunk));
    }
    void usage(const Plan& plan) {
        auto chunk = envelope();
        chunk["choices"] = Json::array();
        chunk["usage"] = usage_of(answer_, plan);
        push(std::move(chunk));
    }
    [[nodiscard]] bool xai() const { return answer_.flavour == Flavour::xai; }
    [[nodiscard]] std::vector<std::string> take() { return std::move(events_); }

private:
    [[nodiscard]] Json envelope() const {
        Json chunk{{"id", answer_.id}, {"object", "chat.completion.chunk"}, {"created", answer_.created}, {"model", answer_.model}};
        if (!xai()) chunk["service_tier"] = answer_.service_tier;
        if (!xai()) chunk["system_fingerprint"] = answer_.fingerprint;
        return chunk;
    }
    void push(Json chunk) {
        if (xai()) {
            chunk["system_fingerprint"] = answer_.fingerprint;
        } else {
            // OpenAI pads each chunk, so that its length tells nothing of its text.
            chunk["obfuscation"] = made_up(answer_.seed + events_.size(), 4 + (answer_.seed + events_.size()) % 11);
        }
        std::string event;
        http::append_sse_event(event, {}, dump(chunk));
        events_.push_back(std::move(event));
    }

    const ChatAnswer& answer_;
    bool include_usage_;
    std::vector<std::string> events_;
};

void openai_call(Chunks& chunks, std::size_t choice, const ChatAnswer& answer, const Plan& plan, std::size_t index, std::size_t pieces) {
    const auto& call = plan.calls[index];
    const auto arguments = arguments_of(call);
    if (answer.deprecated_functions) {
        chunks.delta(choice, {{"function_call", {{"name", call.name}, {"arguments", ""}}}});
        for (const auto& piece : cut_text(arguments, pieces)) chunks.delta(choice, {{"function_call", {{"arguments", piece}}}});
        return;
    }
    const std::string kind = call.custom ? "custom" : "function";
    const std::string text = call.custom ? "input" : "arguments";
    Json start{{"index", index}, {"id", call_id(answer, index)}, {"type", kind}, {kind, {{"name", call.name}, {text, ""}}}};
    chunks.delta(choice, {{"tool_calls", Json::array({start})}});
    for (const auto& piece : cut_text(arguments, pieces)) {
        Json part{{"index", index}, {kind, {{text, piece}}}};
        chunks.delta(choice, {{"tool_calls", Json::array({part})}});
    }
}

void openai_choice(Chunks& chunks, std::size_t choice, const ChatAnswer& answer, const Plan& plan, std::size_t pieces) {
    Json first{{"role", "assistant"}, {"content", plan.calls.empty() ? Json("") : Json(nullptr)}, {"refusal", nullptr}};
    chunks.delta(choice, first);
    const auto* name = plan.stop == Stop::refusal ? "refusal" : "content";
    for (const auto& piece : cut_text(plan.text, pieces))
        chunks.delta(choice, {{name, piece}}, nullptr, answer.logprobs ? logprobs_of(piece) : Json());
    for (std::size_t i = 0; i < plan.calls.size(); ++i) openai_call(chunks, choice, answer, plan, i, pieces);
    chunks.delta(choice, Json::object(), finish_of(answer, plan));
}

/// Grok's role comes with the first piece, and its calls whole.
void xai_choice(Chunks& chunks, std::size_t choice, const ChatAnswer& answer, const Plan& plan, std::size_t pieces) {
    bool first = true;
    const auto delta = [&](Json members) {
        if (first) members["role"] = "assistant";
        first = false;
        chunks.delta(choice, std::move(members));
    };
    for (const auto& piece : cut_text(plan.reasoning, pieces)) delta({{"reasoning_content", piece}});
    for (const auto& piece : cut_text(plan.text, pieces)) delta({{"content", piece}});
    for (std::size_t i = 0; i < plan.calls.size(); ++i) {
        auto call = call_json(answer, plan.calls[i], i);
        call["index"] = i;
        delta({{"tool_calls", Json::array({call})}});
    }
    chunks.delta(choice, Json::object(), finish_of(answer, plan));
}

}  // namespace

Json chat_completion(const ChatAnswer& answer, const Plan& plan) {
    Json body{{"id", answer.id}, {"object", "chat.completion"}, {"created", answer.created}, {"model", answer.model}};
    for (std::size_t i = 0; i < answer.choices; ++i) {
        Json choice{{"index", i}, {"message", message_of(answer, plan)}};
        if (answer.flavour == Flavour::openai) choice["logprobs"] = answer.logprobs ? logprobs_of(plan.text) : Json();
        choice["finish_reason"] = finish_of(answer, plan);
        body["choices"].push_back(std::move(choice));
    }
    body["usage"] = usage_of(answer, plan);
    if (answer.flavour == Flavour::openai) body["service_tier"] = answer.service_tier;
    body["system_fingerprint"] = answer.fingerprint;
    return body;
}

std::vector<std::string> chat_chunks(const ChatAnswer& answer, const Plan& plan, std::size_t pieces, bool include_usage) {
    Chunks chunks(answer, include_usage);
    for (std::size_t i = 0; i < answer.choices; ++i) {
        if (chunks.xai()) {
            xai_choice(chunks, i, answer, plan, pieces);
        } else {
            openai_choice(chunks, i, answer, plan, pieces);
        }
    }
    if (include_usage) chunks.usage(plan);
    return chunks.take();
}

}  // namespace smg::simulator
