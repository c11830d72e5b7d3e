#pragma once
/// One API format, both ways. Codecs are pure and stateless (streams hold their state in the decoder and encoder objects), so one
/// instance serves all threads. No function here throws for bad input: it answers with an Error that names the field.
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "codec/conversation.hpp"
#include "codec/stream_event.hpp"

namespace smg::codec {

/// What a model can do, as far as an encoder must know. From the provider's model list where it says so, else from a dated table.
struct ModelCapabilities {
    enum class Thinking { unknown, none, manual, adaptive };
    std::uint64_t max_output_tokens = 0;  ///< 0: unknown
    Thinking thinking = Thinking::unknown;
    bool thinking_can_be_disabled = true;
    std::vector<std::string> efforts;   ///< accepted effort words; empty: unknown
    bool sampling_locked = false;       ///< temperature, top_p, top_k are refused (newest Claude models)
    bool temperature_or_top_p = false;  ///< either, not both
    bool structured_outputs = true;
    bool forced_tool_choice = true;
    bool mid_conversation_system = false;
    bool gemini_thinking_level = false;        ///< Gemini 3+: thinkingLevel, else thinkingBudget
    bool thought_signatures_required = false;  ///< Gemini 3+: replayed calls must be signed
    bool native_tool_ids = false;              ///< Gemini 3+: functionCall ids are understood
    std::uint64_t thinking_budget_min = 0;     ///< smallest budget (Gemini 2.5 Pro: 128 — cannot be switched off)
    std::uint64_t thinking_budget_max = 0;     ///< 0: unknown
    bool many_answers = true;                  ///< false: more than one answer a request (`n`) is refused
    bool logprobs = true;                      ///< false: log probabilities are refused
    bool cache_breakpoints = false;            ///< OpenAI from gpt-5.6 on: the client can mark where what is cached ends
    bool stop_sequences = true;                ///< false: they are refused, and answers are ended at them here
    bool penalties = true;                     ///< false: presence and frequency penalties are refused
};

/// Names of parameters that were left out or changed on the way to the provider, e.g. `seed`, `temperature=1`.
class Adjustments {
public:
    void note(std::string what) { names_.push_back(std::move(what)); }
    [[nodiscard]] const std::vector<std::string>& names() const noexcept { return names_; }
    [[nodiscard]] bool empty() const noexcept { return names_.empty(); }

private:
    std::vector<std::string> names_;
};

/// What of a request must be remembered to decode its answer.
struct RequestMemo {
    std::set<std::string, std::less<>> custom_tools;          ///< custom tools that travelled as functions: unwrap `{"input": …}`
    std::unordered_map<std::string, std::string> tool_names;  ///< name sent upstream → the client's name, where they differ
    std::string json_tool;                                    ///< structured output emulated by this forced tool: its arguments are the content
    bool legacy_functions = false;                            ///< the client spoke Chat's deprecated `functions`
    std::vector<std::string> stop;                            ///< sequences that the provider was not told: the answer ends at them here
    std::size_t answers = 1;                                  ///< how many alternatives were asked for
};

/// Whom an encoder writes for.
struct Target {
    std::string model;  ///< the provider's name of the model
    ModelCapabilities capabilities;
    bool strict = false;  ///< X-SMG-Strict-Params: what would be noted in Adjustments is an error
};

struct EncodedRequest {
    std::string body;
    Adjustments adjustments;
    RequestMemo memo;
};

/// How the client wants its answer.
struct ClientView {
    std::string model;                      ///< shown where the provider names none
    std::string request_id;                 ///< for error bodies that carry it
    std::int64_t now = 0;                   ///< Unix seconds, where the provider gives no time
    bool include_usage = false;             ///< Chat: the final usage chunk was asked for
    bool legacy_functions = false;          ///< Chat: answer with `function_call`
    const Conversation* request = nullptr;  ///< where the format's answer echoes settings of the request; outlives the view
};

/// Turns the provider's stream into events. Fed with whole SSE events (`http::SseReader`), in order.
class StreamDecoder {
public:
    virtual ~StreamDecoder() = default;
    /// One SSE event: its `event:` name (may be empty) and its data. Appends to `out`. After Completed or Failed, nothing more comes.
    virtual void on_event(std::string_view name, std::string_view data, StreamEvents& out) = 0;
    /// The provider closed cleanly. Appends Completed where the format needs no terminator and its last word was said,
    /// else Failed (`upstream_stream_truncated`).
    virtual void on_end(StreamEvents& out) = 0;
};

/// Turns events into the client's stream: appends complete SSE events to `out`, ready for the socket.
class StreamEncoder {
public:
    virtual ~StreamEncoder() = default;
    virtual void write(const StreamEvent& event, std::string& out) = 0;
    /// What keeps a silent connection open in this format, legal between any two events.
    [[nodiscard]] virtual std::string_view keep_alive() const noexcept = 0;
};

class Codec {
public:
    virtual ~Codec() = default;
    [[nodiscard]] virtual std::string_view name() const noexcept = 0;  ///< `openai_chat`, `openai_responses`, `anthropic_messages`, `gemini`

    /// `body` needs no padding; it may be invalid in any way.
    [[nodiscard]] virtual Result<Conversation> decode_request(std::string_view body) const = 0;
    /// Writes for the target, whatever format the conversation came from. Errors name the client's field.
    [[nodiscard]] virtual Result<EncodedRequest> encode_request(const Conversation& conversation, const Target& target) const = 0;

    [[nodiscard]] virtual Result<Answer> decode_response(std::string_view body, const RequestMemo& memo) const = 0;
    [[nodiscard]] virtual std::string encode_response(const Answer& answer, const ClientView& view) const = 0;

    [[nodiscard]] virtual std::unique_ptr<StreamDecoder> stream_decoder(const RequestMemo& memo) const = 0;
    [[nodiscard]] virtual std::unique_ptr<StreamEncoder> stream_encoder(const ClientView& view) const = 0;

    /// A provider's error body (maybe not JSON) with its HTTP status, mapped to the status and words for the client.
    [[nodiscard]] virtual ProviderError decode_error(int status, std::string_view body) const = 0;
    /// An error body in this format.
    [[nodiscard]] virtual std::string encode_error(const ProviderError& error, std::string_view request_id) const = 0;
};

/// The codecs, each a process-wide constant.
[[nodiscard]] const Codec& openai_chat();
[[nodiscard]] const Codec& openai_responses();
[[nodiscard]] const Codec& anthropic_messages();
[[nodiscard]] const Codec& gemini();

}  // namespace smg::codec
