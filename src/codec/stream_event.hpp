#pragma once
/// A stream of any format, as events. Blocks (text, reasoning, a tool call) are numbered per choice in the order of their start;
/// a decoder opens a block before its deltas and closes it when the next begins or the choice ends.
#include <string>
#include <variant>
#include <vector>

#include "codec/conversation.hpp"

namespace smg::codec {

/// An error as a provider stated it, in a body or in a stream.
struct ProviderError {
    int status = 0;         ///< HTTP status that the client should see (already mapped by the provider's table); 0: unknown
    int native_status = 0;  ///< the status as the provider sent it
    std::string type;       ///< OpenAI-style type: invalid_request_error, rate_limit_error, server_error, …
    std::string code;       ///< OpenAI-style code, e.g. context_length_exceeded; may be empty
    std::string param;
    std::string message;              ///< the provider's own words
    std::string native_type;          ///< Anthropic's error type / Gemini's RPC status / xAI's code word
    double retry_after_seconds = -1;  ///< from the body (Gemini's RetryInfo); negative: not stated
    bool should_not_retry = false;    ///< quota, billing: repeating is useless
};

namespace event {
struct Started {
    std::string id, model;
    std::int64_t created = 0;
    Origin origin = Origin::unknown;
};
struct BlockStarted {
    std::int64_t choice = 0;
    std::size_t block = 0;
    Part part;
};  ///< empty text / reasoning, or a call with id and name
struct TextDelta {
    std::int64_t choice = 0;
    std::size_t block = 0;
    std::string text;
};
struct RefusalDelta {
    std::int64_t choice = 0;
    std::size_t block = 0;
    std::string text;
};
struct ReasoningDelta {
    std::int64_t choice = 0;
    std::size_t block = 0;
    std::string text;
};
/// The signature of the block (reasoning, text or call); replaces an earlier one. Its origin, where known, replaces the block's.
struct SignatureDelta {
    std::int64_t choice = 0;
    std::size_t block = 0;
    std::string signature;
    Origin origin = Origin::unknown;
};
struct ArgumentsDelta {
    std::int64_t choice = 0;
    std::size_t block = 0;
    std::string text;
};
struct CitationDelta {
    std::int64_t choice = 0;
    std::size_t block = 0;
    RawJson citation;
};
struct BlockFinished {
    std::int64_t choice = 0;
    std::size_t block = 0;
};
/// A provider-specific event without a counterpart elsewhere; a foreign encoder ignores it.
struct Opaque {
    std::string kind;
    RawJson json;
};
struct LogprobsDelta {
    std::int64_t choice = 0;
    RawJson logprobs;
};
/// Cumulative: each known field replaces the earlier value, never adds to it.
struct UsageUpdate {
    Usage usage;
    RawJson native;
};
struct ChoiceFinished {
    std::int64_t choice = 0;
    StopReason reason = StopReason::none;
    std::string native_reason, stop_sequence, refusal;
};
/// The provider's own terminator was seen: the answer is whole.
struct Completed {
    std::string service_tier, system_fingerprint;
};
struct Failed {
    ProviderError error;
};
struct KeepAlive {};
}  // namespace event

using StreamEvent = std::variant<event::Started, event::BlockStarted, event::TextDelta, event::RefusalDelta, event::ReasoningDelta,
                                 event::SignatureDelta, event::ArgumentsDelta, event::CitationDelta, event::BlockFinished, event::Opaque,
                                 event::LogprobsDelta, event::UsageUpdate, event::ChoiceFinished, event::Completed, event::Failed, event::KeepAlive>;

/// Where a decoder puts its events; reused from call to call.
using StreamEvents = std::vector<StreamEvent>;

}  // namespace smg::codec
