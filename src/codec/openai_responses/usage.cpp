#include "codec/openai_responses/usage.hpp"

#include "codec/openai_common/stated_cost.hpp"

namespace smg::codec::responses {
namespace {

std::optional<std::uint64_t> count(JsonNode node) {
    const auto value = node.integer();
    if (!value || *value < 0) return std::nullopt;
    return static_cast<std::uint64_t>(*value);
}

bool says_the_same(const RawJson& native, const Usage& usage) {
    JsonTree tree;
    const auto parsed = tree.parse(native);
    return parsed && (*parsed)["output_tokens_details"].is_object() && read_usage(*parsed) == usage;
}

}  // namespace

Usage read_usage(JsonNode node) {
    Usage usage;
    usage.input = count(node["input_tokens"]);
    usage.output = count(node["output_tokens"]);
    usage.total = count(node["total_tokens"]);
    usage.cached = count(node["input_tokens_details"]["cached_tokens"]);
    usage.cache_write = count(node["input_tokens_details"]["cache_write_tokens"]);
    usage.reasoning = count(node["output_tokens_details"]["reasoning_tokens"]);
    usage.cost = openai::stated_cost(node);
    return usage;
}

void write_usage(JsonWriter& json, const Usage& usage, const RawJson& native) {
    if (!native.empty() && says_the_same(native, usage)) {
        json.raw(native);
        return;
    }
    if (!usage.any()) {
        json.null();
        return;
    }
    const auto input = usage.input.value_or(0), output = usage.output.value_or(0);
    json.begin_object().number_member("input_tokens", input).key("input_tokens_details").begin_object();
    json.number_member("cached_tokens", usage.cached.value_or(0)).number_member("cache_write_tokens", usage.cache_write.value_or(0)).end_object();
    json.number_member("output_tokens", output).key("output_tokens_details").begin_object();
    json.number_member("reasoning_tokens", usage.reasoning.value_or(0)).end_object();
    json.number_member("total_tokens", usage.total.value_or(input + output)).end_object();
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

}  // namespace smg::codec::responses
