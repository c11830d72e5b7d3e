#pragma once
/// The lossless middle in which all API formats meet: an ordered list of parts per turn. N formats, N codecs, no converters
/// between pairs. Values that a provider may compare byte for byte (numbers, tool arguments, schemas) keep their source text.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace smg::codec {

/// Verbatim JSON text of one value, as it stood in the source; empty means absent.
using RawJson = std::string;
/// A number in its source spelling (`0.7`, `1e-3`), so that 0.7 stays 0.7; empty means absent.
using NumberText = std::string;

/// Which family issued an opaque value (a reasoning signature, a file id). It may only ever go back there.
enum class Origin { unknown, openai, anthropic, gemini, xai };

/// Where a part stood in the client's request, for errors: the index of its message (content, item), and its own in that. -1: nowhere of its own.
struct Place {
    std::int32_t item = -1;
    std::int32_t part = -1;
};

/// What every part may carry beside its content.
struct PartExtras {
    RawJson cache_control;  ///< Anthropic's prompt-cache marker (also accepted as an extension of Chat)
    /// Members of the source object that the conversation has no name for, in order: a same-format round trip loses nothing.
    std::vector<std::pair<std::string, RawJson>> unknown;
    /// How the source wrapped the part (ids and states of a Responses item): only for a same-format round trip, nothing to anyone else.
    std::vector<std::pair<std::string, RawJson>> framing;
    Place place;  ///< where the format's decoder knows better than the parts' order
};

struct TextPart {
    std::string text;
    RawJson citations;  ///< Anthropic `citations` / Chat `annotations`, verbatim, of the format that `citations_origin` names
    Origin citations_origin = Origin::unknown;
    std::string signature;  ///< Gemini puts a thought signature on the last text part of an answer
    bool refusal = false;   ///< the text is a refusal
    PartExtras extras;
};

/// Image, audio or document: where its bytes are.
struct MediaPart {
    enum class Kind { image, audio, document, video };
    enum class Source { base64, url, file_id, text };
    Kind kind = Kind::image;
    Source source = Source::base64;
    std::string media_type;           ///< lower case, e.g. `image/png`; empty when the source names none
    std::string data;                 ///< base64 text, URL, file id, or plain text, by `source`
    Origin origin = Origin::unknown;  ///< who issued a file id
    std::string detail;               ///< Chat's `detail`
    std::string filename;             ///< Chat `filename`, Anthropic `title`
    std::string format;               ///< Chat `input_audio.format`
    PartExtras extras;
};

struct ReasoningPart {
    std::string text;
    std::string signature;  ///< Anthropic `signature`, Gemini `thoughtSignature`, OpenAI `encrypted_content`
    std::string redacted;   ///< Anthropic `redacted_thinking.data`; text is then empty
    std::string id;
    Origin origin = Origin::unknown;
    PartExtras extras;
};

struct ToolCallPart {
    enum class Kind { function, custom };
    Kind kind = Kind::function;
    std::string id;
    std::string name;
    std::string arguments;  ///< JSON text exactly as it came (custom: the free-form input); may be empty or not an object
    std::string signature;  ///< Gemini thought signature on this call
    bool native_id = true;  ///< false when the source had none and we made it up
    PartExtras extras;
};

struct ToolResultPart;
struct OpaquePart {
    std::string kind;  ///< the source's `type` (or Gemini's member name)
    RawJson json;      ///< the whole part, verbatim
    Origin origin = Origin::unknown;
    std::string field{};  ///< an item of a Responses request that no other provider can be told: its place there
};

using ResultContent = std::variant<TextPart, MediaPart, OpaquePart>;

struct ToolResultPart {
    std::string call_id;
    std::string name;  ///< Gemini needs it; filled from the matching call where the source has none
    std::vector<ResultContent> content;
    bool content_is_string = false;  ///< the source spelled the content as one string
    RawJson structured;              ///< Gemini `functionResponse.response`, verbatim
    std::optional<bool> is_error;
    PartExtras extras;
};

using Part = std::variant<TextPart, MediaPart, ReasoningPart, ToolCallPart, ToolResultPart, OpaquePart>;

enum class Role { system, developer, user, assistant, tool };

struct Turn {
    Role role = Role::user;
    std::string name;  ///< Chat's optional participant name
    std::vector<Part> parts;
    bool content_is_string = false;  ///< the source spelled the content as one string
    bool legacy_function = false;    ///< Chat's deprecated `function_call` / role `function`
    std::vector<std::pair<std::string, RawJson>> unknown;
};

struct Tool {
    enum class Kind { function, custom, provider };  ///< provider: a server tool, opaque
    Kind kind = Kind::function;
    std::string name;
    std::string description;
    bool has_description = false;
    RawJson parameters;  ///< JSON Schema, verbatim; empty when absent
    std::optional<bool> strict;
    RawJson format;  ///< custom tools: text or grammar
    RawJson cache_control;
    RawJson opaque;  ///< provider tools: the whole definition
    Origin origin = Origin::unknown;
    std::vector<std::pair<std::string, RawJson>> unknown;
};

struct ToolChoice {
    enum class Mode { automatic, none, required, named, allowed };
    Mode mode = Mode::automatic;
    bool allowed_required = false;   ///< mode allowed: `required` rather than `auto`
    bool custom = false;             ///< mode named: a custom tool
    bool legacy = false;             ///< spelled as Chat's deprecated `function_call`
    std::vector<std::string> names;  ///< named: one; allowed: the subset
};

struct ResponseFormat {
    enum class Kind { text, json_object, json_schema };
    Kind kind = Kind::text;
    std::string name;
    std::string description;
    RawJson schema;
    std::optional<bool> strict;
};

/// One request of any format.
struct Conversation {
    std::string model;
    std::vector<Turn> turns;  ///< system and developer turns stand where they stood
    std::vector<Tool> tools;
    bool legacy_functions = false;  ///< Chat's deprecated `functions`
    std::optional<ToolChoice> tool_choice;
    std::optional<bool> parallel_tool_calls;

    NumberText max_tokens;
    bool max_tokens_legacy = false;  ///< Chat: spelled `max_tokens`, not `max_completion_tokens`
    NumberText temperature, top_p, top_k, frequency_penalty, presence_penalty, seed, n, top_logprobs;
    std::optional<bool> logprobs;
    std::vector<std::string> stop;
    bool stop_is_string = false;
    std::optional<ResponseFormat> response_format;

    std::string reasoning_effort;  ///< none|minimal|low|medium|high|xhigh|max as the client spelled it; empty: not given
    RawJson thinking;              ///< native thinking settings of the source format, verbatim
    Origin thinking_origin = Origin::unknown;
    bool include_reasoning_text = true;  ///< whether the client wants reasoning text in the answer

    bool stream = false;
    bool include_usage = false;  ///< Chat `stream_options.include_usage`
    std::string user;
    std::string safety_identifier;
    std::string service_tier;
    std::optional<bool> store;
    RawJson metadata, logit_bias, cache_control, safety_settings, modalities, audio, prediction, web_search_options;
    std::string prompt_cache_key;
    std::string verbosity;
    /// Top-level members without a name above, in order. A same-format encoder writes them back; another reports them.
    std::vector<std::pair<std::string, RawJson>> unknown;
    /// `Codec::name()` of the format it was decoded from, which tells an encoder whose members all the `unknown` are; empty: made by hand.
    std::string_view format;
};

/// Token counts of one answer, in one arithmetic: `input` includes cached and cache_write, `output` includes reasoning.
/// Source: the usage sections of each provider's API reference, and shared recordings.
struct Usage {
    std::optional<std::uint64_t> input, output, cached, cache_write, reasoning, total;
    std::optional<std::uint64_t> cache_write_1h = {};  ///< the part of `cache_write` that is kept for an hour
    std::optional<std::uint64_t> cost = {};            ///< what the provider says that it took, in picodollars (base/money.hpp)
    [[nodiscard]] bool any() const noexcept { return input || output || total; }
    friend bool operator==(const Usage&, const Usage&) = default;
};

enum class StopReason { none, stop, stop_sequence, length, tool_calls, content_filter, refusal, pause, unknown };

/// One alternative of an answer.
struct Choice {
    std::int64_t index = 0;
    std::vector<Part> parts;  ///< in the provider's order
    StopReason stop_reason = StopReason::none;
    std::string native_stop_reason;  ///< as the provider spelled it
    std::string stop_sequence;
    std::string refusal;  ///< text that explains a refusal
    RawJson logprobs;
    std::vector<std::pair<std::string, RawJson>> unknown;
};

/// A complete unary answer of any format.
struct Answer {
    std::string id;  ///< the provider's id, prefix included
    std::string model;
    std::int64_t created = 0;  ///< Unix seconds; 0: the provider gave none
    std::vector<Choice> choices;
    Usage usage;
    RawJson native_usage;  ///< verbatim, for billing details that have no name here
    std::string service_tier;
    std::string system_fingerprint;
    Origin origin = Origin::unknown;
    std::vector<std::pair<std::string, RawJson>> unknown;
    std::string_view format;  ///< `Codec::name()` of the format it was decoded from; empty: made by hand
};

}  // namespace smg::codec
