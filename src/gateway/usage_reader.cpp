#include "gateway/usage_reader.hpp"

#include <cstring>
#include <variant>

#include "codec/anthropic_messages/words.hpp"
#include "codec/gemini/usage.hpp"
#include "codec/json_tree.hpp"
#include "codec/openai_chat/usage.hpp"
#include "codec/openai_responses/usage.hpp"

namespace smg::gateway {
namespace {

std::string_view member_name(providers::ApiFormat format) noexcept {
    return format == providers::ApiFormat::gemini ? R"("usageMetadata")" : R"("usage")";
}

codec::Usage read_usage(providers::ApiFormat format, codec::JsonNode object) {
    switch (format) {
        case providers::ApiFormat::anthropic_messages: {
            codec::messages::Counters counters;
            counters.take(object);
            return counters.usage();
        }
        case providers::ApiFormat::gemini: return codec::google::read_usage(object);
        case providers::ApiFormat::openai_responses: return codec::responses::read_usage(object);
        case providers::ApiFormat::openai_chat: break;
    }
    // Images and transcriptions are counted as Responses are.
    return object["input_tokens"].present() && !object["prompt_tokens"].present() ? codec::responses::read_usage(object)
                                                                                 : codec::chat::read_usage(object);
}

/// Text from the value of the last member `name` on that stands `level` brackets deep, counted from the end; empty when there is none. Only what is
/// no string counts, so nothing that a caller or a model wrote is taken for it. `text` ends outside of a string, and may begin anywhere.
std::string_view value_from_end(std::string_view text, std::string_view name, int level) noexcept {
    const auto is_escaped = [text](std::size_t quote) {
        std::size_t backslashes = 0;
        while (backslashes < quote && text[quote - 1 - backslashes] == '\\') ++backslashes;
        return backslashes % 2 == 1;
    };
    int depth = 0;
    for (auto at = text.size(); at-- > 0;) {
        if (text[at] == '}' || text[at] == ']') ++depth;
        if (text[at] == '{' || text[at] == '[') --depth;
        if (text[at] != '"') continue;
        const auto end = at;
        do at = at == 0 ? std::string_view::npos : text.rfind('"', at - 1);
        while (at != std::string_view::npos && is_escaped(at));
        if (at == std::string_view::npos) return {};
        if (depth != level || text.substr(at + 1, end - at - 1) != name) continue;
        const auto rest = skip_space(text.substr(end + 1));
        if (rest.starts_with(':')) return skip_space(rest.substr(1));
    }
    return {};
}

template <typename T>
void replace(std::optional<T>& target, const std::optional<T>& source) {
    if (source) target = source;
}

}  // namespace

void merge_usage(codec::Usage& usage, const codec::Usage& update) {
    replace(usage.input, update.input);
    replace(usage.output, update.output);
    replace(usage.cached, update.cached);
    replace(usage.cache_write, update.cache_write);
    replace(usage.reasoning, update.reasoning);
    replace(usage.total, update.total);
    replace(usage.cache_write_1h, update.cache_write_1h);
    replace(usage.cost, update.cost);
}

void UsageReader::take_event(std::string_view name, std::string_view data) {
    if (!decoder_) decoder_ = providers::codec_of(format_).stream_decoder(codec::RequestMemo());
    events_.clear();
    decoder_->on_event(name, data, events_);
    for (const auto& event : events_)
        if (const auto* update = std::get_if<codec::event::UsageUpdate>(&event)) {
            merge_usage(usage_, update->usage);
            take_charges(charges_, update->native);
        }
}

void UsageReader::take_counts(std::string_view object) {
    thread_local codec::JsonTree tree;  // its parser is kept: making one costs more than the few numbers
    const auto parsed = tree.parse(object);
    if (!parsed || !parsed->is_object()) return;
    merge_usage(usage_, read_usage(format_, *parsed));
    take_charges(charges_, *parsed);
}

void UsageReader::take_beside(std::string_view text, int level) {
    if (format_ != providers::ApiFormat::openai_chat && format_ != providers::ApiFormat::openai_responses) return;
    if (const auto tier = value_from_end(text, "service_tier", level); tier.starts_with('"'))
        take_service_tier(charges_, tier.substr(1, tier.find('"', 1) - 1));
    if (format_ != providers::ApiFormat::openai_responses) return;
    const auto object = balanced_object(value_from_end(text, "tool_usage", level));
    thread_local codec::JsonTree tree;
    const auto parsed = object.empty() ? Result<codec::JsonNode>() : tree.parse(object);
    if (!parsed) return;
    charges_.take_searches((*parsed)["web_search"]["num_requests"]);
}

void UsageReader::take_tail(std::string_view tail) {
    const auto name = member_name(format_);
    for (auto rest_of_tail = tail; !rest_of_tail.empty();) {
        // memrchr looks at many bytes at once, which a backward search for the whole name does not.
        const auto* const hit = static_cast<const char*>(::memrchr(rest_of_tail.data(), 'u', rest_of_tail.size()));
        if (hit == nullptr || hit == tail.data()) return;
        const auto at = static_cast<std::size_t>(hit - tail.data()) - 1;
        rest_of_tail = tail.substr(0, at);
        if (!tail.substr(at).starts_with(name)) continue;
        auto rest = skip_space(tail.substr(at + name.size()));
        if (!rest.starts_with(':')) continue;
        rest = skip_space(rest.substr(1));
        const auto object = rest.starts_with('{') ? balanced_object(rest) : std::string_view();
        if (object.empty()) continue;
        take_beside(tail, 1);
        return take_counts(object);
    }
}

telemetry::TokenCounts token_counts(const codec::Usage& usage, const Charges& charges, bool whole) {
    telemetry::TokenCounts counts;
    if (usage.any()) counts.basis = whole ? telemetry::UsageBasis::reported : telemetry::UsageBasis::partial;
    counts.input = usage.input;
    counts.output = usage.output;
    counts.cached = usage.cached;
    counts.cache_write = usage.cache_write;
    counts.reasoning = usage.reasoning;
    counts.cache_write_1h = usage.cache_write_1h;
    counts.media = charges.media;
    counts.web_searches = charges.web_searches;
    counts.service_tier = charges.service_tier;
    counts.stated_cost = usage.cost;
    return counts;
}

double estimated_tokens(std::size_t bytes) noexcept { return static_cast<double>(bytes) / 3.6; }

void estimate_missing(telemetry::TokenCounts& counts, std::size_t request_bytes, const OutputSeen& seen, const OutputSeen& counted) {
    if (!counts.input) {
        counts.input = static_cast<std::uint64_t>(estimated_tokens(request_bytes)) + 1;
        counts.basis = telemetry::UsageBasis::estimated;
    }
    const auto estimate = seen.tokens();
    const auto told = counts.output.value_or(0);  // none is no word: some write it until they know better
    const bool current = told > 0 && counted.tokens() * 2 >= estimate;
    if (counts.output && (current || told >= estimate)) return;
    counts.output = estimate;
    counts.stated_cost.reset();  // as old as the count
    counts.basis = telemetry::UsageBasis::estimated;
}

std::string_view skip_space(std::string_view text) noexcept {
    const auto at = text.find_first_not_of(" \t\r\n");
    return at == std::string_view::npos ? std::string_view() : text.substr(at);
}

std::string_view balanced_object(std::string_view text) noexcept {
    int depth = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            if (c == '\\') {
                ++i;
            } else if (c == '"') {
                in_string = false;
            }
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            ++depth;
        } else if ((c == '}' || c == ']') && --depth == 0) {
            return text.substr(0, i + 1);
        }
    }
    return {};
}

}  // namespace smg::gateway
