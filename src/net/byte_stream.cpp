#include "net/byte_stream.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>

#include <array>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/write.hpp>

namespace smg::net {
namespace {

constexpr std::size_t tls_read_size = 16 * 1024;

void prepare(tcp::socket& socket) {
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    socket.non_blocking(true, ignored);
}

}  // namespace

ByteStream::ByteStream(EventLoop& loop, tcp::socket socket) : loop_(loop), plain_(std::move(socket)) { prepare(plain_); }

ByteStream::ByteStream(EventLoop& loop, std::unique_ptr<TlsSocket> tls) : loop_(loop), plain_(loop.context()), tls_(std::move(tls)) {
    prepare(tls_->next_layer());
}

ByteStream::~ByteStream() {
    // OpenSSL takes a connection that is freed without a shutdown for broken, and never resumes its session again.
    if (tls_) SSL_set_shutdown(tls_->native_handle(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

tcp::socket& ByteStream::socket() noexcept { return tls_ ? tls_->next_layer() : plain_; }

tcp::endpoint ByteStream::peer() const {
    error_code ignored;
    return (tls_ ? tls_->next_layer() : plain_).remote_endpoint(ignored);
}

bool ByteStream::is_open() const noexcept { return (tls_ ? tls_->next_layer() : plain_).is_open(); }

void ByteStream::close() noexcept {
    error_code ignored;
    socket().close(ignored);
}

void ByteStream::interrupt() noexcept {
    error_code ignored;
    socket().cancel(ignored);
}

void ByteStream::shutdown_send() noexcept {
    error_code ignored;
    if (tls_) send_close_notify();
    socket().shutdown(tcp::socket::shutdown_send, ignored);
}

/// Asio's own shutdown also waits for the peer's close_notify, and takes what the peer still sends for an error: of no use to who wants to
/// go on reading. So the alert is written into memory and sent from there; nothing else is under way when a stream is shut down.
void ByteStream::send_close_notify() noexcept {
    auto* ssl = tls_->native_handle();
    auto* own = SSL_get_wbio(ssl);
    auto* memory = BIO_new(BIO_s_mem());
    if (own == nullptr || memory == nullptr || BIO_up_ref(own) != 1) {
        BIO_free(memory);
        return;
    }
    SSL_set0_wbio(ssl, memory);
    SSL_shutdown(ssl);
    ERR_clear_error();
    char* bytes = nullptr;
    const auto size = BIO_get_mem_data(memory, &bytes);
    error_code ignored;
    if (size > 0) socket().write_some(asio::buffer(bytes, static_cast<std::size_t>(size)), ignored);
    SSL_set0_wbio(ssl, own);
}

bool ByteStream::is_stale() noexcept {
    if (!is_open() || !early_.empty() || early_code_) return true;
    if (tls_ && SSL_pending(tls_->native_handle()) > 0) return true;
    // TLS peers may send session tickets at any time: bytes alone do not condemn a TLS connection. An end does, also one behind bytes,
    // which a read would not show.
    pollfd state{socket().native_handle(), POLLIN | POLLRDHUP, 0};
    if (::poll(&state, 1, 0) < 0) return errno != EINTR;
    const auto bytes = (state.revents & POLLIN) != 0;
    const auto end = (state.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL)) != 0;
    return end || (bytes && tls_ == nullptr);
}

Awaitable<ReadResult> ByteStream::read(std::size_t most) {
    if (!early_.empty()) {
        auto scratch = loop_.scratch();
        const auto n = std::min({early_.size(), scratch.size(), most});
        early_.copy(scratch.data(), n);
        early_.erase(0, n);
        if (early_.empty()) early_.shrink_to_fit();
        co_return ReadResult({}, {scratch.data(), n});
    }
    if (early_code_) co_return ReadResult(early_code_, {});
    if (tls_ && watching_) {
        // The watch's read is still out; what it brings is ours.
        tls_wake_ = std::make_unique<asio::steady_timer>(loop_.context(), asio::steady_timer::time_point::max());
        co_await tls_wake_->async_wait(as_value);
        tls_wake_.reset();
        if (std::exchange(interrupted_, false)) co_return ReadResult(asio::error::operation_aborted, {});
        auto again = read(most);
        co_return co_await std::move(again);
    }
    if (tls_) {
        if (!tls_buffer_) tls_buffer_.reset(new char[tls_read_size]);
        auto buffer = asio::buffer(tls_buffer_.get(), tls_read_size);
        auto [code, n] = co_await tls_->async_read_some(buffer, as_value);
        // A peer that drops TCP without close_notify: HTTP framing tells whether the message was whole.
        if (code == asio::ssl::error::stream_truncated) code = asio::error::eof;
        // Asio does not report an end twice: a second read would wait for ever.
        if (code && code != asio::error::operation_aborted) early_code_ = code;
        co_return ReadResult(code, {tls_buffer_.get(), n});
    }
    auto scratch = loop_.scratch();
    for (;;) {
        if (!drained_) {
            error_code code;
            const auto size = std::min(scratch.size(), most);
            const auto n = plain_.read_some(asio::buffer(scratch.data(), size), code);
            const bool nothing = code == asio::error::would_block || code == asio::error::try_again;
            drained_ = n < size && !code;
            if (!nothing) co_return ReadResult(code, {scratch.data(), n});
        }
        drained_ = false;
        auto [waited] = co_await plain_.async_wait(tcp::socket::wait_read, as_value);
        if (waited) co_return ReadResult(waited, {});
        // The watch may have been woken by the same bytes, and have taken them.
        if (!early_.empty() || early_code_) {
            auto again = read(most);
            co_return co_await std::move(again);
        }
    }
}

error_code ByteStream::write_now(std::initializer_list<std::string_view> pieces, std::size_t& written) {
    std::array<asio::const_buffer, 4> buffers;
    std::size_t count = 0;
    for (const auto& piece : pieces) buffers[count++] = asio::buffer(piece.data(), piece.size());
    error_code code;
    written = plain_.write_some(buffers, code);
    if (code == asio::error::would_block || code == asio::error::try_again) code = {};
    return code;
}

bool ByteStream::send(std::initializer_list<std::string_view> pieces) {
    std::size_t written = 0;
    if (unsent_.empty() && !tls_ && !send_code_) send_code_ = write_now(pieces, written);
    if (send_code_) return false;
    for (const auto& piece : pieces) {
        const auto done = std::min(written, piece.size());
        written -= done;
        unsent_.append(piece.substr(done));
    }
    return unsent_.empty();
}

Awaitable<error_code> ByteStream::flush() {
    while (!unsent_.empty() && !send_code_) {
        std::string batch;
        batch.swap(unsent_);
        auto code = co_await write(batch, {});
        if (code) send_code_ = code;
    }
    co_return send_code_;
}

error_code ByteStream::write_some(std::string_view& head, std::string_view& body) {
    if (tls_) return {};
    std::size_t written = 0;
    const auto code = write_now({head, body}, written);
    const auto of_head = std::min(written, head.size());
    head.remove_prefix(of_head);
    body.remove_prefix(written - of_head);
    return code;
}

Awaitable<error_code> ByteStream::write(std::string_view head, std::string_view body) {
    if (tls_) {
        std::array<asio::const_buffer, 2> buffers{asio::buffer(head.data(), head.size()), asio::buffer(body.data(), body.size())};
        auto [code, n] = co_await asio::async_write(*tls_, buffers, as_value);
        co_return code;
    }
    for (;;) {
        const auto code = write_some(head, body);
        if (code || (head.empty() && body.empty())) co_return code;
        auto [waited] = co_await plain_.async_wait(tcp::socket::wait_write, as_value);
        if (waited) co_return waited;
    }
}

void ByteStream::watch(std::function<void()> on_closed) {
    on_closed_ = std::move(on_closed);
    if (early_code_) {
        loop_.post([self = shared_from_this()] { self->peer_closed(); });
    } else if (!watching_) {
        start_watch();
    }
}

void ByteStream::start_watch() {
    watching_ = true;
    // A pending wait is left standing when the watch ends: its handler then finds nobody to tell, and costs nothing more.
    if (!tls_) return plain_.async_wait(tcp::socket::wait_read, [self = shared_from_this()](error_code code) { self->on_readable(code); });
    if (!tls_buffer_) tls_buffer_.reset(new char[tls_read_size]);
    tls_->async_read_some(asio::buffer(tls_buffer_.get(), tls_read_size),
                          [self = shared_from_this()](error_code code, std::size_t n) { self->on_tls_read(code, n); });
}

void ByteStream::on_tls_read(error_code code, std::size_t n) {
    watching_ = false;
    early_.append(tls_buffer_.get(), n);
    if (code == asio::error::operation_aborted && is_open()) {
        // Interrupted: that is for a reader; a watch goes on.
        interrupted_ = tls_wake_ != nullptr;
        code = {};
    }
    if (code) early_code_ = code == asio::ssl::error::stream_truncated ? error_code(asio::error::eof) : code;
    if (tls_wake_) {
        tls_wake_->cancel();
    } else if (code) {
        peer_closed();
    } else if (on_closed_ && early_.size() < watch_limit) {
        start_watch();
    }
}

void ByteStream::on_readable(error_code code) {
    watching_ = false;
    if (!on_closed_ || !is_open()) return;
    if (code == asio::error::operation_aborted) return start_watch();  // interrupted: that is for a reader
    auto scratch = loop_.scratch();
    error_code read_code;
    const auto n = plain_.read_some(asio::buffer(scratch.data(), std::min(scratch.size(), watch_limit)), read_code);
    if (read_code == asio::error::would_block || read_code == asio::error::try_again) return start_watch();
    if (read_code) {
        early_code_ = read_code;
        return peer_closed();
    }
    early_.append(scratch.data(), n);
    if (early_.size() < watch_limit) start_watch();
}

void ByteStream::peer_closed() {
    if (const auto tell = std::exchange(on_closed_, nullptr)) tell();
}

}  // namespace smg::net
