#include "simulator/gemini_content.hpp"
#include "simulator/signature.hpp"
#include "simulator/text.hpp"

namespace smg::simulator {
namespace {

std::string finish_reason_of(const Plan& plan) {
    if (plan.stop == Stop::length) return "MAX_TOKENS";
    return plan.stop == Stop::refusal ? "SAFETY" : "STOP";
}

Json usage_of(const ContentAnswer& answer, const Plan& plan, bool whole) {
    const auto answered = whole ? plan.answer_tokens : plan.answer_tokens / 2;
    Json usage{{"promptTokenCount", answer.prompt_tokens}};
    if (answered > 0) usage["candidatesTokenCount"] = answered;
    usage["totalTokenCount"] = answer.prompt_tokens + answered + plan.reasoning_tokens;
    if (plan.cached_tokens > 0) usage["cachedContentTokenCount"] = plan.cached_tokens;
    usage["promptTokensDetails"] = Json::array({Json{{"modality", "TEXT"}, {"tokenCount", answer.prompt_tokens}}});
    if (plan.reasoning_tokens > 0) usage["thoughtsTokenCount"] = plan.reasoning_tokens;
    return usage;
}

Json chunk_of(const ContentAnswer& answer, const Plan& plan, Json parts, bool last) {
    Json candidate{{"content", {{"parts", std::move(parts)}, {"role", "model"}}}};
    if (last) candidate["finishReason"] = finish_reason_of(plan);
    candidate["index"] = 0;
    return {{"candidates", Json::array({std::move(candidate)})},
            {"usageMetadata", usage_of(answer, plan, last)},
            {"modelVersion", answer.model},
            {"responseId", answer.id}};
}

Json call_part(const ContentAnswer& answer, const Plan& plan, std::size_t index) {
    Json call{{"name", plan.calls[index].name}, {"args", plan.calls[index].arguments}};
    if (answer.signs_calls) call["id"] = made_up(hash_of("call", answer.seed + index), 8);
    Json part{{"functionCall", std::move(call)}};
    // Of parallel calls the first alone is signed.
    if (index == 0 && !plan.reasoning.empty()) part["thoughtSignature"] = issue_signature(gemini_issuer, plan.calls[index].name);
    return part;
}

Json text_part(const std::string& text) { return {{"text", text}}; }

Json thought_part(const std::string& text) { return {{"text", text}, {"thought", true}}; }

}  // namespace

Json content_json(const ContentAnswer& answer, const Plan& plan) {
    Json parts = Json::array();
    if (answer.shows_thoughts && !plan.reasoning.empty()) parts.push_back(thought_part(plan.reasoning));
    if (!plan.text.empty()) {
        parts.push_back(text_part(plan.text));
        if (answer.signs_calls && !plan.reasoning.empty()) parts.back()["thoughtSignature"] = issue_signature(gemini_issuer, plan.text);
    }
    for (std::size_t i = 0; i < plan.calls.size(); ++i) parts.push_back(call_part(answer, plan, i));
    return chunk_of(answer, plan, std::move(parts), true);
}

std::vector<Json> content_chunks(const ContentAnswer& answer, const Plan& plan, std::size_t pieces) {
    std::vector<Json> parts;
    if (answer.shows_thoughts)
        for (const auto& piece : cut_text(plan.reasoning, pieces)) parts.push_back(thought_part(piece));
    for (const auto& piece : cut_text(plan.text, pieces)) parts.push_back(text_part(piece));
    for (std::size_t i = 0; i < plan.calls.size(); ++i) parts.push_back(call_part(answer, plan, i));
    if (answer.signs_calls && plan.calls.empty() && !plan.reasoning.empty()) {
        // The last part of a text answer is empty and signed.
        parts.push_back(text_part(""));
        parts.back()["thoughtSignature"] = issue_signature(gemini_issuer, plan.text);
    }
    if (parts.empty()) parts.push_back(text_part(""));
    std::vector<Json> chunks;
    for (std::size_t i = 0; i < parts.size(); ++i) chunks.push_back(chunk_of(answer, plan, Json::array({parts[i]}), i + 1 == parts.size()));
    return chunks;
}

}  // namespace smg::simulator
