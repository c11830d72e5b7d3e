#pragma once
/// A blocking loopback socket of a test. Every wait has a limit; a wait that runs out is an exception, which fails the test.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace smg::test {

using Limit = std::chrono::milliseconds;
/// Far beyond what any step needs, so that a busy machine makes tests slow and not red.
inline constexpr Limit step_limit{20'000};

class Socket {
public:
    Socket() = default;
    explicit Socket(int descriptor) : descriptor_(descriptor) {
        const int yes = 1;
        ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        ::fcntl(descriptor_, F_SETFL, ::fcntl(descriptor_, F_GETFL, 0) | O_NONBLOCK);
    }
    Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    Socket& operator=(Socket&& other) noexcept {
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }
    ~Socket() { close(); }

    /// `receive_buffer`: bytes that the kernel may hold for us unread; 0: its own choice.
    [[nodiscard]] static Socket connect(std::uint16_t port, int receive_buffer = 0, in_addr_t host = INADDR_LOOPBACK) {
        const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (descriptor < 0) throw std::runtime_error("socket: " + std::string(std::strerror(errno)));
        if (receive_buffer > 0) ::setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
        auto address = loopback(port);
        address.sin_addr.s_addr = htonl(host);
        if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
            const auto reason = errno;
            ::close(descriptor);
            throw std::runtime_error("connect: " + std::string(std::strerror(reason)));
        }
        return Socket(descriptor);
    }
    [[nodiscard]] static sockaddr_in loopback(std::uint16_t port) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return address;
    }

    [[nodiscard]] bool is_open() const noexcept { return descriptor_ >= 0; }
    void close() noexcept {
        if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
    }
    /// The next close sends a reset.
    void reset_on_close() const noexcept {
        const linger abrupt{1, 0};
        ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &abrupt, sizeof abrupt);
    }
    void shutdown_send() const noexcept { ::shutdown(descriptor_, SHUT_WR); }

    /// What there is to read, at least a byte; empty when the peer has closed (or reset).
    [[nodiscard]] std::string read_some(Limit limit = step_limit) const {
        char buffer[64 * 1024];
        for (;;) {
            const auto count = ::recv(descriptor_, buffer, sizeof buffer, 0);
            if (count >= 0) return std::string(buffer, static_cast<std::size_t>(count));
            if (errno == ECONNRESET || errno == EPIPE) return {};
            if (errno != EAGAIN && errno != EINTR) throw std::runtime_error("recv: " + std::string(std::strerror(errno)));
            if (!wait(POLLIN, limit)) throw std::runtime_error("nothing came in time");
        }
    }
    /// Whether anything (a byte, the peer's end) can be read within the limit.
    [[nodiscard]] bool readable_within(Limit limit) const { return wait(POLLIN, limit); }
    /// As much as the kernel takes within the limit; less than all of it when it stops taking.
    [[nodiscard]] std::size_t write_within(std::string_view bytes, Limit limit) const {
        std::size_t written = 0;
        while (written < bytes.size()) {
            const auto count = ::send(descriptor_, bytes.data() + written, bytes.size() - written, MSG_NOSIGNAL);
            if (count >= 0) {
                written += static_cast<std::size_t>(count);
            } else if (errno == EAGAIN || errno == EINTR) {
                if (!wait(POLLOUT, limit)) break;
            } else {
                throw std::runtime_error("send: " + std::string(std::strerror(errno)));
            }
        }
        return written;
    }
    void write(std::string_view bytes) const {
        if (write_within(bytes, step_limit) != bytes.size()) throw std::runtime_error("the peer takes nothing");
    }

    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

private:
    [[nodiscard]] bool wait(short events, Limit limit) const {
        const auto until = std::chrono::steady_clock::now() + limit;
        for (;;) {
            const auto left = std::chrono::ceil<Limit>(until - std::chrono::steady_clock::now());
            pollfd polled{descriptor_, events, 0};
            const auto ready = ::poll(&polled, 1, static_cast<int>(std::max<std::int64_t>(0, left.count())));
            if (ready > 0) return true;
            if (ready == 0) return false;
            if (errno != EINTR) throw std::runtime_error("poll: " + std::string(std::strerror(errno)));
        }
    }

    int descriptor_ = -1;
};

}  // namespace smg::test
