#pragma once
/// One request to an upstream and its answer: written, then pulled. Destroying it early closes the connection, which is how a client
/// that left stops costing money.
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "http/message.hpp"
#include "net/cancellation.hpp"
#include "upstream/peer.hpp"
#include "upstream/pool.hpp"

namespace smg::upstream {

struct Timeouts {
    net::Duration connect = std::chrono::seconds(10);      ///< DNS, TCP and TLS
    net::Duration first_byte = std::chrono::seconds(600);  ///< from the request's last byte to the answer's head, and to the first byte of its body
    net::Duration idle = std::chrono::seconds(300);        ///< longest silence inside the body
    net::Duration total = net::Duration::max();            ///< from the request's last byte to the answer's last; a stream has none
};

/// A piece of the answer's body.
struct Piece {
    Piece(std::string_view bytes, bool last) : data(bytes), end(last) {}
    std::string_view data;  ///< valid until the next suspension of the reader
    bool end;               ///< the body is complete with this piece
};

class Exchange {
public:
    /// How far it came: what decides whether the request may be sent again.
    enum class Progress { not_connected, written, answered };

    Exchange(Pool& pool, Peer peer, Timeouts timeouts, net::Cancellation& cancellation);
    ~Exchange();
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;

    /// Sends `head` (with its empty line) and `body`, and waits for the answer's head; interim answers (1xx) are passed over.
    /// A reused connection that dies before the first byte of the answer is replaced by a fresh one, once, if `ask_before_resending` lets it.
    /// The views must live until this returns. Failures: upstream_error, upstream_timeout, service_unavailable.
    [[nodiscard]] net::Awaitable<Result<void>> start(std::string_view head, std::string_view body);

    /// Before `start`: asked when the request would be sent a second time, on a fresh connection. Without it, it may.
    void ask_before_resending(std::function<bool()> may_resend) { may_resend_ = std::move(may_resend); }

    /// The answer's head, also after its body has ended.
    [[nodiscard]] const http::ResponseHead& head() const noexcept { return head_; }
    /// How the answer's body is framed.
    [[nodiscard]] const http::Framing& framing() const noexcept { return framing_; }
    /// True when the answer has ended: `read` has returned its last piece, or there was no body.
    [[nodiscard]] bool complete() const noexcept { return progress_ == Progress::answered && !connection_; }
    /// What came was no answer of HTTP/1.1.
    [[nodiscard]] bool malformed() const noexcept { return malformed_; }
    [[nodiscard]] Progress progress() const noexcept { return progress_; }
    /// True when the request went out, at last, on a connection that had served another before.
    [[nodiscard]] bool reused_connection() const noexcept { return reused_; }
    /// When the request's last byte was written.
    [[nodiscard]] net::TimePoint sent_at() const noexcept { return sent_at_; }
    /// When the connection was ready to be written to; equal to the start for a reused one.
    [[nodiscard]] net::TimePoint connected_at() const noexcept { return connected_at_; }

    /// Writes those two moments where others see them while the exchange is under way. Both live as long as it does.
    void tell_moments(net::TimePoint& connected, net::TimePoint& sent) noexcept { connected_seen_ = &connected, sent_seen_ = &sent; }

    /// The next piece of the body, as large as what has arrived. After the piece with `end`, the connection is back in its pool.
    /// Failures: upstream_error (cut, malformed), upstream_timeout (silence).
    [[nodiscard]] net::Awaitable<Result<Piece>> read();

    /// From now on no piece is longer: what a slow client does not take of one has to be kept for it.
    void limit_pieces(std::size_t bytes) noexcept { longest_piece_ = bytes; }

    /// Bytes of the body came with the head: the next `read` does not wait.
    [[nodiscard]] bool body_at_hand() const noexcept { return has_beyond_head_ && !beyond_head_.empty(); }
    /// The answer's own last word has been read: what frames it has to follow within `limit`, or the connection is not worth keeping.
    void expect_end_within(net::Duration limit) noexcept { timeouts_.idle = limit; }

private:
    [[nodiscard]] net::Awaitable<Result<void>> attempt(std::string_view head, std::string_view body);
    [[nodiscard]] net::Awaitable<Result<void>> await_head();
    [[nodiscard]] Result<Piece> take_body(std::string_view bytes);
    /// Starts the wait for `timeout`, but not beyond the total one.
    void arm(net::Duration timeout);
    /// How long the body may be silent now.
    [[nodiscard]] net::Duration body_patience() const noexcept;
    [[nodiscard]] Result<Piece> deliver(Result<Piece> piece);
    void finish();
    [[nodiscard]] Error broken(const net::error_code& code) const;

    Pool& pool_;
    Peer peer_;
    Timeouts timeouts_;
    net::Cancellation& cancellation_;
    std::unique_ptr<Connection> connection_;
    net::Deadline deadline_;
    net::TimePoint connected_at_{};
    net::TimePoint sent_at_{};
    std::function<bool()> may_resend_;
    net::TimePoint* connected_seen_ = nullptr;
    net::TimePoint* sent_seen_ = nullptr;
    Progress progress_ = Progress::not_connected;
    bool timed_out_ = false;
    bool malformed_ = false;
    bool any_byte_ = false;
    bool body_began_ = false;
    bool reused_ = false;
    bool has_beyond_head_ = false;
    std::string beyond_head_;  ///< body bytes that arrived in one read with the head; kept until the next one, for the view of them
    std::size_t longest_piece_ = net::EventLoop::scratch_size;
    http::ResponseHead head_;
    http::Framing framing_;
    std::optional<net::Cancellation::Hook> hook_;
};

}  // namespace smg::upstream
