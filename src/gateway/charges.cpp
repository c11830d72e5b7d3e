#include "gateway/charges.hpp"

#include "base/ascii.hpp"

namespace smg::gateway {
namespace {

using codec::JsonNode;
using Count = std::optional<std::uint64_t>;

/// Absent for what is no count, and for 0, which some state of everything.
Count count(JsonNode node) noexcept {
    const auto value = node.integer();
    return value && *value > 0 ? Count(static_cast<std::uint64_t>(*value)) : std::nullopt;
}

void replace(Count& target, const Count& source) noexcept {
    if (source) target = source;
}

/// OpenAI's `prompt_tokens_details` (Chat), `input_tokens_details` (Responses, images), `input_token_details` (transcriptions), and those of outputs.
void take_details(telemetry::MediaTokens& media, JsonNode details) {
    const bool of_input = details.name().front() == 'p' || details.name().front() == 'i';
    for (const JsonNode each : details) {
        if (each.name() == "audio_tokens")
            replace(of_input ? media.audio_input : media.audio_output, count(each));
        else if (each.name() == "image_tokens")
            replace(of_input ? media.image_input : media.image_output, count(each));
        else if (each.name() == "cached_tokens_details")
            replace(media.audio_cached, count(each["audio_tokens"]));
    }
}

/// A list of Gemini's, `[{"modality": "AUDIO", "tokenCount": 12}, …]`.
void take_modalities(JsonNode list, Count* audio, Count* image) {
    for (const JsonNode each : list) {
        const auto modality = each["modality"].text();
        if (modality == "AUDIO" && audio != nullptr) replace(*audio, count(each["tokenCount"]));
        if (modality == "IMAGE" && image != nullptr) replace(*image, count(each["tokenCount"]));
    }
}

void take_list(telemetry::MediaTokens& media, JsonNode list) {
    if (list.name() == "promptTokensDetails") take_modalities(list, &media.audio_input, &media.image_input);
    if (list.name() == "cacheTokensDetails") take_modalities(list, &media.audio_cached, nullptr);
    if (list.name() == "candidatesTokensDetails") take_modalities(list, &media.audio_output, &media.image_output);
}

void take_object(Charges& charges, JsonNode object) {
    const auto name = object.name();
    if (name.ends_with("_tokens_details") || name == "input_token_details")
        take_details(charges.media, object);
    else if (name == "server_tool_use")
        charges.take_searches(object["web_search_requests"]);
}

}  // namespace

void take_service_tier(Charges& charges, std::string_view word) {
    constexpr std::size_t longest = 32;
    auto tier = ascii_lower(word.substr(0, longest));
    const bool standard = tier == "default" || tier == "standard" || tier == "auto" || tier == "on_demand" || tier == "standard_only";
    charges.service_tier = standard ? std::string() : std::move(tier);
}

void Charges::take_searches(JsonNode number) {
    if (const auto searches = number.integer(); searches && *searches >= 0) web_searches = static_cast<std::uint64_t>(*searches);
}

void take_charges(Charges& charges, JsonNode usage) {
    for (const JsonNode member : usage) {
        if (member.is_object()) take_object(charges, member);
        if (member.is_array()) take_list(charges.media, member);
        // Anthropic's spelling, and Gemini's.
        if (member.is_string() && (member.name() == "service_tier" || member.name() == "serviceTier")) take_service_tier(charges, member.text());
    }
}

void take_charges(Charges& charges, std::string_view usage_object) {
    thread_local codec::JsonTree tree;
    const auto parsed = tree.parse(usage_object);
    if (parsed && parsed->is_object()) take_charges(charges, *parsed);
}

}  // namespace smg::gateway
