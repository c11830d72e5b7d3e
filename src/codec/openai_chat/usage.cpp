#include "codec/openai_chat/usage.hpp"

#include "codec/openai_common/stated_cost.hpp"

namespace smg::codec::chat {
namespace {

std::optional<std::uint64_t> count(JsonNode node) {
    const auto value = node.integer();
    if (!value || *value < 0) return std::nullopt;
    return static_cast<std::uint64_t>(*value);
}

}  // namespace

Usage read_usage(JsonNode node) {
    Usage usage;
    usage.input = count(node["prompt_tokens"]);
    usage.output = count(node["completion_tokens"]);
    usage.total = count(node["total_tokens"]);
    const auto prompt = node["prompt_tokens_details"];
    usage.cached = count(prompt["cached_tokens"]);
    if (!usage.cached) usage.cached = count(node["prompt_cache_hit_tokens"]);  // DeepSeek
    if (!usage.cached) usage.cached = count(node["cached_tokens"]);            // Moonshot
    usage.cache_write = count(prompt["cache_write_tokens"]);
    usage.reasoning = count(node["completion_tokens_details"]["reasoning_tokens"]);
    usage.cost = openai::stated_cost(node);
    if (usage.input && usage.output && usage.total && usage.reasoning) {
        const auto sum = *usage.input + *usage.output;
        if (sum != *usage.total && sum + *usage.reasoning == *usage.total) *usage.output += *usage.reasoning;
    }
    return usage;
}

void write_usage(JsonWriter& json, const Usage& usage, const RawJson& native) {
    if (!native.empty()) {
        JsonTree tree;
        const auto parsed = tree.parse(native);
        if (parsed && count((*parsed)["completion_tokens"]) == usage.output && count((*parsed)["prompt_tokens"]) == usage.input) {
            json.raw(native);
            return;
        }
    }
    const auto input = usage.input.value_or(0), output = usage.output.value_or(0);
    json.begin_object().number_member("prompt_tokens", input).number_member("completion_tokens", output);
    json.number_member("total_tokens", usage.total.value_or(input + output));
    if (usage.cached || usage.cache_write) {
        json.key("prompt_tokens_details").begin_object().number_member("cached_tokens", usage.cached.value_or(0));
        if (usage.cache_write) json.number_member("cache_write_tokens", *usage.cache_write);
        json.end_object();
    }
    if (usage.reasoning) json.key("completion_tokens_details").begin_object().number_member("reasoning_tokens", *usage.reasoning).end_object();
    json.end_object();
}

void merge_usage(Usage& usage, const Usage& update) {
    const auto take = [](auto& into, const auto& from) {
        if (from) into = from;
    };
    take(usage.input, update.input);
    take(usage.output, update.output);
    take(usage.cached, update.cached);
    take(usage.cache_write, update.cache_write);
    take(usage.reasoning, update.reasoning);
    take(usage.total, update.total);
    take(usage.cache_write_1h, update.cache_write_1h);
    take(usage.cost, update.cost);
}

}  // namespace smg::codec::chat
