#pragma once
/// Tokens of an OpenID provider (JWT, RFC 7519, signed as RFC 7515 says) as credentials. Pure; any thread.
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "admin/jwk_set.hpp"
#include "smg/config.hpp"

namespace smg::admin {

/// What a token says of itself before any of it is believed: which key to verify it with.
struct JwtHeader {
    std::string algorithm;
    std::string key_id;  ///< empty: it names none
};

/// Whoever it was issued to.
struct JwtCaller {
    std::string subject;  ///< fit for a log line: cut, without what looks like a key
    bool admin = false;
};

/// Refused: what is no JWT, `alg: none`, HS256 and its like (whose key would be public here), and critical extensions, of which none is known.
/// The error completes a sentence that begins with "the token" and repeats nothing of it.
[[nodiscard]] tl::expected<JwtHeader, std::string> read_jwt_header(std::string_view token);

/// Signature, `iss`, `aud`, `exp` and `nbf` (with a minute's leeway), and then the role of RFC 9068 section 2.2.3.1: the claim that the rules
/// name, a text or a list of texts. With a mapping a role counts as what it says, and others do not. `now`: seconds since 1970. The error as above.
[[nodiscard]] tl::expected<JwtCaller, std::string> verify_jwt(const std::string& token, const JwkSet& keys, const config::JwtSettings& rules,
                                                              std::int64_t now);

}  // namespace smg::admin
