#pragma once
/// An upstream that a test plays by hand, byte by byte, on its own thread.
#include <string>
#include <utility>

#include "support/http_client.hpp"

namespace smg::test {

class RawUpstream {
public:
    explicit RawUpstream(int send_buffer = 0) : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), send_buffer_(send_buffer) {
        auto address = Socket::loopback(0);
        socklen_t size = sizeof address;
        auto* generic = reinterpret_cast<sockaddr*>(&address);
        if (::bind(listener_.descriptor(), generic, size) != 0 || ::listen(listener_.descriptor(), 64) != 0 ||
            ::getsockname(listener_.descriptor(), generic, &size) != 0)
            throw std::runtime_error("cannot listen");
        port_ = ntohs(address.sin_port);
    }
    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    [[nodiscard]] int descriptor() const noexcept { return listener_.descriptor(); }
    [[nodiscard]] std::string url(const std::string& path = {}) const { return "http://127.0.0.1:" + std::to_string(port_) + path; }

    /// The next connection of the gateway's.
    [[nodiscard]] MessageStream accept(Limit limit = step_limit) const {
        if (!listener_.readable_within(limit)) throw std::runtime_error("nobody connects");
        const int descriptor = ::accept4(listener_.descriptor(), nullptr, nullptr, SOCK_CLOEXEC);
        if (descriptor < 0) throw std::runtime_error("accept: " + std::string(std::strerror(errno)));
        if (send_buffer_ > 0) ::setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &send_buffer_, sizeof send_buffer_);
        return MessageStream(Socket(descriptor));
    }
    [[nodiscard]] bool contacted_within(Limit limit) const { return listener_.readable_within(limit); }

private:
    Socket listener_;
    int send_buffer_;
    std::uint16_t port_ = 0;
};

inline constexpr std::string_view stream_head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
inline constexpr std::string_view end_of_chunks = "0\r\n\r\n";

[[nodiscard]] inline std::string chunk(std::string_view bytes) {
    char size[17];
    const auto end = std::to_chars(size, size + sizeof size, bytes.size(), 16).ptr;
    return std::string(size, end).append("\r\n").append(bytes).append("\r\n");
}
[[nodiscard]] inline std::string sized_answer(int status, const std::string& body, const std::string& type = "application/json",
                                              const std::string& more_fields = {}) {
    return "HTTP/1.1 " + std::to_string(status) + " Whatever\r\ncontent-type: " + type + "\r\n" + more_fields +
           "content-length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace smg::test
