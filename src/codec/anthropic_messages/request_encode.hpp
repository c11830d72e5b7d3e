#pragma once
/// The pieces of a Messages request, written from a conversation of any format. Internal to this codec.
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "codec/anthropic_messages/anthropic_messages.hpp"
#include "codec/anthropic_messages/fields.hpp"
#include "codec/json_writer.hpp"

namespace smg::codec::messages {

/// What the writers of one request share.
struct Writing {
    Writing(const Conversation& from, const Target& to, std::string& body);

    const Conversation& conversation;
    const Target& target;
    ModelCapabilities can;
    bool same_format;             ///< the client spoke Messages: everything is written back as it stood
    std::string_view cache_mark;  ///< what an explicit cache breakpoint of OpenAI's becomes
    std::vector<const PartExtras*> breakpoints;  ///< on whose parts it is written
    JsonWriter json;
    Adjustments adjustments;
    RequestMemo memo;
    std::optional<Error> error;

    /// Notes the first thing that cannot be said in this format; `field` is the client's name of it. Always false.
    bool refuse(const std::string& field, const std::string& message);
    /// Notes an adjustment, once.
    void note(const std::string& what);
    /// The wire name of a tool; remembers those that had to change.
    [[nodiscard]] std::string tool_name(const std::string& name);
    /// The client's own name of a setting that Chat calls `chat_name`, e.g. `generationConfig.topP` for `top_p`.
    [[nodiscard]] std::string setting(std::string_view chat_name) const;
    void raw_if(std::string_view name, const RawJson& value) {
        if (!value.empty()) json.raw_member(name, value);
    }
    /// Writes the kept members whose names begin with `prefix`, without it; none below them (`a.b`).
    void unknown(const Members& members, std::string_view prefix = {});
    [[nodiscard]] bool has_unknown(const Members& members, std::string_view prefix) const;
};

/// One content block to write: a part of the conversation, or text of our own.
struct Block {
    const Part* part = nullptr;
    std::string text;       ///< instead of the part's text, where not empty
    std::string id;         ///< wire id of a call or a result
    RawJson cache_control;  ///< a mark that stood on the whole message
    std::size_t turn = 0;   ///< where the part stands in the conversation
    std::size_t index = 0;
};

struct Message {
    Role role = Role::user;  ///< user, assistant or system
    std::vector<Block> blocks;
};

/// The messages as Anthropic wants them: alternating, each call's result in the user message that follows it, in call order and first.
struct Layout {
    std::vector<Block> system;
    std::vector<Message> messages;
};

/// False after an error was noted: a missing or a superfluous tool result, a part that has no place.
bool lay_out(Writing& to, Layout& layout);

bool write_block(Writing& to, const Block& block);
/// Image or document; `field` is the client's name of it.
bool write_media(Writing& to, const MediaPart& part, const Block& block, const std::string& field);
/// The marks that any block may carry: cache control, and in the same format all that has no name.
void write_extras(Writing& to, const PartExtras& extras, const Block& block);

/// How the model is to think, and what follows from it.
struct ThinkingPlan {
    enum class Mode { unsaid, disabled, adaptive, manual };
    Mode mode = Mode::unsaid;
    std::string effort;        ///< `output_config.effort`; empty: not sent
    std::uint64_t budget = 0;  ///< manual
    std::uint64_t max_tokens = 0;
    [[nodiscard]] bool thinks() const noexcept { return mode == Mode::adaptive || mode == Mode::manual; }
};

/// What the tools, their choice and the response format come to.
struct ToolPlan {
    std::vector<const Tool*> tools;
    std::vector<std::string> stubs;  ///< wire names of tools that only the history knows
    std::string choice;              ///< auto, any, tool, none; empty: not sent
    std::string name;                ///< with `tool`
    bool single = false;             ///< no parallel calls
    bool json_tool = false;          ///< the structured output is asked for as this tool's arguments
    bool native_format = false;      ///< the structured output has its own setting
    std::string instruction;         ///< else it is asked for in words
    [[nodiscard]] bool forced() const noexcept { return choice == "any" || choice == "tool"; }
};

bool plan_tools(Writing& to, const Layout& layout, ToolPlan& plan);
bool plan_thinking(Writing& to, const Layout& layout, const ToolPlan& tools, ThinkingPlan& plan);

bool write_tools(Writing& to, const ToolPlan& plan);
void write_sampling(Writing& to, const ThinkingPlan& plan);
void write_thinking(Writing& to, const ThinkingPlan& plan, const ToolPlan& tools);
void write_identity(Writing& to);

/// Errors for what would change the answer's meaning, notes for what is left out.
bool check_settings(Writing& to);

/// The body of a conversation that came in this format.
bool write_back(Writing& to);

}  // namespace smg::codec::messages
