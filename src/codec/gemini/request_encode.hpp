#pragma once
/// The pieces of a generateContent request, written from a conversation of any format. Internal to this codec.
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "codec/codec.hpp"
#include "codec/gemini/gemini.hpp"
#include "codec/json_writer.hpp"
#include "codec/setting_names.hpp"

namespace smg::codec::google {

/// What the writers of one request share.
struct Writing {
    Writing(const Conversation& from, const Target& to, std::string& body)
        : conversation(from), target(to), same_format(from.format == format_name), json(body) {}

    const Conversation& conversation;
    const Target& target;
    bool same_format;  ///< the client spoke Gemini: its turns and settings are written back as they were
    JsonWriter json;
    Adjustments adjustments;
    RequestMemo memo;
    std::optional<Error> error;
    std::map<std::string, std::string, std::less<>> renamed;     ///< client's tool name → the name sent
    std::set<std::string_view> made_up_ids;                      ///< of a Gemini client's calls that had none: they are not written back
    std::map<std::string, std::string, std::less<>> call_names;  ///< call id → function, for results that do not name theirs
    std::string instruction;                                     ///< what a setting that the model lacks is said in words

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
    /// Models from Gemini 3 on take media inside of a function's response.
    [[nodiscard]] bool media_in_results() const { return target.capabilities.native_tool_ids; }
    void text_if(std::string_view name, const std::string& value) {
        if (!value.empty()) json.member(name, value);
    }
    void raw_if(std::string_view name, const RawJson& value) {
        if (!value.empty()) json.raw_member(name, value);
    }
};

/// Where one piece of a content comes from.
struct Piece {
    enum class Kind { part, instruction, attachment, filler };  ///< instruction: a system message that is not at the start
    Kind kind = Kind::part;
    std::size_t turn = 0, part = 0;
    std::size_t media = 0;  ///< attachment: which content of the tool result
};

/// One content: neighbouring turns of one role, the results of calls first and in the order of the calls.
struct Content {
    bool model = false;
    std::vector<Piece> results, others;
};

/// Groups the turns after the leading system messages. Refuses calls without a result and results without a call.
bool plan_contents(Writing& to, std::vector<Content>& out);
/// Anthropic's summary of what was said before: without it the rest has no beginning.
[[nodiscard]] bool is_compaction(const OpaquePart& part);
/// Whether a part says anything that goes into a content of this role.
[[nodiscard]] bool is_written(const Part& part, bool model);

[[nodiscard]] std::size_t leading_system_turns(const Conversation& conversation);

bool write_system(Writing& to);
bool write_contents(Writing& to);
/// One media part; `field` is the client's name of it.
bool write_client_media(Writing& to, const MediaPart& part, const std::string& field);
/// `functionResponse`. Media that the model does not take there are left to `attachment` pieces.
bool write_result(Writing& to, const ToolResultPart& part, const std::string& field);

void choose_tool_names(Writing& to);
void write_tools(Writing& to);
void write_tool_config(Writing& to);
bool write_generation_config(Writing& to);
/// Writes `thinkingConfig` where there is something to say.
void write_thinking(Writing& to);

}  // namespace smg::codec::google
