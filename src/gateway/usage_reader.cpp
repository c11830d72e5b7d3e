#include "gateway/usage_reader.hpp"

#include <variant>

namespace smg::gateway {
namespace {

std::string_view member_name(providers::ApiFormat format) noexcept {
    return format == providers::ApiFormat::gemini ? R"("usageMetadata")" : R"("usage")";
}

std::string_view skip_space(std::string_view text) noexcept {
    const auto at = text.find_first_not_of(" \t\r\n");
    return at == std::string_view::npos ? std::string_view() : text.substr(at);
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
}

void UsageReader::take_event(std::string_view name, std::string_view data) {
    if (!decoder_) decoder_ = providers::codec_of(format_).stream_decoder(codec::RequestMemo());
    events_.clear();
    decoder_->on_event(name, data, events_);
    for (const auto& event : events_)
        if (const auto* update = std::get_if<codec::event::UsageUpdate>(&event)) merge_usage(usage_, update->usage);
}

void UsageReader::take_counts(std::string_view object) {
    std::string chunk;
    switch (format_) {
        case providers::ApiFormat::openai_chat: chunk = R"({"choices":[],"usage":)"; break;
        case providers::ApiFormat::anthropic_messages: chunk = R"({"type":"message_start","message":{"type":"message","usage":)"; break;
        case providers::ApiFormat::gemini: chunk = R"({"usageMetadata":)"; break;
    }
    const bool messages = format_ == providers::ApiFormat::anthropic_messages;
    chunk.append(object).append(messages ? "}}" : "}");
    take_event(messages ? "message_start" : "", chunk);
}

void UsageReader::take_tail(std::string_view tail) {
    const auto name = member_name(format_);
    for (auto at = tail.rfind(name); at != std::string_view::npos; at = at == 0 ? std::string_view::npos : tail.rfind(name, at - 1)) {
        auto rest = skip_space(tail.substr(at + name.size()));
        if (!rest.starts_with(':')) continue;
        rest = skip_space(rest.substr(1));
        const auto object = rest.starts_with('{') ? balanced_object(rest) : std::string_view();
        if (object.empty()) continue;
        return take_counts(object);
    }
}

telemetry::TokenCounts token_counts(const codec::Usage& usage, const providers::Provider& provider) {
    telemetry::TokenCounts counts;
    counts.input = usage.input;
    counts.output = usage.output;
    counts.cached = usage.cached;
    counts.cache_write = usage.cache_write;
    counts.reasoning = usage.reasoning;
    if (provider.quirks.usage_excludes_reasoning && counts.output && counts.reasoning) *counts.output += *counts.reasoning;
    return counts;
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
