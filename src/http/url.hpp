#pragma once
/// Absolute `http` and `https` URLs (RFC 9110 section 4.2) as values: what to connect to and what to ask for.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace smg::http {

struct Url {
    bool tls = false;        ///< https
    std::string host;        ///< lower case; an IPv6 address without its brackets
    std::uint16_t port = 0;  ///< the scheme's default when none was given
    std::string path;        ///< as given, `/` when there is none
    std::string query;       ///< as given, without `?`; only where `UrlParts` allows it
    std::string user_info;   ///< as given, before the `@`; only where `UrlParts` allows it. May be a secret

    /// Host and port as in a Host field: brackets around IPv6, the default port left out.
    [[nodiscard]] std::string authority() const;
    /// Path and query as in a request line.
    [[nodiscard]] std::string target() const;
    friend bool operator==(const Url&, const Url&) = default;
};

/// Which optional parts the place that asks can make use of; the others are refused, not ignored.
struct UrlParts {
    bool query = false;
    bool user_info = false;
};

/// Failure: invalid_request; the message says what is wrong and never repeats the URL (which may hold a password).
[[nodiscard]] Result<Url> parse_url(std::string_view text, UrlParts allowed = {});

}  // namespace smg::http
