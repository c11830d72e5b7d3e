#pragma once
/// Whom to connect to, as a value. Two requests may share a connection only when their peers are equal in every member.
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace smg::upstream {

/// An egress proxy that tunnels by CONNECT (RFC 9110 section 9.3.6).
struct Proxy {
    std::string host;
    std::uint16_t port = 0;
    std::string authorization;  ///< value of Proxy-Authorization; empty: none. A secret
    [[nodiscard]] bool empty() const noexcept { return host.empty(); }
    friend bool operator==(const Proxy&, const Proxy&) = default;
};

struct Peer {
    bool tls = false;
    std::string host;  ///< lower case; a name or an address without brackets
    std::uint16_t port = 80;
    Proxy proxy;
    // Of idle connections to it; absent: the pool's own.
    std::optional<std::uint32_t> most_idle{};
    std::optional<std::chrono::nanoseconds> longest_idle{};

    /// The whole peer as text: the pool's key and the TLS session's.
    [[nodiscard]] std::string key() const {
        std::string text = (tls ? "https://" : "http://") + host + ":" + std::to_string(port);
        if (!proxy.empty()) text += " via " + proxy.host + ":" + std::to_string(proxy.port) + " " + proxy.authorization;
        if (most_idle) text += " idle " + std::to_string(*most_idle);
        if (longest_idle) text += " for " + std::to_string(longest_idle->count());
        return text;
    }
    /// Host and port as they stand in a Host field: IPv6 in brackets, the default port left out.
    [[nodiscard]] std::string authority() const {
        std::string text = host.find(':') != std::string::npos ? "[" + host + "]" : host;
        if (port != (tls ? 443 : 80)) text += ":" + std::to_string(port);
        return text;
    }
    friend bool operator==(const Peer&, const Peer&) = default;
};

}  // namespace smg::upstream
