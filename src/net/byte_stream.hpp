#pragma once
/// A connection as a stream of bytes, plain or TLS. Reading borrows the loop's scratch memory, so that a connection that waits holds
/// none of its own; writing tries at once and only what the kernel did not take is kept.
#include <boost/asio/ssl/stream.hpp>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "net/asio.hpp"
#include "net/event_loop.hpp"
#include "net/parked.hpp"
#include "net/readiness.hpp"

namespace smg::net {

using TlsSocket = asio::ssl::stream<tcp::socket>;

/// What a read brought. `data` is valid until the reader's next suspension (it may lie in the loop's scratch memory).
struct ReadResult {
    ReadResult(error_code read_code, std::string_view bytes) : code(read_code), data(bytes) {}
    error_code code;  ///< asio::error::eof: closed cleanly
    std::string_view data;
};

/// Shared, because a pending watch may outlive its user by one event. Lives on its loop's thread. A plain socket is taken out of Asio's hands:
/// its loop tells when it is ready, and it is read and written as far as that goes.
class ByteStream final : public std::enable_shared_from_this<ByteStream>, private Readiness::Listener {
public:
    ByteStream(EventLoop& loop, tcp::socket socket);
    ByteStream(EventLoop& loop, std::unique_ptr<TlsSocket> tls);
    ~ByteStream();
    ByteStream(const ByteStream&) = delete;
    ByteStream& operator=(const ByteStream&) = delete;

    /// Waits for bytes. One reader at a time. `most`: how many to take at once, where what is taken may have to be kept for a slow peer.
    [[nodiscard]] Awaitable<ReadResult> read(std::size_t most = EventLoop::scratch_size);

    /// Writes the pieces in order, as far as that goes without waiting, and keeps a copy of the rest. True when nothing is left over;
    /// false: `co_await flush()` before sending more (errors show there).
    bool send(std::initializer_list<std::string_view> pieces);
    /// Waits until what `send` kept is written.
    [[nodiscard]] Awaitable<error_code> flush();
    /// True when nothing that was sent still waits, and nothing has failed.
    [[nodiscard]] bool all_sent() const noexcept { return unsent_.empty() && !send_code_; }
    /// Writes as far as that goes without waiting, and takes what went off the views. What is left over is for `write`; over TLS, all of it.
    [[nodiscard]] error_code write_some(std::string_view& head, std::string_view& body);
    /// Writes all of it without copying; the caller keeps the bytes alive until then.
    [[nodiscard]] Awaitable<error_code> write(std::string_view head, std::string_view body);

    /// Tells when the peer closes, or breaks, while nobody reads. Bytes that arrive meanwhile are kept for the next `read`; once
    /// `watch_limit` of them are held the watch sleeps until they are read. `on_closed` runs at most once; `unwatch` forgets it.
    void watch(std::function<void()> on_closed);
    void unwatch() noexcept { on_closed_ = nullptr; }

    /// At once: whatever is pending on the stream completes with operation_aborted.
    void close() noexcept;
    /// A pending read or write completes with operation_aborted; the stream stays usable, and a watch goes on.
    void interrupt() noexcept;
    /// Sends what TLS and TCP say at the end, without waiting for the peer, which may still be read. Not while a write is pending.
    void shutdown_send() noexcept;
    [[nodiscard]] bool is_open() const noexcept;
    [[nodiscard]] bool is_tls() const noexcept { return tls_ != nullptr; }
    /// True when, without waiting, the peer is known to have closed or sent bytes nobody asked for: an idle connection unfit for reuse.
    [[nodiscard]] bool is_stale() noexcept;
    [[nodiscard]] EventLoop& loop() noexcept { return loop_; }
    [[nodiscard]] tcp::endpoint peer() const;
    /// -1 once it is closed.
    [[nodiscard]] int native_handle() const noexcept;

    static constexpr std::size_t watch_limit = 64 * 1024;

private:
    void on_ready(std::uint32_t events) override;
    void on_loop_end() noexcept override;
    /// What can be read without waiting; nothing when there is nothing.
    [[nodiscard]] std::optional<ReadResult> receive(std::size_t most);
    [[nodiscard]] Awaitable<ReadResult> read_tls();
    [[nodiscard]] ReadResult read_early(std::size_t most);
    /// For a watch: what has come is kept.
    void take_early();
    struct Waiter {
        Parked parked;
        error_code woken_by;  ///< why it goes on, if not since the socket is ready
    };
    /// Lets it go on with `operation_aborted`, from the loop.
    void abort(Waiter& waiter);
    void drop_descriptor() noexcept;
    void start_tls_watch();
    void on_tls_read(error_code code, std::size_t n);
    void peer_closed();
    void send_close_notify() noexcept;
    error_code write_now(std::initializer_list<std::string_view> pieces, std::size_t& written);

    EventLoop& loop_;
    int descriptor_ = -1;  ///< of a plain one
    std::unique_ptr<TlsSocket> tls_;
    Waiter reader_;
    Waiter writer_;
    std::unique_ptr<char[]> tls_buffer_;            ///< only TLS reads need memory while they wait
    std::unique_ptr<asio::steady_timer> tls_wake_;  ///< a reader that waits for the watch's read
    std::string early_;                             ///< bytes that came while watching
    std::string unsent_;
    error_code early_code_;  ///< what the watch ran into
    error_code send_code_;
    std::function<void()> on_closed_;
    bool readable_ = true;   ///< as far as is known; false: the last read took all there was
    bool hung_up_ = false;   ///< the peer has closed or broken, so that a short read does not mean that nothing is left
    bool watching_ = false;  ///< a TLS read is out for the watch
    bool interrupted_ = false;  ///< a reader that waits for the watch's read was
};

}  // namespace smg::net
