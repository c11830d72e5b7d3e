#pragma once
/// From the provider's stream to the client's: an incremental, pure transformation. The relay pumps bytes through one of these.
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "codec/codec.hpp"
#include "fleet/worker_secrets.hpp"
#include "gateway/output_text.hpp"
#include "gateway/usage_reader.hpp"
#include "providers/provider.hpp"

namespace smg::gateway {

/// Lives as long as one answer, on its loop's thread. What its functions return is valid until the next call of any of them.
class AnswerStream {
public:
    virtual ~AnswerStream() = default;

    /// Takes what has arrived; returns what the client gets now, always whole events.
    [[nodiscard]] virtual std::string_view feed(std::string_view bytes) = 0;
    /// The provider's body ended properly. Whether the answer is whole, `complete()` tells; if it is not, what is returned says so to the client.
    [[nodiscard]] virtual std::string_view end() = 0;
    /// The provider broke off, or has to be given up: an error event of the client's format.
    [[nodiscard]] virtual std::string_view fail(const codec::ProviderError& error) = 0;
    /// What keeps a silent connection open, legal now; empty inside an event.
    [[nodiscard]] virtual std::string_view keep_alive() const noexcept = 0;

    /// Model output has been seen.
    [[nodiscard]] bool output_seen() const noexcept { return output_.pieces > 0; }
    /// More than a stream's start-up has been fed: output, or anything else that only an answer has. Until then another worker could take over.
    [[nodiscard]] bool begun() const noexcept { return begun_; }
    /// What of it, and what of it when the provider last told its counts.
    [[nodiscard]] const OutputSeen& output() const noexcept { return output_; }
    [[nodiscard]] const OutputSeen& counted_output() const noexcept { return counted_output_; }
    /// The answer's own last word was seen, so that nothing is missing.
    [[nodiscard]] bool complete() const noexcept { return complete_; }
    /// The terminator was seen: nothing more is to be expected, whatever the connection does.
    [[nodiscard]] bool terminated() const noexcept { return terminated_; }
    /// The answer was ended at a stop sequence that the provider was not told: it would go on, and must be left.
    [[nodiscard]] bool ended_early() const noexcept { return ended_early_; }
    /// The provider stated an error inside the stream.
    [[nodiscard]] const std::unique_ptr<codec::ProviderError>& error() const noexcept { return error_; }
    [[nodiscard]] virtual const codec::Usage& usage() const = 0;
    [[nodiscard]] virtual const Charges& charges() const = 0;
    /// The id of an answer that its provider keeps (Responses); empty: none.
    [[nodiscard]] const std::string& answer_id() const noexcept { return answer_id_; }
    /// Keys of the encrypted reasoning in the answer, which only the worker that wrote it can read (`held_state.hpp`).
    [[nodiscard]] virtual const std::vector<std::string>& reasoning_keys() const = 0;

protected:
    OutputSeen output_;
    OutputSeen counted_output_;
    bool begun_ = false;
    bool complete_ = false;
    bool terminated_ = false;
    bool ended_early_ = false;
    std::string answer_id_;
    std::unique_ptr<codec::ProviderError> error_;
};

/// Client and provider speak the same format: bytes pass as they are. With `drop_usage` (Chat), the usage chunk and the `"usage":null` of the
/// others, which the gateway asked for, are taken out.
[[nodiscard]] std::unique_ptr<AnswerStream> passing_stream(providers::ApiFormat format, codec::ClientView view, bool drop_usage);

/// They differ: the provider's events are decoded and written anew.
[[nodiscard]] std::unique_ptr<AnswerStream> translating_stream(const codec::Codec& upstream, const codec::RequestMemo& memo,
                                                               const codec::Codec& client, const codec::ClientView& view);

/// `events` less what their errors tell of a worker's secrets (`worker_words.hpp`).
[[nodiscard]] std::unique_ptr<AnswerStream> hiding_stream(std::unique_ptr<AnswerStream> events, fleet::WorkerSecrets secrets);

/// A stream of events as one JSON array of their data: what Gemini's clients get that do not ask for `alt=sse`.
[[nodiscard]] std::unique_ptr<AnswerStream> json_array_stream(std::unique_ptr<AnswerStream> events);

}  // namespace smg::gateway
