#include "gateway/token_count.hpp"

#include <cmath>
#include <variant>
#include <vector>

#include "codec/json_tree.hpp"
#include "codec/json_writer.hpp"
#include "gateway/request_scan.hpp"

namespace smg::gateway {
namespace {

using providers::ApiFormat;

/// English and code in the tokenizers of the four providers: between 3.3 and 4.2 bytes a token.
constexpr double bytes_a_token = 3.6;
/// Of the order that all four charge for a picture of a megapixel.
constexpr std::uint64_t tokens_an_image = 1300;
/// What a turn's own framing costs.
constexpr std::uint64_t tokens_a_turn = 4;

/// Members that steer the answer and do not enter the prompt; the counting endpoints refuse them.
const std::vector<std::string_view>& uncounted(ApiFormat format) {
    static const std::vector<std::string_view> messages = {"max_tokens", "stream", "metadata",     "stop_sequences", "temperature",
                                                           "top_p",      "top_k",  "service_tier", "inference_geo"};
    static const std::vector<std::string_view> responses = {"max_output_tokens",
                                                            "stream",
                                                            "stream_options",
                                                            "store",
                                                            "include",
                                                            "temperature",
                                                            "top_p",
                                                            "top_logprobs",
                                                            "metadata",
                                                            "user",
                                                            "safety_identifier",
                                                            "prompt_cache_key",
                                                            "prompt_cache_retention",
                                                            "prompt_cache_options",
                                                            "service_tier",
                                                            "background",
                                                            "max_tool_calls"};
    return format == ApiFormat::anthropic_messages ? messages : responses;
}

struct Weight {
    std::size_t bytes = 0;
    std::uint64_t tokens = 0;

    void operator()(const codec::TextPart& part) { bytes += part.text.size(); }
    void operator()(const codec::MediaPart& part) {
        if (part.source == codec::MediaPart::Source::text) {
            bytes += part.data.size();
        } else {
            tokens += tokens_an_image;
        }
    }
    void operator()(const codec::ReasoningPart& part) { bytes += part.text.size(); }
    void operator()(const codec::ToolCallPart& part) { bytes += part.name.size() + part.arguments.size(); }
    void operator()(const codec::ToolResultPart& part) {
        for (const auto& each : part.content) std::visit(*this, each);
        bytes += part.structured.size();
    }
    void operator()(const codec::OpaquePart& part) { bytes += part.json.size(); }
};

}  // namespace

ApiFormat counting_format(const providers::Provider& provider) noexcept {
    return provider.format == ApiFormat::openai_chat ? ApiFormat::openai_responses : provider.format;
}

std::string count_request(ApiFormat format, std::string_view generation_body, std::string_view model) {
    if (format == ApiFormat::gemini) {
        // Only the wrapped form counts the system instruction and the tools (ai.google.dev/api/tokens).
        std::string wrapped;
        codec::JsonWriter json(wrapped);
        json.begin_object().key("generateContentRequest").begin_object().member("model", "models/" + std::string(model));
        codec::JsonTree tree;
        if (const auto root = tree.parse(generation_body))
            for (const codec::JsonNode member : *root)
                if (member.name() != "model") json.raw_member(member.name(), member.raw());
        json.end_object().end_object();
        return wrapped;
    }
    const auto scan = scan_request(generation_body);
    if (!scan) return std::string(generation_body);
    return apply_splices(generation_body, remove_members(*scan, uncounted(format)));
}

std::optional<std::uint64_t> read_count(ApiFormat format, std::string_view body) {
    codec::JsonTree tree;
    const auto root = tree.parse(body);
    if (!root) return std::nullopt;
    const auto count = (*root)[format == ApiFormat::gemini ? "totalTokens" : "input_tokens"].integer();
    if (!count || *count < 0) return std::nullopt;
    return static_cast<std::uint64_t>(*count);
}

std::string write_count(ApiFormat format, std::uint64_t tokens) {
    std::string body;
    codec::JsonWriter json(body);
    json.begin_object();
    if (format == ApiFormat::openai_responses) json.member("object", "response.input_tokens");
    json.number_member(format == ApiFormat::gemini ? "totalTokens" : "input_tokens", tokens).end_object();
    return body;
}

std::uint64_t estimate_tokens(const codec::Conversation& conversation) {
    Weight weight;
    for (const auto& turn : conversation.turns) {
        weight.tokens += tokens_a_turn;
        for (const auto& part : turn.parts) std::visit(weight, part);
    }
    for (const auto& tool : conversation.tools)
        weight.bytes += tool.name.size() + tool.description.size() + tool.parameters.size() + tool.opaque.size();
    return std::max<std::uint64_t>(1, weight.tokens + static_cast<std::uint64_t>(std::ceil(static_cast<double>(weight.bytes) / bytes_a_token)));
}

}  // namespace smg::gateway
