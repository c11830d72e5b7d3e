#include "gateway/worker_words.hpp"

#include <algorithm>
#include <vector>

#include "base/ascii.hpp"
#include "base/word_search.hpp"
#include "codec/json_members.hpp"
#include "gateway/event_splitter.hpp"

namespace smg::gateway {
namespace {

/// Whether an event's data, or a body, is an error. What cannot be read is one when it is `whole`: nobody's output looks so.
bool is_error(std::string_view data, bool whole) {
    std::vector<codec::JsonMember> members;
    if (!codec::find_members(data, data.size(), members)) return whole || data.starts_with(R"({"error")") || data.starts_with(R"({"type":"error")");
    return std::any_of(members.begin(), members.end(), [&](const auto& member) {
        const auto value = data.substr(member.value_begin, member.end - member.value_begin);
        if (member.name == "error") return value != "null";
        return (member.name == "type" || member.name == "object") && (value == R"("error")" || value == R"("response.failed")");
    });
}

bool is_error_event(std::string_view event, bool whole) {
    const auto name = name_of(event);
    return name == "error" || name == "response.failed" || is_error(data_of(event), whole);
}

}  // namespace

fleet::WorkerSecrets secrets_of(const routing::Choice& choice) {
    const bool stored = choice.key_source == routing::KeySource::stored;
    fleet::WorkerSecrets secrets(*choice.worker->spec, stored);
    if (stored && choice.key.reveal() != choice.worker->spec->api_key.reveal()) secrets.add(choice.key.reveal());
    return secrets;
}

void hide(const fleet::WorkerSecrets& secrets, codec::ProviderError& error) {
    for (auto* text : {&error.message, &error.type, &error.code, &error.param, &error.native_type}) secrets.cut_out(*text);
}

void hide(const fleet::WorkerSecrets& secrets, http::Fields& fields) {
    if (secrets.empty()) return;
    // A worker's own `accept` or `cache-control` is no secret that an answer could tell.
    fields.erase_if([&](const http::Field& field) {
        return secrets.told_by(field.value) && !iequals(field.name, "content-type") && !iequals(field.name, "cache-control");
    });
}

std::string_view hide_in_errors(const fleet::WorkerSecrets& secrets, std::string_view text, std::string& memory) {
    if (secrets.empty() || find_word(text, "error") == std::string_view::npos || !secrets.stand_in(text)) return text;
    memory.clear();
    const auto first = text.find_first_not_of(" \t\r\n");
    if (text[first] == '{' || text[first] == '[') {
        memory = text;
        if (is_error(text.substr(first), false)) secrets.cut_out(memory);
        return memory;
    }
    while (!text.empty()) {
        const auto length = event_length(text);
        std::string event(text.substr(0, length == 0 ? text.size() : length));
        text.remove_prefix(event.size());
        if (is_error_event(event, length != 0)) secrets.cut_out(event);
        memory += event;
    }
    return memory;
}

}  // namespace smg::gateway
