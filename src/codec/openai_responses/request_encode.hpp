#pragma once
/// The pieces of a Responses request, written from a conversation of any format. Internal to this codec.
#include <algorithm>
#include <map>
#include <string>
#include <string_view>

#include "codec/cache_marks.hpp"
#include "codec/client_field.hpp"
#include "codec/codec.hpp"
#include "codec/json_writer.hpp"
#include "codec/openai_responses/openai_responses.hpp"
#include "codec/setting_names.hpp"

namespace smg::codec::responses {

/// What the writers of one request share.
struct Writing {
    Writing(const Conversation& from, const Target& to, std::string& body)
        : conversation(from), target(to), same_format(from.format == format_name), from_chat(from.format == "openai_chat"), json(body) {
        if (!same_format) marks = CacheMarks(from, to.capabilities);
    }

    const Conversation& conversation;
    const Target& target;
    bool same_format;  ///< the client spoke this format: its own spellings are written back
    bool from_chat;    ///< the client spoke OpenAI's other format, which shares settings with this one
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
    /// Notes an adjustment of a setting that Chat calls `chat_name`, once; `value` is what it has become.
    void note(std::string_view chat_name, const std::string& value = {}) {
        auto what = client_setting(conversation, chat_name);
        if (!value.empty()) what.append("=").append(value);
        const auto& names = adjustments.names();
        if (std::find(names.begin(), names.end(), what) == names.end()) adjustments.note(std::move(what));
    }
    [[nodiscard]] const std::string& tool_name(const std::string& name) const {
        const auto found = renamed.find(name);
        return found == renamed.end() ? name : found->second;
    }
    void raw_if(std::string_view name, const RawJson& value) {
        if (!value.empty()) json.raw_member(name, value);
    }
    void text_if(std::string_view name, const std::string& value) {
        if (!value.empty()) json.member(name, value);
    }
    /// Whether what is cached ends behind the part: its client said so, in Anthropic's words or, in Chat, in OpenAI's.
    [[nodiscard]] bool is_marked(const PartExtras& extras) const { return marks.stands_on(extras) || (from_chat && has_breakpoint(extras)); }
    void write_mark() { json.raw_member("prompt_cache_breakpoint", CacheMarks::breakpoint); }
};

/// `instructions` and `input`.
bool write_input(Writing& to);
/// One media part; `field` is the client's name of it. `marked`: what is cached ends behind it.
bool write_media(Writing& to, const MediaPart& part, const std::string& field, bool marked = false);

void choose_tool_names(Writing& to);
/// `tools`, `tool_choice`, `parallel_tool_calls`.
/// Also the choice among them. False: one of them can be sent to its own provider alone.
bool write_tools(Writing& to);
/// `text`: format and verbosity.
void write_text(Writing& to);
/// `reasoning`, also from the thinking settings of other formats.
void write_reasoning(Writing& to);
/// The limit, temperature and `top_p`, less what the model refuses.
void write_sampling(Writing& to);
/// `store`, `include`, and what names the client. False when something cannot be left out.
bool write_handling(Writing& to);

}  // namespace smg::codec::responses
