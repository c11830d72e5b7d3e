#include "http/sse.hpp"
#include "simulator/anthropic_messages.hpp"
#include "simulator/signature.hpp"
#include "simulator/text.hpp"

namespace smg::simulator {
namespace {

std::string stop_reason_of(const Plan& plan) {
    switch (plan.stop) {
        case Stop::tools: return "tool_use";
        case Stop::length: return "max_tokens";
        case Stop::sequence: return "stop_sequence";
        case Stop::refusal: return "refusal";
        case Stop::end: break;
    }
    return "end_turn";
}

Json stop_sequence_of(const Plan& plan) { return plan.stop == Stop::sequence ? Json(plan.stop_sequence) : Json(nullptr); }

Json usage_of(const MessageAnswer& answer, const Plan& plan, std::uint64_t output) {
    const auto cached = plan.cached_tokens;
    return {{"input_tokens", answer.prompt_tokens - std::min(answer.prompt_tokens, cached + answer.cache_written)},
            {"cache_creation_input_tokens", answer.cache_written},
            {"cache_read_input_tokens", cached},
            {"cache_creation",
             {{"ephemeral_5m_input_tokens", answer.short_cache ? answer.cache_written : 0},
              {"ephemeral_1h_input_tokens", answer.short_cache ? 0 : answer.cache_written}}},
            {"output_tokens", output},
            {"service_tier", "standard"}};
}

Json final_usage_of(const MessageAnswer& answer, const Plan& plan) {
    auto usage = usage_of(answer, plan, plan.answer_tokens + plan.reasoning_tokens);
    if (plan.reasoning_tokens > 0) usage["output_tokens_details"] = {{"thinking_tokens", plan.reasoning_tokens}};
    return usage;
}

Json thinking_block(const MessageAnswer& answer, const Plan& plan) {
    if (answer.redacted) return {{"type", "redacted_thinking"}, {"data", issue_signature(anthropic_issuer, redacted_text)}};
    const auto shown = answer.omit_thinking ? std::string() : plan.reasoning;
    return {{"type", "thinking"}, {"thinking", shown}, {"signature", issue_signature(anthropic_issuer, shown)}};
}

std::vector<Json> blocks_of(const MessageAnswer& answer, const Plan& plan) {
    std::vector<Json> blocks;
    if (!plan.reasoning.empty()) blocks.push_back(thinking_block(answer, plan));
    if (!plan.text.empty()) blocks.push_back({{"type", "text"}, {"text", plan.text}});
    for (std::size_t i = 0; i < plan.calls.size(); ++i)
        blocks.push_back({{"type", "tool_use"},
                          {"id", "toolu_" + made_up(hash_of("call", answer.seed + i), 24)},
                          {"name", plan.calls[i].name},
                          {"input", plan.calls[i].arguments}});
    return blocks;
}

std::string event_of(const Json& data) {
    std::string event;
    http::append_sse_event(event, text_member(data, "type"), dump(data));
    return event;
}

Json delta_of(std::size_t index, const char* type, const char* name, const std::string& text) {
    return {{"type", "content_block_delta"}, {"index", index}, {"delta", {{"type", type}, {name, text}}}};
}

void append_block(std::vector<std::string>& events, std::size_t index, const Json& block, std::size_t pieces) {
    const auto type = text_member(block, "type");
    auto start = block;
    if (type == "text") start["text"] = "";
    if (type == "thinking") start["thinking"] = start["signature"] = "";
    if (type == "tool_use") start["input"] = Json::object();
    events.push_back(event_of({{"type", "content_block_start"}, {"index", index}, {"content_block", start}}));
    if (type == "text")
        for (const auto& piece : cut_text(text_member(block, "text"), pieces))
            events.push_back(event_of(delta_of(index, "text_delta", "text", piece)));
    if (type == "thinking") {
        for (const auto& piece : cut_text(text_member(block, "thinking"), pieces))
            events.push_back(event_of(delta_of(index, "thinking_delta", "thinking", piece)));
        events.push_back(event_of(delta_of(index, "signature_delta", "signature", text_member(block, "signature"))));
    }
    if (type == "tool_use") {
        events.push_back(event_of(delta_of(index, "input_json_delta", "partial_json", "")));
        for (const auto& piece : cut_text(dump(block["input"]), pieces))
            events.push_back(event_of(delta_of(index, "input_json_delta", "partial_json", piece)));
    }
    events.push_back(event_of({{"type", "content_block_stop"}, {"index", index}}));
}

}  // namespace

Json message_json(const MessageAnswer& answer, const Plan& plan) {
    Json message{{"model", answer.model}, {"id", answer.id}, {"type", "message"}, {"role", "assistant"}};
    message["content"] = Json::array();
    for (auto& block : blocks_of(answer, plan)) message["content"].push_back(std::move(block));
    message["stop_reason"] = stop_reason_of(plan);
    message["stop_sequence"] = stop_sequence_of(plan);
    message["usage"] = final_usage_of(answer, plan);
    return message;
}

std::vector<std::string> message_events(const MessageAnswer& answer, const Plan& plan, std::size_t pieces) {
    std::vector<std::string> events;
    Json message{{"model", answer.model},    {"id", answer.id},        {"type", "message"},        {"role", "assistant"},
                 {"content", Json::array()}, {"stop_reason", nullptr}, {"stop_sequence", nullptr}, {"usage", usage_of(answer, plan, 1)}};
    events.push_back(event_of({{"type", "message_start"}, {"message", message}}));
    const auto blocks = blocks_of(answer, plan);
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        append_block(events, i, blocks[i], pieces);
        if (i == 0) events.insert(events.begin() + 2, "event: ping\ndata: {\"type\": \"ping\"}\n\n");
    }
    auto usage = final_usage_of(answer, plan);
    usage.erase("cache_creation");
    usage.erase("service_tier");
    events.push_back(event_of({{"type", "message_delta"},
                               {"delta", {{"stop_reason", stop_reason_of(plan)}, {"stop_sequence", stop_sequence_of(plan)}}},
                               {"usage", usage}}));
    return events;
}

}  // namespace smg::simulator
