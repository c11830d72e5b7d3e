#pragma once
/// From text to values, strictly: the whole text, and within bounds.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/setting.hpp"

namespace smg::config {

[[nodiscard]] std::optional<std::int64_t> whole_number(std::string_view text) noexcept;
[[nodiscard]] std::optional<double> number(std::string_view text) noexcept;
/// `true 1 on yes`, `false 0 off no`, without case.
[[nodiscard]] std::optional<bool> toggle_value(std::string_view text) noexcept;

/// Splits at `separator`, trims, leaves empty pieces out.
[[nodiscard]] std::vector<std::string> split_list(std::string_view text, char separator);

/// As it may be shown: user and password of a URL, and what stands in its query, replaced, unprintable bytes escaped, cut at 80 characters.
[[nodiscard]] std::string shown(std::string_view value);

/// `http://[user:password@]host[:port][/]` of an egress proxy; nullopt: not such a URL.
[[nodiscard]] std::optional<Proxy> parse_proxy(std::string_view url);

/// A CIDR, an address, or a host name.
[[nodiscard]] bool is_cidr_or_host(std::string_view text) noexcept;
/// A name of letters, digits, `-`, `_` and dots, or an IPv4 or IPv6 address (brackets allowed).
[[nodiscard]] bool is_host(std::string_view text) noexcept;
/// `[::1]` → `::1`; anything else as it is.
[[nodiscard]] std::string_view without_brackets(std::string_view host) noexcept;
/// `http://` or `https://` and a host behind it. The rest is the workers' business.
[[nodiscard]] bool is_http_url(std::string_view text) noexcept;
/// An `https://` URL, or an `http://` one whose host is this machine; without user and password.
[[nodiscard]] bool is_safe_url(std::string_view text) noexcept;
/// An origin as browsers serialise it (HTML Standard section 7.1.1): scheme, host in lower case, the port unless it is the scheme's own.
[[nodiscard]] bool is_origin(std::string_view text) noexcept;
/// `localhost`, names below it, and loopback addresses.
[[nodiscard]] bool is_loopback_host(std::string_view host) noexcept;
/// A header's name (RFC 9110 section 5.6.2, token).
[[nodiscard]] bool is_token(std::string_view text) noexcept;

/// The same value though written otherwise: `1.50` and `1.5`, `off` and `false`.
[[nodiscard]] bool same_value(Kind kind, std::string_view a, std::string_view b) noexcept;

/// The candidate that is nearest to a misspelt word, by edit distance; empty when none is near.
[[nodiscard]] std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

/// A text file's content; nullopt: cannot be read, or is no text.
[[nodiscard]] std::optional<std::string> whole_file(const std::string& path);
/// The first line of a file, without its line end and blanks around it; nullopt: cannot be read.
[[nodiscard]] std::optional<std::string> first_line_of(const std::string& path);

}  // namespace smg::config
