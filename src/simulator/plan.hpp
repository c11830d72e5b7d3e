#pragma once
/// What a simulated model answers, before any provider's format: a prompt's facts in, a plan out. Pure and without chance.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "simulator/json.hpp"
#include "simulator/steering.hpp"

namespace smg::simulator {

struct OfferedTool {
    std::string name;
    Json schema;          ///< JSON Schema of its arguments; null: none
    bool custom = false;  ///< takes free text (OpenAI's custom tools)
};

struct Attachment {
    std::string kind;        ///< `image`, `file`, `audio`
    std::string media_type;  ///< empty when only a URL is known
    std::size_t bytes = 0;   ///< decoded; 0 with a URL
    std::string url;
};

struct GivenResult {
    std::string name;  ///< of the tool
    std::string text;
    std::vector<Attachment> attachments = {};
};

enum class ToolChoice { none, automatic, required };

/// What was asked, as far as the answer depends on it.
struct Prompt {
    std::string provider;  ///< as it names itself: `OpenAI`
    std::string model;
    std::string user_text;  ///< of the last user turn that has text
    std::vector<Attachment> attachments;  ///< of the last user turn
    std::vector<OfferedTool> tools;
    ToolChoice choice = ToolChoice::automatic;
    std::vector<std::string> only_tools;  ///< when a choice names some
    bool parallel = true;
    std::vector<GivenResult> results;  ///< those that the conversation ends with
    std::optional<Json> schema;        ///< structured output
    bool json_object = false;
    bool reasons = false;  ///< the model is to reason before it answers
    std::optional<std::uint64_t> max_tokens;
    bool reasoning_counts = true;  ///< against `max_tokens`
    std::vector<std::string> stops;
    std::uint64_t prompt_tokens = 0;
    std::uint64_t repeated_tokens = 0;  ///< of them, those that an earlier request of the conversation must have held
    Steering steering;
};

enum class Stop { end, tools, length, sequence, refusal };

struct PlannedCall {
    std::string name;
    Json arguments;
    bool custom = false;
};

struct Plan {
    std::string reasoning;
    std::string text;
    std::vector<PlannedCall> calls;
    Stop stop = Stop::end;
    std::string stop_sequence;
    std::uint64_t reasoning_tokens = 0;
    std::uint64_t answer_tokens = 0;  ///< text and calls, without reasoning
    std::uint64_t cached_tokens = 0;
};

[[nodiscard]] Plan make_plan(const Prompt& prompt);

/// A value that `schema` accepts, as small as it can be with every named property in it. `variant` tells apart two calls of one tool; `text`
/// is searched for a place (`weather in Oslo and Rome`) to put into members such as `city` and `location`.
[[nodiscard]] Json example_of(const Json& schema, std::size_t variant, std::string_view text);

}  // namespace smg::simulator
