#include "net/byte_stream.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <utility>

namespace smg::net {
namespace {

constexpr std::size_t tls_read_size = 16 * 1024;

void prepare(tcp::socket& socket) {
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    socket.non_blocking(true, ignored);
}

error_code last_error() noexcept { return {errno, asio::error::get_system_category()}; }

bool would_block() noexcept { return errno == EAGAIN || errno == EWOULDBLOCK; }

constexpr std::uint32_t end_events = EPOLLRDHUP | EPOLLHUP | EPOLLERR;

}  // namespace

ByteStream::ByteStream(EventLoop& loop, tcp::socket socket) : loop_(loop) {
    prepare(socket);
    error_code code;
    descriptor_ = socket.release(code);
    if (code || !loop_.readiness().add(descriptor_, *this)) {
        if (!code) ::close(descriptor_);
        descriptor_ = -1;  // as if it was closed at once
    }
}

ByteStream::ByteStream(EventLoop& loop, std::unique_ptr<TlsSocket> tls) : loop_(loop), tls_(std::move(tls)) { prepare(tls_->next_layer()); }

ByteStream::~ByteStream() {
    // OpenSSL takes a connection that is freed without a shutdown for broken, and never resumes its session again.
    if (tls_) SSL_set_shutdown(tls_->native_handle(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    drop_descriptor();
}

void ByteStream::drop_descriptor() noexcept {
    if (descriptor_ < 0) return;
    loop_.readiness().remove(descriptor_, *this);
    ::close(std::exchange(descriptor_, -1));
}

void ByteStream::on_loop_end() noexcept {
    ::close(std::exchange(descriptor_, -1));
    // Who waits may own this stream: both end here, through the loop's executor.
    const auto reader = std::move(reader_.parked);
    const auto writer = std::move(writer_.parked);
}

int ByteStream::native_handle() const noexcept { return tls_ ? tls_->next_layer().native_handle() : descriptor_; }

tcp::endpoint ByteStream::peer() const {
    tcp::endpoint peer;
    auto size = static_cast<socklen_t>(peer.capacity());
    if (::getpeername(native_handle(), peer.data(), &size) == 0) peer.resize(size);
    return peer;
}

bool ByteStream::is_open() const noexcept { return tls_ ? tls_->next_layer().is_open() : descriptor_ >= 0; }

void ByteStream::abort(Waiter& waiter) {
    if (!waiter.parked.holds()) return;
    waiter.woken_by = asio::error::operation_aborted;
    asio::post(loop_.context(), [self = shared_from_this(), parked = std::move(waiter.parked)]() mutable { parked.resume(); });
}

void ByteStream::close() noexcept {
    error_code ignored;
    if (tls_) return static_cast<void>(tls_->next_layer().close(ignored));
    drop_descriptor();
    interrupt();
}

void ByteStream::interrupt() noexcept {
    error_code ignored;
    if (tls_) return static_cast<void>(tls_->next_layer().cancel(ignored));
    abort(reader_);
    abort(writer_);
}

void ByteStream::shutdown_send() noexcept {
    error_code ignored;
    if (!tls_) return static_cast<void>(::shutdown(descriptor_, SHUT_WR));
    send_close_notify();
    tls_->next_layer().shutdown(tcp::socket::shutdown_send, ignored);
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
    if (size > 0) tls_->next_layer().write_some(asio::buffer(bytes, static_cast<std::size_t>(size)), ignored);
    SSL_set0_wbio(ssl, own);
}

bool ByteStream::is_stale() noexcept {
    if (!is_open() || !early_.empty() || early_code_) return true;
    // That the loop has told of nothing is not enough: what has come since it last looked would be taken for the next answer.
    if (tls_ && SSL_pending(tls_->native_handle()) > 0) return true;
    // TLS peers may send session tickets at any time: bytes alone do not condemn a TLS connection. An end does, also one behind bytes,
    // which a read would not show.
    pollfd state{native_handle(), POLLIN | POLLRDHUP, 0};
    if (::poll(&state, 1, 0) < 0) return errno != EINTR;
    const auto bytes = (state.revents & POLLIN) != 0;
    const auto end = (state.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL)) != 0;
    return end || (bytes && tls_ == nullptr);
}

void ByteStream::on_ready(std::uint32_t events) {
    const auto self = shared_from_this();  // whoever goes on may let go of it
    if ((events & end_events) != 0) hung_up_ = true;
    if ((events & (EPOLLOUT | end_events)) != 0 && writer_.parked.holds()) writer_.parked.resume();
    if ((events & (EPOLLIN | end_events)) == 0) return;
    readable_ = true;
    if (reader_.parked.holds()) {
        reader_.parked.resume();
    } else if (on_closed_) {
        take_early();
    }
}

ReadResult ByteStream::read_early(std::size_t most) {
    if (early_.empty()) return {early_code_, {}};
    auto scratch = loop_.scratch();
    const auto n = std::min({early_.size(), scratch.size(), most});
    early_.copy(scratch.data(), n);
    early_.erase(0, n);
    if (early_.empty()) early_.shrink_to_fit();
    return {{}, {scratch.data(), n}};
}

std::optional<ReadResult> ByteStream::receive(std::size_t most) {
    if (descriptor_ < 0) return ReadResult(asio::error::bad_descriptor, {});
    auto scratch = loop_.scratch();
    const auto size = std::min(scratch.size(), most);
    while (readable_) {
        const auto n = ::recv(descriptor_, scratch.data(), size, 0);
        if (n > 0) {
            readable_ = static_cast<std::size_t>(n) == size || hung_up_;
            return ReadResult({}, {scratch.data(), static_cast<std::size_t>(n)});
        }
        if (n == 0) return ReadResult(asio::error::eof, {});
        if (errno == EINTR) continue;
        if (!would_block()) return ReadResult(last_error(), {});
        readable_ = false;
    }
    return std::nullopt;
}

Awaitable<ReadResult> ByteStream::read(std::size_t most) {
    if (tls_ && early_.empty() && !early_code_) {
        auto received = read_tls();
        co_return co_await std::move(received);
    }
    for (;;) {
        if (!early_.empty() || early_code_) co_return read_early(most);
        const auto received = receive(most);
        if (received) co_return *received;
        auto place = reader_.parked.here();
        co_await place;
        if (const auto code = std::exchange(reader_.woken_by, {})) co_return ReadResult(code, {});
    }
}

Awaitable<ReadResult> ByteStream::read_tls() {
    if (watching_) {
        // The watch's read is still out; what it brings is ours.
        tls_wake_ = std::make_unique<asio::steady_timer>(loop_.context(), asio::steady_timer::time_point::max());
        co_await tls_wake_->async_wait(as_value);
        tls_wake_.reset();
        if (std::exchange(interrupted_, false)) co_return ReadResult(asio::error::operation_aborted, {});
        if (!early_.empty() || early_code_) co_return read_early(EventLoop::scratch_size);
        auto again = read_tls();
        co_return co_await std::move(again);
    }
    if (!tls_buffer_) tls_buffer_.reset(new char[tls_read_size]);
    auto buffer = asio::buffer(tls_buffer_.get(), tls_read_size);
    auto [code, n] = co_await tls_->async_read_some(buffer, as_value);
    // A peer that drops TCP without close_notify: HTTP framing tells whether the message was whole.
    if (code == asio::ssl::error::stream_truncated) code = asio::error::eof;
    // Asio does not report an end twice: a second read would wait for ever.
    if (code && code != asio::error::operation_aborted) early_code_ = code;
    co_return ReadResult(code, {tls_buffer_.get(), n});
}

error_code ByteStream::write_now(std::initializer_list<std::string_view> pieces, std::size_t& written) {
    std::array<iovec, 4> buffers{};
    msghdr message{};
    message.msg_iov = buffers.data();
    for (const auto& piece : pieces)
        if (!piece.empty()) buffers[message.msg_iovlen++] = {const_cast<char*>(piece.data()), piece.size()};
    written = 0;
    for (;;) {
        const auto n = ::sendmsg(descriptor_, &message, MSG_NOSIGNAL);
        if (n >= 0) written = static_cast<std::size_t>(n);
        if (n >= 0 || would_block()) return {};
        if (errno != EINTR) return last_error();
    }
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
        const auto before = head.size() + body.size();
        const auto code = write_some(head, body);
        const auto left = head.size() + body.size();
        if (code || left == 0) co_return code;
        if (left < before) continue;  // only after a write that got nowhere does the kernel tell of room
        auto place = writer_.parked.here();
        co_await place;
        if (const auto woken = std::exchange(writer_.woken_by, {})) co_return woken;
    }
}

void ByteStream::watch(std::function<void()> on_closed) {
    on_closed_ = std::move(on_closed);
    if (early_code_) {
        loop_.post([self = shared_from_this()] { self->peer_closed(); });
    } else if (tls_) {
        if (!watching_) start_tls_watch();
    } else if (readable_) {
        loop_.post([self = shared_from_this()] {
            if (self->on_closed_ && !self->reader_.parked.holds()) self->take_early();
        });
    }
}

void ByteStream::take_early() {
    while (descriptor_ >= 0 && early_.size() < watch_limit) {
        const auto received = receive(watch_limit);
        if (!received) return;
        if (received->code) {
            early_code_ = received->code;
            return peer_closed();
        }
        early_.append(received->data);
    }
}

void ByteStream::start_tls_watch() {
    watching_ = true;
    // A pending read is left standing when the watch ends: its handler then finds nobody to tell, and costs nothing more.
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
        start_tls_watch();
    }
}

void ByteStream::peer_closed() {
    if (const auto tell = std::exchange(on_closed_, nullptr)) tell();
}

}  // namespace smg::net
