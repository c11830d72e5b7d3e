#include "gateway/stream_relay.hpp"

#include <utility>

#include "gateway/error_reply.hpp"
#include "gateway/failure.hpp"

namespace smg::gateway {
namespace {

/// How long the framing may lag behind the answer's own last word before its connection is given up.
constexpr auto settle_time = std::chrono::milliseconds(500);
/// Bounds what a stream holds while its client does not read. Events are far shorter, so that nothing waits for it.
constexpr std::size_t longest_piece = 32 * 1024;
/// Of a stream's start-up, which may repeat the whole request; beyond it another worker is given up.
constexpr std::size_t longest_start_up = 256 * 1024;

}  // namespace

StreamRelay::StreamRelay(ClientRequest& request, ClientResponse& response, net::Duration keep_alive)
    : request_(request), response_(response), interval_(keep_alive), deadline_(request.loop.deadlines(), [this] { on_silence(); }) {}

void StreamRelay::rearm() {
    if (interval_ > net::Duration::zero()) deadline_.set_after(interval_);
}

void StreamRelay::keep_alive_from_now(std::unique_ptr<codec::StreamEncoder> encoder, http::ResponseHead early_head) {
    encoder_ = std::move(encoder);
    early_head_ = std::move(early_head);
    rearm();
}

void StreamRelay::on_silence() {
    rearm();
    if (blocked_ || draining_ || request_.cancellation.requested()) return;  // not silent: the client is behind
    // A client that has heard keep-alives already does not need the start-up of this answer: it stays held back.
    const bool from_stream = stream_ != nullptr && !(holding_ && response_.started());
    if (!from_stream && !encoder_) return;
    const auto text = from_stream ? stream_->keep_alive() : encoder_->keep_alive();
    if (text.empty()) return;
    if (from_stream && holding_) {
        begin_answer();
        blocked_ = !response_.send(held_ + std::string(text));
        held_.clear();
        return;
    }
    if (!response_.started()) response_.start(std::move(early_head_), std::nullopt);
    blocked_ = !response_.send(text);
}

void StreamRelay::begin_answer() {
    holding_ = false;
    if (!response_.started()) response_.start(std::move(head_), std::nullopt);
}

StreamRelay::End StreamRelay::lose(workers::FailureClass kind, codec::ProviderError error) {
    loss_ = {kind, std::move(error)};
    stream_ = nullptr;
    holding_ = false;
    held_.clear();
    if (!encoder_) deadline_.clear();  // nobody to say anything until the next answer
    return End::before_output;
}

net::Awaitable<bool> StreamRelay::drain() {
    if (!blocked_) co_return true;
    draining_ = true;
    const auto code = co_await response_.flush();
    draining_ = blocked_ = false;
    co_return !code;
}

void StreamRelay::deliver(std::string_view text) {
    if (text.empty()) return;
    blocked_ = !response_.send(text);
    rearm();
}

net::Awaitable<bool> StreamRelay::send(std::string_view text) {
    deliver(text);
    auto drained = drain();
    co_return co_await std::move(drained);
}

net::Awaitable<StreamRelay::End> StreamRelay::fail(upstream::Exchange& exchange, AnswerStream& stream, Error error, End end) {
    if (holding_) {
        const auto kind = error.failure == Failure::upstream_timeout ? workers::FailureClass::timed_out : workers::FailureClass::cut;
        co_return lose(kind, as_provider_error(error));
    }
    const auto told = stream.fail(as_provider_error(error));
    const bool delivered = co_await send(told);
    if (!delivered) co_return End::client_left;
    auto ended = finish(exchange, stream, end);
    co_return co_await std::move(ended);
}

net::Awaitable<StreamRelay::End> StreamRelay::pump(upstream::Exchange& exchange, AnswerStream& stream, http::ResponseHead head) {
    stream_ = &stream;
    head_ = std::move(head);
    holding_ = true;
    exchange.limit_pieces(longest_piece);
    auto& record = request_.record;
    if (!deadline_.armed()) rearm();
    for (;;) {
        if (blocked_) {
            const bool ready = co_await drain();
            if (!ready) co_return End::client_left;
        }
        auto piece = co_await exchange.read();
        if (request_.cancellation.requested() && !request_.expelled) co_return End::client_left;
        if (request_.expelled || !piece) {
            Error error = request_.expelled ? Error(Failure::service_unavailable, "the gateway is shutting down") : piece.error();
            auto end = error.failure == Failure::upstream_timeout ? End::timed_out : End::cut;
            if (request_.expelled && !stream.keep_alive().empty()) end = End::stated;
            auto failed = fail(exchange, stream, std::move(error), end);
            co_return co_await std::move(failed);
        }
        const bool last = piece->end;
        bool ended = false;
        const auto text = stream.feed(piece->data);
        if (stream.output_seen() && !record.passed(record.first_output)) record.first_output_at();
        if (stream.begun() && on_output_) std::exchange(on_output_, nullptr)();
        const bool held_back = holding_ && !stream.begun();
        if (held_back) {
            held_ += text;
            const bool stated = stream.error() != nullptr;
            if (last && !stated) {
                held_ += stream.end();
                ended = true;
            }
            if (stream.error()) co_return lose(!stated ? workers::FailureClass::cut : class_of(0, *stream.error()), *stream.error());
            if (!last && !stream.terminated() && held_.size() < longest_start_up) continue;
        }
        if (!holding_) {
            deliver(text);
        } else {
            begin_answer();
            if (!held_back) held_ += text;
            const auto all = std::exchange(held_, {});
            deliver(all);
        }
        if (!last && !stream.terminated()) continue;
        const auto ending = last && !ended ? stream.end() : std::string_view();
        const bool ended_well = co_await send(ending);
        if (!ended_well) co_return End::client_left;
        const auto end = stream.complete() ? End::complete : (stream.error() ? End::stated : End::cut);
        auto finished = finish(exchange, stream, end);
        co_return co_await std::move(finished);
    }
}

net::Awaitable<StreamRelay::End> StreamRelay::finish(upstream::Exchange& exchange, const AnswerStream& stream, End end) {
    deadline_.clear();
    if (end != End::complete) response_.close_afterwards();
    if ((end == End::cut || end == End::timed_out) && stream.keep_alive().empty()) {
        response_.abandon();  // inside an event: only the broken connection can say it
        co_return end;
    }
    const auto code = co_await response_.finish();
    if (code) co_return End::client_left;
    if (end == End::complete && !exchange.complete()) {
        exchange.expect_end_within(settle_time);
        for (;;) {
            auto rest = co_await exchange.read();
            if (!rest || rest->end) break;
        }
    }
    co_return end;
}

net::Awaitable<void> StreamRelay::end_with(const codec::ProviderError& error) {
    deadline_.clear();
    std::string text;
    encoder_->write(codec::event::Failed{error}, text);
    response_.close_afterwards();
    const bool taken = co_await send(text);
    if (taken) co_await response_.finish();
    deadline_.clear();
}

}  // namespace smg::gateway
