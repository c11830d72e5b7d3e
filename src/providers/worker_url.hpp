#pragma once
/// The URL under which a worker was registered: what is connected to, and where its API root is (contract section 2).
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace smg::providers {

/// A parsed URL. `https://Host:443/a/v1/` and `https://host/a/v1` are equal in every member but `given`.
struct WorkerUrl {
    std::string given;       ///< as the operator wrote it
    bool tls = false;        ///< https
    std::string host;        ///< lower case; an IPv6 address without its brackets
    std::uint16_t port = 0;  ///< the scheme's default when none was given
    std::string path;        ///< without trailing slash: empty, `/v1`, `/openai/v1`, …

    /// `host` or `host:port` for the Host field; brackets around an IPv6 address, no default port.
    [[nodiscard]] std::string authority() const;
    /// `https://host[:port]`.
    [[nodiscard]] std::string origin() const;
    /// The last segment of `path` is a version: the path is the API root as given.
    [[nodiscard]] bool ends_in_version() const noexcept;
    /// `path` less its version segment, if it ends in one: where a local engine's `/health` hangs.
    [[nodiscard]] std::string base_path() const;
    /// Path of the API root: `path` as given if it ends in a version, else `path` + `default_root` (`/v1`).
    [[nodiscard]] std::string api_root(std::string_view default_root) const;
    /// Literal loopback address or `localhost`.
    [[nodiscard]] bool is_loopback() const noexcept;
};

/// http and https only; no user info, query or fragment (each a 400 that says what to do instead); the error's param is `url`.
[[nodiscard]] Result<WorkerUrl> parse_worker_url(std::string_view text);

/// `v` + digits with an optional `beta` or `alpha` tail, itself maybe numbered: `v1`, `v1beta`, `v1beta1`.
[[nodiscard]] bool is_version_segment(std::string_view segment) noexcept;

/// Percent-encodes what may not stand in one path segment (RFC 3986 section 3.3); `keep_slashes` lets `/` pass.
[[nodiscard]] std::string encode_path(std::string_view text, bool keep_slashes);
/// Percent-encodes all but unreserved characters, for a query's name or value.
[[nodiscard]] std::string encode_query(std::string_view text);

}  // namespace smg::providers
