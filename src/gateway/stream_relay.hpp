#pragma once
/// Pumps a stream to the client: reads no faster than the client takes, keeps silent connections open, and ends honestly.
#include <functional>
#include <memory>
#include <string>

#include "gateway/answer_stream.hpp"
#include "gateway/client.hpp"
#include "net/timer_wheel.hpp"
#include "upstream/exchange.hpp"
#include "workers/failure_class.hpp"

namespace smg::gateway {

/// Of one request; on its loop's thread.
class StreamRelay {
public:
    /// How it ended, as far as the relay knows.
    enum class End {
        complete,  ///< the provider's answer is whole and was handed over
        client_left,
        cut,            ///< the provider broke off; the client has been told
        timed_out,      ///< likewise, but it was the gateway that did not wait any longer
        stated,         ///< the provider ended with an error of its own; the client has it
        before_output,  ///< it failed before any output: nothing of this answer has gone to the client (`loss`)
    };

    StreamRelay(ClientRequest& request, ClientResponse& response, net::Duration keep_alive);

    /// From here on a silence longer than the keep-alive interval is broken by what `encoder` says, even before there is an answer: `early_head`
    /// (a success) then goes out first. Both stay until `pump`.
    void keep_alive_from_now(std::unique_ptr<codec::StreamEncoder> encoder, http::ResponseHead early_head);
    void stop_keep_alives() noexcept { deadline_.clear(); }

    /// What became of an answer that ended `before_output`.
    struct Loss {
        workers::FailureClass kind = workers::FailureClass::cut;
        codec::ProviderError error;
    };
    [[nodiscard]] const Loss& loss() const noexcept { return loss_; }
    /// Called once an answer's first output is there.
    void on_output(std::function<void()> told) { on_output_ = std::move(told); }

    /// Pumps until the end. `head` and the stream's start-up are held back until the first output, or until a keep-alive has to begin the answer:
    /// before that the pump may end with nothing sent, and be called again with another worker's answer.
    [[nodiscard]] net::Awaitable<End> pump(upstream::Exchange& exchange, AnswerStream& stream, http::ResponseHead head);

    /// For a stream that a keep-alive has begun: an error as its last event, and the end.
    [[nodiscard]] net::Awaitable<void> end_with(const codec::ProviderError& error);

private:
    void on_silence();
    void rearm();
    /// False when the client has left.
    [[nodiscard]] net::Awaitable<bool> drain();
    /// Sends without waiting: `blocked_` when the client is behind.
    void deliver(std::string_view text);
    [[nodiscard]] net::Awaitable<bool> send(std::string_view text);
    /// What is held back goes out, if the answer is not begun by it already.
    void begin_answer();
    [[nodiscard]] End lose(workers::FailureClass kind, codec::ProviderError error);
    /// Sends what is left to be said to a stream that cannot go on.
    [[nodiscard]] net::Awaitable<End> fail(upstream::Exchange& exchange, AnswerStream& stream, Error error, End end);
    [[nodiscard]] net::Awaitable<End> finish(upstream::Exchange& exchange, const AnswerStream& stream, End end);

    ClientRequest& request_;
    ClientResponse& response_;
    net::Duration interval_;
    net::Deadline deadline_;
    std::unique_ptr<codec::StreamEncoder> encoder_;
    http::ResponseHead early_head_;
    http::ResponseHead head_;  ///< of the answer, while it is held back
    std::string held_;         ///< the stream's start-up, likewise
    bool holding_ = false;
    Loss loss_;
    std::function<void()> on_output_;
    const AnswerStream* stream_ = nullptr;
    bool blocked_ = false;   ///< the client has not taken all of what was sent
    bool draining_ = false;  ///< waiting until it has
};

}  // namespace smg::gateway
