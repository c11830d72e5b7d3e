#pragma once
/// The public keys of whoever issues tokens: a JSON Web Key Set (RFC 7517).
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace smg::admin {

/// A public key that verifies signatures. Immutable; any thread.
class Jwk {
public:
    class Imported;  ///< as the library holds it
    Jwk(std::string id, std::string algorithm, std::shared_ptr<const Imported> key)
        : id_(std::move(id)), algorithm_(std::move(algorithm)), key_(std::move(key)) {}

    /// Its `kid`; empty: it has none.
    [[nodiscard]] const std::string& id() const noexcept { return id_; }
    /// Whether it may verify this algorithm (RFC 7518 section 3.1): RS and PS are for RSA keys, ES256 for P-256, ES384 for P-384, ES512 for
    /// P-521; a key that names an `alg` is for that alone. Nothing fits `none` and HS.
    [[nodiscard]] bool fits(std::string_view algorithm) const noexcept;
    /// The payload of a compact JWS (RFC 7515 section 7.1) whose signature verifies by this key and this algorithm, which its header has to
    /// name; else nothing.
    [[nodiscard]] std::optional<std::string> verified_payload(const std::string& compact, std::string_view algorithm) const;

private:
    std::string id_;
    std::string algorithm_;  ///< empty: any that fits its type
    std::shared_ptr<const Imported> key_;
};

class JwkSet {
public:
    explicit JwkSet(std::vector<Jwk> keys) : keys_(std::move(keys)) {}
    /// Keys that are not for verifying signatures here are left out: other types, `use` or `key_ops` of another purpose, RSA below 2048 bits.
    /// Of a private key its public half is taken. Failure: upstream_error, when it is no set of keys or none is left.
    [[nodiscard]] static Result<JwkSet> parse(std::string_view text);

    [[nodiscard]] const std::vector<Jwk>& keys() const noexcept { return keys_; }
    /// Is one of that `kid` among them? Of an empty one, which a token without `kid` has: yes.
    [[nodiscard]] bool holds(std::string_view id) const noexcept;

    static constexpr std::size_t most_keys = 100;  ///< those beyond are left out

private:
    std::vector<Jwk> keys_;
};

}  // namespace smg::admin
