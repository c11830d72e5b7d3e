#include "codec/gemini/usage.hpp"

#include <algorithm>
#include <charconv>

#include "base/ascii.hpp"
#include "codec/gemini/fields.hpp"

namespace smg::codec::google {
namespace {

/// Counts are int32 and come as numbers; proto JSON would allow strings too.
std::optional<std::uint64_t> count(JsonNode metadata, std::string_view name) {
    const auto node = member(metadata, name);
    if (const auto value = node.integer(); value && *value >= 0) return static_cast<std::uint64_t>(*value);
    std::uint64_t value = 0;
    const auto text = node.text();
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    return code == std::errc() && end != text.data() ? std::optional(value) : std::nullopt;
}

std::optional<std::uint64_t> sum(std::optional<std::uint64_t> a, std::optional<std::uint64_t> b) {
    if (!a && !b) return std::nullopt;
    return a.value_or(0) + b.value_or(0);
}

}  // namespace

Usage read_usage(JsonNode metadata) {
    Usage usage;
    usage.input = sum(count(metadata, "promptTokenCount"), count(metadata, "toolUsePromptTokenCount"));
    usage.reasoning = count(metadata, "thoughtsTokenCount");
    usage.output = sum(count(metadata, "candidatesTokenCount"), usage.reasoning);
    usage.cached = count(metadata, "cachedContentTokenCount");
    usage.total = count(metadata, "totalTokenCount");
    // A blocked prompt and the first chunks of a stream have no candidates to count.
    if (!usage.output && usage.input && usage.total && *usage.total >= *usage.input) usage.output = *usage.total - *usage.input;
    return usage;
}

void write_usage(JsonWriter& json, const Usage& usage, const RawJson& native) {
    if (!native.empty()) {
        json.raw(native);
        return;
    }
    const auto input = usage.input.value_or(0), output = usage.output.value_or(0);
    const auto thoughts = std::min(usage.reasoning.value_or(0), output);
    json.begin_object().number_member("promptTokenCount", input).number_member("candidatesTokenCount", output - thoughts);
    json.number_member("totalTokenCount", usage.total.value_or(input + output));
    if (usage.cached) json.number_member("cachedContentTokenCount", *usage.cached);
    if (usage.reasoning) json.number_member("thoughtsTokenCount", thoughts);
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

std::string read_tier(JsonNode metadata) {
    auto tier = ascii_lower(member(metadata, "serviceTier").text());
    return tier == "standard" ? "default" : tier;
}

}  // namespace smg::codec::google
