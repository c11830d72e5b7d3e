#include <charconv>
#include <optional>

#include "codec/anthropic_messages/request_encode.hpp"
#include "codec/setting_names.hpp"
#include "codec/stop_sequences.hpp"

namespace smg::codec::messages {
namespace {

std::optional<double> real(const NumberText& text) {
    double value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

bool is_zero(const NumberText& text) { return real(text) == 0.0; }

void note_if(Writing& to, bool given, std::string_view name) {
    if (given) to.note(to.setting(name));
}

/// Settings that the answer does not hang on.
void note_left_out(Writing& to) {
    const auto& conversation = to.conversation;
    note_if(to, !conversation.seed.empty(), "seed");
    note_if(to, !conversation.frequency_penalty.empty() && !is_zero(conversation.frequency_penalty), "frequency_penalty");
    note_if(to, !conversation.presence_penalty.empty() && !is_zero(conversation.presence_penalty), "presence_penalty");
    note_if(to, !asks_for_nothing(conversation.logit_bias), "logit_bias");
    note_if(to, conversation.store == true, "store");
    note_if(to, !conversation.prediction.empty(), "prediction");
    note_if(to, !asks_for_nothing(conversation.metadata), "metadata");
    note_if(to, !conversation.prompt_cache_key.empty(), "prompt_cache_key");
    note_if(to, !conversation.verbosity.empty() && conversation.verbosity != "medium", "verbosity");
    note_if(to, !asks_for_nothing(conversation.safety_settings), "safety_settings");
    for (const auto& [name, json] : conversation.unknown)
        if (!asks_for_nothing(json) && name != "prompt_cache_retention" && name != "prompt_cache_options") to.note(name);
}

bool check_unknown(Writing& to) {
    for (const auto& [name, json] : to.conversation.unknown)
        if (is_essential(name) && json != "null") return to.refuse(name, "'" + name + "' has no meaning for this model's provider.");
    return true;
}

void write_temperature(Writing& to, bool thinks) {
    const auto& text = to.conversation.temperature;
    if (text.empty()) return;
    const auto value = real(text);
    if (to.can.sampling_locked || thinks) {
        if (value != 1.0) to.note(to.setting("temperature"));
    } else if (value && *value > 1) {
        to.json.raw_member("temperature", "1");
        to.note(to.setting("temperature") + "=1");
    } else {
        to.json.raw_member("temperature", text);
    }
}

void write_top_p(Writing& to, bool thinks) {
    const auto& text = to.conversation.top_p;
    if (text.empty()) return;
    const auto value = real(text);
    const bool beside_temperature = to.can.temperature_or_top_p && !to.conversation.temperature.empty();
    if (to.can.sampling_locked || beside_temperature || (thinks && value && *value < 0.95)) {
        if (!value || *value < 0.99) to.note(to.setting("top_p"));
    } else {
        to.json.raw_member("top_p", text);
    }
}

/// Sequences of white space alone are refused ("each stop sequence must contain non-whitespace").
void write_stop(Writing& to) {
    const auto takes = [](std::string_view word) { return word.find_first_not_of(" \t\n\r\f\v") != std::string_view::npos; };
    const auto told = share_stop_sequences(to.conversation, to.conversation.stop.size(), takes, to.memo);
    if (told.empty()) return;
    to.json.key("stop_sequences").begin_array();
    for (const auto each : told) to.json.string(each);
    to.json.end_array();
}

/// At most 256 characters, cut between two of them.
std::string_view user_id(std::string_view text) {
    std::size_t characters = 0;
    for (std::size_t i = 0; i < text.size(); ++i)
        if ((static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U && ++characters > 256) return text.substr(0, i);
    return text;
}

void write_tier(Writing& to) {
    const auto& tier = to.conversation.service_tier;
    if (tier.empty()) return;
    if (tier == "default" || tier == "standard") {
        to.json.member("service_tier", "standard_only");
    } else if (is_one_of(tier, {"auto", "priority", "scale"})) {
        to.json.member("service_tier", "auto");
    } else {
        if (tier == "flex") to.json.member("service_tier", "auto");
        to.note(to.setting("service_tier") + (tier == "flex" ? "=auto" : ""));
    }
}

/// Whether Chat's `modalities` ask for anything but text.
bool asks_for_more_than_text(const RawJson& modalities) {
    JsonTree tree;
    const auto words = tree.parse(modalities);
    if (!words) return false;
    for (JsonNode word : *words)
        if (word.text() != "text" && word.text() != "TEXT") return true;
    return false;
}

}  // namespace

bool check_settings(Writing& to) {
    const auto& conversation = to.conversation;
    if (!conversation.n.empty() && real(conversation.n) != 1.0)
        return to.refuse(to.setting("n"), "Invalid '" + to.setting("n") + "': this provider gives one answer per request.");
    if (conversation.logprobs == true || (!conversation.top_logprobs.empty() && !is_zero(conversation.top_logprobs)))
        return to.refuse(to.setting(conversation.logprobs == true ? "logprobs" : "top_logprobs"), "This provider gives no log probabilities.");
    if (!conversation.audio.empty()) return to.refuse("audio", "This provider gives no audio.");
    if (!conversation.modalities.empty() && asks_for_more_than_text(conversation.modalities))
        return to.refuse(to.setting("modalities"), "This provider answers in text only.");
    if (!conversation.web_search_options.empty()) return to.refuse("web_search_options", "Web search is not available with this provider.");
    if (!check_unknown(to)) return false;
    note_left_out(to);
    return true;
}

void write_sampling(Writing& to, const ThinkingPlan& plan) {
    const auto& conversation = to.conversation;
    write_temperature(to, plan.thinks());
    write_top_p(to, plan.thinks());
    if (!conversation.top_k.empty()) {
        if (to.can.sampling_locked || plan.thinks())
            to.note(to.setting("top_k"));
        else
            to.json.raw_member("top_k", conversation.top_k);
    }
    write_stop(to);
}

void write_identity(Writing& to) {
    const auto& conversation = to.conversation;
    const bool safe = !conversation.safety_identifier.empty();
    const std::string_view id = safe ? conversation.safety_identifier : conversation.user;
    if (!id.empty()) {
        const auto kept = user_id(id);
        if (kept.size() < id.size()) to.note(to.setting(safe ? "safety_identifier" : "user"));
        to.json.key("metadata").begin_object().member("user_id", kept).end_object();
    }
    write_tier(to);
    to.raw_if("cache_control", conversation.cache_control);
}

}  // namespace smg::codec::messages
