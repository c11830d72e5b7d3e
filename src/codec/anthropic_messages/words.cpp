#include "codec/anthropic_messages/words.hpp"

namespace smg::codec::messages {
namespace {

constexpr std::pair<std::string_view, StopReason> stop_words[] = {
    {"end_turn", StopReason::stop},       {"stop_sequence", StopReason::stop_sequence},
    {"max_tokens", StopReason::length},   {"model_context_window_exceeded", StopReason::length},
    {"tool_use", StopReason::tool_calls}, {"pause_turn", StopReason::pause},
    {"refusal", StopReason::refusal},
};

void take_counter(JsonNode usage, std::string_view name, std::optional<std::uint64_t>& out) {
    if (const auto value = usage[name].integer(); value && *value >= 0) out = static_cast<std::uint64_t>(*value);
}

}  // namespace

StopReason stop_reason_of(std::string_view word) {
    if (word.empty()) return StopReason::none;
    for (const auto& [name, reason] : stop_words)
        if (name == word) return reason;
    return StopReason::unknown;
}

std::string_view stop_word(StopReason reason, bool has_calls) {
    switch (reason) {
        case StopReason::length: return "max_tokens";
        case StopReason::content_filter:
        case StopReason::refusal: return "refusal";
        case StopReason::tool_calls: return "tool_use";
        case StopReason::pause: return "pause_turn";
        case StopReason::stop_sequence: return has_calls ? "tool_use" : "stop_sequence";
        case StopReason::none:
        case StopReason::stop:
        case StopReason::unknown: break;
    }
    return has_calls ? "tool_use" : "end_turn";
}

std::string tier_of(std::string_view word) { return word == "standard" || word == "batch" ? "default" : std::string(word); }

void Counters::take(JsonNode usage) {
    take_counter(usage, "input_tokens", input_);
    take_counter(usage, "output_tokens", output_);
    take_counter(usage, "cache_read_input_tokens", cache_read_);
    take_counter(usage, "cache_creation_input_tokens", cache_creation_);
    take_counter(usage["cache_creation"], "ephemeral_1h_input_tokens", cache_creation_1h_);
    take_counter(usage["output_tokens_details"], "thinking_tokens", thinking_);
    if (usage["service_tier"].is_string()) tier_ = tier_of(usage["service_tier"].text());
}

Usage Counters::usage() const {
    Usage usage;
    if (input_ || cache_read_ || cache_creation_) usage.input = input_.value_or(0) + cache_read_.value_or(0) + cache_creation_.value_or(0);
    usage.output = output_;
    usage.cached = cache_read_;
    usage.cache_write = cache_creation_;
    usage.cache_write_1h = cache_creation_1h_;
    usage.reasoning = thinking_;
    if (usage.input && usage.output) usage.total = *usage.input + *usage.output;
    return usage;
}

void write_usage(JsonWriter& json, const Usage& usage) {
    const auto cached = usage.cached.value_or(0);
    const auto written = usage.cache_write.value_or(0);
    const auto all = usage.input.value_or(0);
    json.begin_object().number_member("input_tokens", all > cached + written ? all - cached - written : 0);
    json.number_member("cache_creation_input_tokens", written).number_member("cache_read_input_tokens", cached);
    json.number_member("output_tokens", usage.output.value_or(0));
    if (usage.reasoning) json.key("output_tokens_details").begin_object().number_member("thinking_tokens", *usage.reasoning).end_object();
    json.end_object();
}

void AnswerTools::rename(ToolCallPart& call) const {
    if (is_custom(call.name)) call.kind = ToolCallPart::Kind::custom;
    if (const auto found = memo_.tool_names.find(call.name); found != memo_.tool_names.end()) call.name = found->second;
}

std::string AnswerTools::unwrapped(std::string_view arguments) {
    JsonTree tree;
    const auto parsed = tree.parse(arguments);
    if (parsed && (*parsed)["input"].is_string()) return std::string((*parsed)["input"].text());
    return std::string(arguments);
}

std::string message_id(std::string_view id, Origin origin, const ClientView& view) {
    if (origin == Origin::anthropic && !id.empty()) return std::string(id);
    if (id.empty()) id = view.request_id;
    for (const std::string_view prefix : {"chatcmpl-", "resp_", "req_", "req-"})
        if (id.starts_with(prefix)) id.remove_prefix(prefix.size());
    return id.starts_with("msg_") ? std::string(id) : "msg_" + std::string(id);
}

std::string input_of(const ToolCallPart& call, bool complete) {
    std::string out;
    JsonWriter json(out);
    if (call.kind == ToolCallPart::Kind::custom) {
        json.begin_object().member("input", call.arguments).end_object();
        return out;
    }
    if (call.arguments.find_first_not_of(" \t\r\n") == std::string::npos) return "{}";
    JsonTree tree;
    const auto parsed = tree.parse(call.arguments);
    if (parsed && parsed->is_object()) return std::string(parsed->raw());
    if (parsed)
        json.begin_object().raw_member("value", parsed->raw()).end_object();
    else if (complete)
        json.begin_object().member("_raw", call.arguments).end_object();
    else
        out = "{}";
    return out;
}

}  // namespace smg::codec::messages
