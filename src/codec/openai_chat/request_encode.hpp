#pragma once
/// The pieces of a Chat Completions request, written from a conversation of any format. Internal to this codec.
#include <algorithm>
#include <map>
#include <string>
#include <string_view>

#include "codec/cache_marks.hpp"
#include "codec/client_field.hpp"
#include "codec/codec.hpp"
#include "codec/json_writer.hpp"
#include "codec/openai_chat/openai_chat.hpp"
#include "codec/setting_names.hpp"

namespace smg::codec::chat {

/// What the writers of one request share.
struct Writing {
    Writing(const Conversation& from, const Target& to, std::string& body)
        : conversation(from), target(to), same_format(from.format == format_name), json(body) {
        if (!same_format) marks = CacheMarks(from, to.capabilities);
    }

    const Conversation& conversation;
    const Target& target;
    bool same_format;  ///< the client spoke Chat: its own spellings and extensions are written back
    JsonWriter json;
    Adjustments adjustments;
    RequestMemo memo;
    std::optional<Error> error;
    CacheMarks marks;  ///< of another format's client
    std::map<std::string, std::string, std::less<>> renamed;  ///< client's tool name → the name sent

    /// Notes the first thing that cannot be said in this format. Always false.
    bool refuse(std::string field, std::string message) {
        if (!error) error.emplace(Failure::invalid_request, std::move(message), std::move(field));
        return false;
    }
    [[nodiscard]] const std::string& tool_name(const std::string& name) const {
        const auto found = renamed.find(name);
        return found == renamed.end() ? name : found->second;
    }
    /// Notes an adjustment of a setting that Chat calls `chat_name`, once; `value` is what it has become.
    void note(std::string_view chat_name, const std::string& value = {}) {
        auto what = client_setting(conversation, chat_name);
        if (!value.empty()) what.append("=").append(value);
        const auto& names = adjustments.names();
        if (std::find(names.begin(), names.end(), what) == names.end()) adjustments.note(std::move(what));
    }
    void raw_if(std::string_view name, const RawJson& value) {
        if (!value.empty()) json.raw_member(name, value);
    }
    void text_if(std::string_view name, const std::string& value) {
        if (!value.empty()) json.member(name, value);
    }
    /// Writes the kept members whose names have this prefix (`function.`), without it; those with another prefix are not touched.
    void unknown(const std::vector<std::pair<std::string, RawJson>>& members, std::string_view prefix = {});
};

/// Whether members of this inner object are kept among those of the outer one, as `function.…`.
[[nodiscard]] bool is_nested(std::string_view name);

bool write_messages(Writing& to);
/// One media part as Chat spells it; `field` is the client's name of it.
bool write_media(Writing& to, const MediaPart& part, const std::string& field);

void choose_tool_names(Writing& to);
bool write_tools(Writing& to);
void write_tool_choice(Writing& to);
void write_response_format(Writing& to);

/// `reasoning_effort`, also from the thinking settings of other formats.
void write_effort(Writing& to);
/// Temperature and the other numbers, less what the model refuses.
void write_sampling(Writing& to);

}  // namespace smg::codec::chat
