#include <algorithm>

#include "base/ascii.hpp"
#include "codec/json_tree.hpp"
#include "codec/openai_responses/request_encode.hpp"
#include "codec/openai_responses/tool_encode.hpp"
#include "codec/stop_sequences.hpp"

namespace smg::codec::responses {
namespace {

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_zero(std::string_view number) { return number.find_first_not_of("-0.") == std::string_view::npos; }

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

/// Anthropic's and Gemini's words for no extra are `default` here.
std::string tier(const Writing& to) {
    const auto& word = to.conversation.service_tier;
    return !to.same_format && (word == "standard_only" || word == "standard") ? "default" : word;
}

void write_include(Writing& to) {
    const auto& unknown = to.conversation.unknown;
    const auto kept = std::find_if(unknown.begin(), unknown.end(), [](const auto& member) { return member.first == "include"; });
    if (to.same_format && kept != unknown.end()) return;  // which is written back with the others
    // Nothing is stored, so what the model thought must travel along.
    to.json.key("include").begin_array().string("reasoning.encrypted_content");
    if (to.conversation.logprobs.value_or(false)) to.json.string("message.output_text.logprobs");
    to.json.end_array();
}

void write_stream(Writing& to) {
    const auto& unknown = to.conversation.unknown;
    if (!to.conversation.stream) return;
    to.json.bool_member("stream", true);
    const auto is_option = [](const auto& member) { return member.first.starts_with("stream_options."); };
    if ((!to.same_format && !to.from_chat) || std::none_of(unknown.begin(), unknown.end(), is_option)) return;
    to.json.key("stream_options").begin_object();
    write_members(to.json, unknown, "stream_options.");
    to.json.end_object();
}

/// Settings that OpenAI's two formats share, beside those that have a name in the conversation.
bool is_shared(std::string_view name) { return is_one_of(name, {"prompt_cache_options", "prompt_cache_retention", "moderation"}); }

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

/// What the client asked of its own format and gets none of here.
void note_left_out(Writing& to) {
    const auto& from = to.conversation;
    const std::pair<std::string_view, bool> settings[] = {
        {"seed", !from.seed.empty()},
        {"top_k", !from.top_k.empty()},
        {"frequency_penalty", !is_zero(from.frequency_penalty)},
        {"presence_penalty", !is_zero(from.presence_penalty)},
        {"logit_bias", !asks_for_nothing(from.logit_bias)},
        {"prediction", !from.prediction.empty()},
        {"store", from.store == true},
        {"safety_settings", !asks_for_nothing(from.safety_settings)},
        {"metadata", !asks_for_nothing(from.metadata) && !to.from_chat},
    };
    for (const auto& [name, given] : settings)
        if (given) to.note(name);
}

/// What a Chat client said itself of caching has been written already. Marks that OpenAI has no place for are left out silently: without one, caching
/// is automatic.
void write_caching(Writing& to) {
    const auto& unknown = to.conversation.unknown;
    const auto is_said = [](const auto& member) { return is_one_of(member.first, {"prompt_cache_options", "prompt_cache_retention"}); };
    if (to.from_chat && std::any_of(unknown.begin(), unknown.end(), is_said)) return;
    if (to.marks.long_lived())
        to.json.member("prompt_cache_retention", "24h");
    else if (to.marks.any() && !to.marks.automatic())
        to.json.raw_member("prompt_cache_options", CacheMarks::breakpoint);  // no mark of OpenAI's own beside the client's
}

bool write_foreign(Writing& to) {
    const auto& from = to.conversation;
    if (!from.n.empty() && from.n != "1") return to.refuse(client_setting(from, "n"), "This model's API gives one answer per request.");
    if (!from.audio.empty()) return to.refuse("audio", "This model's API gives no audio.");
    if (!from.web_search_options.empty()) return to.refuse("web_search_options", "Web search cannot be asked of this model in this API.");
    if (!check_modalities(to)) return false;
    note_left_out(to);
    (void)share_stop_sequences(from, 0, [](std::string_view) { return false; }, to.memo);  // this format has no word for any
    for (const auto& [name, value] : from.unknown) {
        if (value == "null") continue;
        if (is_essential(name)) return to.refuse(name, "'" + name + "' has no meaning for this model's provider.");
        if (to.from_chat && is_shared(name))
            to.json.raw_member(name, value);
        else if (!asks_for_nothing(value) && (!to.from_chat || !name.starts_with("stream_options.")))
            to.note(name);
    }
    write_caching(to);
    to.json.bool_member("store", false);
    const auto& id = from.safety_identifier.empty() && !to.from_chat ? from.user : from.safety_identifier;
    to.text_if("user", to.from_chat ? from.user : std::string());
    to.text_if("safety_identifier", short_id(id));
    if (to.from_chat) to.raw_if("metadata", from.metadata);
    return true;
}

}  // namespace

bool write_handling(Writing& to) {
    const auto& conversation = to.conversation;
    write_include(to);
    to.text_if("service_tier", tier(to));
    to.text_if("prompt_cache_key", conversation.prompt_cache_key);
    if (to.same_format) {
        if (conversation.store) to.json.bool_member("store", *conversation.store);
        to.text_if("user", conversation.user);
        to.text_if("safety_identifier", conversation.safety_identifier);
        to.raw_if("metadata", conversation.metadata);
        write_members(to.json, conversation.unknown);
    } else if (!write_foreign(to)) {
        return false;
    }
    write_stream(to);
    return true;
}

}  // namespace smg::codec::responses
