#include "upstream/exchange.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace smg::upstream {

Exchange::Exchange(Pool& pool, Peer peer, Timeouts timeouts, net::Cancellation& cancellation)
    : pool_(pool), peer_(std::move(peer)), timeouts_(timeouts), cancellation_(cancellation), deadline_(pool.loop().deadlines(), [this] {
          timed_out_ = true;
          if (connection_) connection_->stream().close();
      }) {}

Exchange::~Exchange() {
    hook_.reset();
    if (connection_) pool_.discard(std::move(connection_));
}

void Exchange::arm(net::Duration timeout) {
    timed_out_ = false;
    if (timeouts_.total != net::Duration::max() && progress_ != Progress::not_connected) {
        const auto left = sent_at_ + timeouts_.total - std::chrono::steady_clock::now();
        timeout = std::max<net::Duration>(std::min<net::Duration>(timeout, left), std::chrono::milliseconds(1));
    }
    deadline_.set_after(timeout);
}

net::Duration Exchange::body_patience() const noexcept {
    if (body_began_) return timeouts_.idle;
    return std::min(timeouts_.idle, std::max(timeouts_.first_byte - (std::chrono::steady_clock::now() - sent_at_), net::Duration::zero()));
}

Error Exchange::broken(const net::error_code& code) const {
    if (timed_out_ && progress_ == Progress::answered) return Error(Failure::upstream_timeout, "the upstream fell silent");
    if (timed_out_) return Error(Failure::upstream_timeout, "the upstream did not answer in time");
    if (code == net::asio::error::eof) return Error(Failure::upstream_error, "the upstream closed the connection before its answer was complete");
    return Error(Failure::upstream_error, "the connection to the upstream broke: " + code.message());
}

net::Awaitable<Result<void>> Exchange::start(std::string_view head, std::string_view body) {
    connection_ = pool_.take_idle(peer_);
    if (connection_) {
        connected_at_ = std::chrono::steady_clock::now();
        auto answered = co_await attempt(head, body);
        if (answered || any_byte_ || timed_out_ || cancellation_.requested()) co_return answered;
        // Closed under our feet between two requests: most likely the peer never saw this one.
        if (may_resend_ && !may_resend_()) co_return answered;
        hook_.reset();
        pool_.discard(std::move(connection_));
        progress_ = Progress::not_connected;
    }
    auto opened = co_await pool_.open(peer_, timeouts_.connect, cancellation_);
    if (!opened) co_return tl::unexpected(opened.error());
    connection_ = std::move(*opened);
    connected_at_ = std::chrono::steady_clock::now();
    auto answered = co_await attempt(head, body);
    co_return answered;
}

net::Awaitable<Result<void>> Exchange::attempt(std::string_view head, std::string_view body) {
    auto* stream = &connection_->stream();
    reused_ = connection_->reused();
    hook_.emplace(cancellation_, [stream] { stream->close(); });
    if (connected_seen_ != nullptr) *connected_seen_ = connected_at_;
    // Most requests leave at once, without a wait to guard.
    auto code = stream->write_some(head, body);
    if (!code && !(head.empty() && body.empty())) {
        arm(timeouts_.first_byte);
        code = co_await stream->write(head, body);
    }
    progress_ = Progress::written;
    sent_at_ = std::chrono::steady_clock::now();
    if (sent_seen_ != nullptr) *sent_seen_ = sent_at_;
    if (!timed_out_) arm(timeouts_.first_byte);
    // A server may answer (413, 401) and stop reading: what it said is worth more than the write error.
    auto answered = co_await await_head();
    if (!answered && code && !any_byte_) co_return tl::unexpected(broken(code));
    co_return answered;
}

net::Awaitable<Result<void>> Exchange::await_head() {
    auto& reader = connection_->reader();
    for (;;) {
        const auto received = co_await connection_->stream().read();
        if (received.code) co_return tl::unexpected(broken(received.code));
        any_byte_ = true;
        auto bytes = received.data;
        while (!bytes.empty()) {
            const auto step = reader.feed(bytes);
            if (!step) {
                malformed_ = true;
                co_return fail(Failure::upstream_error, "the upstream's answer is malformed: " + step.error().message);
            }
            bytes.remove_prefix(step->consumed);
            if (!reader.head_complete()) continue;
            if (reader.head().status < 200 && reader.head().status != 101) {
                reader.reset();
                continue;
            }
            progress_ = Progress::answered;
            head_ = std::move(reader.head());
            framing_ = reader.framing();
            beyond_head_.assign(bytes);
            has_beyond_head_ = true;
            arm(body_patience());
            co_return Result<void>();
        }
    }
}

Result<Piece> Exchange::take_body(std::string_view bytes) {
    auto& reader = connection_->reader();
    // Decoded pieces are no longer than what they came from, so they are moved together in place: one contiguous piece a read.
    char* out = nullptr;
    std::size_t size = 0;
    while (!reader.complete() && !bytes.empty()) {
        const auto step = reader.feed(bytes);
        if (!step) {
            malformed_ = true;
            return fail(Failure::upstream_error, "the upstream's answer is malformed: " + step.error().message);
        }
        if (!step->body.empty()) {
            if (out == nullptr) out = const_cast<char*>(step->body.data());
            if (out + size != step->body.data()) std::memmove(out + size, step->body.data(), step->body.size());
            size += step->body.size();
        }
        bytes.remove_prefix(step->consumed);
    }
    body_began_ = body_began_ || size > 0;
    if (!bytes.empty()) connection_->stream().close();  // bytes after the answer: not a connection to use again
    return Piece(std::string_view(out, size), reader.complete());
}

Result<Piece> Exchange::deliver(Result<Piece> piece) {
    if (piece && piece->end) finish();
    return piece;
}

net::Awaitable<Result<Piece>> Exchange::read() {
    if (!connection_) co_return Piece({}, true);
    if (std::exchange(has_beyond_head_, false)) {
        auto piece = deliver(take_body(beyond_head_));
        if (!piece || piece->end || !piece->data.empty()) co_return piece;
    }
    std::string().swap(beyond_head_);
    for (;;) {
        arm(body_patience());
        const auto received = co_await connection_->stream().read(longest_piece_);
        if (received.code == net::asio::error::eof && connection_->reader().feed_end()) co_return deliver(Piece({}, true));
        if (received.code) co_return tl::unexpected(broken(received.code));
        auto piece = deliver(take_body(received.data));
        if (!piece || piece->end || !piece->data.empty()) co_return piece;
    }
}

void Exchange::finish() {
    deadline_.clear();
    hook_.reset();
    const bool reusable = framing_.keep_alive && framing_.kind != http::BodyKind::until_close && connection_->stream().is_open();
    if (reusable) {
        pool_.give_back(std::move(connection_));
    } else {
        pool_.discard(std::move(connection_));
    }
}

}  // namespace smg::upstream
