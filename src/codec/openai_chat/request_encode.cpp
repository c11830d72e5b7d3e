#include "codec/openai_chat/request_encode.hpp"
#include "codec/expected_size.hpp"

#include <charconv>

#include "base/ascii.hpp"
#include "codec/json_tree.hpp"
#include "codec/openai_common/model_family.hpp"
#include "codec/stop_sequences.hpp"

namespace smg::codec::chat {
namespace {

void write_limit(Writing& to) {
    const auto& conversation = to.conversation;
    if (conversation.max_tokens.empty()) return;
    const bool legacy = to.same_format ? conversation.max_tokens_legacy : !is_openai_model(to.target.model);
    auto limit = conversation.max_tokens;
    const auto most = to.target.capabilities.max_output_tokens;
    std::uint64_t asked = 0;
    std::from_chars(limit.data(), limit.data() + limit.size(), asked);
    // Clients of other formats must name a limit, and name their own model's.
    if (!to.same_format && most != 0 && asked > most) {
        limit = std::to_string(most);
        to.note("max_tokens", limit);
    }
    to.json.raw_member(legacy ? "max_tokens" : "max_completion_tokens", limit);
}

void write_stop(Writing& to) {
    constexpr std::size_t most = 4;  // https://platform.openai.com/docs/api-reference/chat/create: "Up to 4 sequences"
    const auto& stop = to.conversation.stop;
    if (stop.empty()) return;
    if (to.same_format && to.conversation.stop_is_string) {
        to.json.member("stop", stop.front());
        return;
    }
    std::vector<std::string_view> told(stop.begin(), stop.end());
    const bool refused = !to.target.capabilities.stop_sequences || is_reasoning_model(to.target.model);
    if (!to.same_format) told = share_stop_sequences(to.conversation, refused ? 0 : most, [](std::string_view) { return true; }, to.memo);
    if (told.empty()) return;
    to.json.key("stop").begin_array();
    for (const auto each : told) to.json.string(each);
    to.json.end_array();
}

void write_stream(Writing& to) {
    const auto& conversation = to.conversation;
    if (!conversation.stream) return;
    to.json.bool_member("stream", true);
    // Without it a stream ends without usage, which every other format promises its client.
    const bool usage = conversation.include_usage || !to.same_format;
    bool other = false;
    for (const auto& [name, value] : conversation.unknown) other = other || (to.same_format && name.starts_with("stream_options."));
    if (!usage && !other) return;
    to.json.key("stream_options").begin_object();
    if (usage) to.json.bool_member("include_usage", true);
    if (to.same_format) to.unknown(conversation.unknown, "stream_options.");
    to.json.end_object();
}

/// OpenAI allows 64 characters; longer ids of other formats' clients become a stable shorter one.
std::string short_id(const std::string& id) {
    if (id.size() <= 64) return id;
    std::string out = "smg-";
    for (std::uint64_t seed : {0xcbf29ce484222325ULL, 0x9e3779b97f4a7c15ULL}) {
        for (const char c : id) seed = (seed ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;  // FNV-1a
        for (int shift = 60; shift >= 0; shift -= 4) out += "0123456789abcdef"[(seed >> shift) & 15];
    }
    return out;
}

std::string tier(const Writing& to) {
    const auto& word = to.conversation.service_tier;
    if (to.same_format || word.empty()) return word;
    return word == "standard_only" || word == "standard" ? "default" : word;  // Anthropic's and Gemini's words for no extra
}

void write_identity(Writing& to) {
    const auto& conversation = to.conversation;
    to.text_if("user", to.same_format ? conversation.user : std::string());
    const auto& id = conversation.safety_identifier.empty() && !to.same_format ? conversation.user : conversation.safety_identifier;
    to.text_if("safety_identifier", to.same_format ? id : short_id(id));
    to.text_if("service_tier", tier(to));
    if (conversation.store) to.json.bool_member("store", *conversation.store);
    to.text_if("prompt_cache_key", conversation.prompt_cache_key);
    to.text_if("verbosity", conversation.verbosity);
}

/// Gemini clients say `["TEXT"]`, which is what they get; an image or speech they would miss.
bool check_modalities(Writing& to) {
    JsonTree tree;
    const auto list = tree.parse(to.conversation.modalities);
    if (!list) return true;
    for (JsonNode modality : *list)
        if (!iequals(modality.text(), "text"))
            return to.refuse(client_setting(to.conversation, "modalities"),
                             "This model's API answers in text only, not as '" + std::string(modality.text()) + "'.");
    return true;
}

/// What another format's client can have meant only for its own provider.
bool check_foreign(Writing& to) {
    const auto& conversation = to.conversation;
    for (const auto& [name, value] : conversation.unknown) {
        if (value == "null") continue;
        if (is_essential(name)) return to.refuse(name, "'" + name + "' has no meaning for this model's provider.");
        if (!asks_for_nothing(value)) to.note(name);
    }
    if (!asks_for_nothing(conversation.metadata)) to.note("metadata");
    if (!asks_for_nothing(conversation.safety_settings)) to.note("safety_settings");
    return check_modalities(to);
}

/// Marks that OpenAI has no place for are left out silently: without one, caching is automatic.
void write_caching(Writing& to) {
    if (to.marks.long_lived())
        to.json.member("prompt_cache_retention", "24h");
    else if (to.marks.any() && !to.marks.automatic())
        to.json.raw_member("prompt_cache_options", CacheMarks::breakpoint);  // no mark of OpenAI's own beside the client's
}

/// What only a Chat client can have meant for Chat.
void write_native(Writing& to) {
    const auto& conversation = to.conversation;
    to.raw_if("metadata", conversation.metadata);
    to.raw_if("logit_bias", conversation.logit_bias);
    to.raw_if("safety_settings", conversation.safety_settings);
    to.raw_if("modalities", conversation.modalities);
    to.raw_if("audio", conversation.audio);
    to.raw_if("prediction", conversation.prediction);
    to.raw_if("web_search_options", conversation.web_search_options);
    to.raw_if("cache_control", conversation.cache_control);
    to.unknown(conversation.unknown);
}

}  // namespace

bool is_nested(std::string_view name) {
    for (const auto* inner : {"stream_options", "function", "custom", "image_url", "video_url", "input_audio", "file", "message"})
        if (name == inner) return true;
    return false;
}

void Writing::unknown(const std::vector<std::pair<std::string, RawJson>>& members, std::string_view prefix) {
    for (const auto& [name, value] : members) {
        const std::string_view full = name;
        const auto dot = full.find('.');
        if (prefix.empty() && (dot == std::string_view::npos || !is_nested(full.substr(0, dot))))
            json.raw_member(full, value);
        else if (!prefix.empty() && full.starts_with(prefix))
            json.raw_member(full.substr(prefix.size()), value);
    }
}

Result<EncodedRequest> encode_request(const Conversation& conversation, const Target& target) {
    EncodedRequest out;
    out.body.reserve(expected_size(conversation));
    Writing to(conversation, target, out.body);
    choose_tool_names(to);
    to.json.begin_object();
    to.json.member("model", target.model);
    if (!write_messages(to) || !write_tools(to)) return tl::unexpected<Error>(std::move(*to.error));
    write_tool_choice(to);
    write_limit(to);
    write_sampling(to);
    write_stop(to);
    write_response_format(to);
    write_effort(to);
    write_identity(to);
    if (to.same_format)
        write_native(to);
    else if (!check_foreign(to))
        return tl::unexpected<Error>(std::move(*to.error));
    write_caching(to);
    write_stream(to);
    to.json.end_object();
    if (target.strict && !to.adjustments.empty()) {
        const auto& name = to.adjustments.names().front();
        return fail(Failure::invalid_request, "'" + name + "' cannot be carried to this model's provider unchanged.", name.substr(0, name.find('=')));
    }
    out.adjustments = std::move(to.adjustments);
    out.memo = std::move(to.memo);
    out.memo.legacy_functions = conversation.legacy_functions;
    return out;
}

}  // namespace smg::codec::chat
