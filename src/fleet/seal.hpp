#pragma once
/// Sealing what is stored: AES-256-GCM under a key that scrypt (RFC 7914) makes of the operator's passphrase.
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/secret.hpp"

namespace smg::fleet {

/// Immutable. Any thread.
class Seal {
public:
    static constexpr std::size_t salt_size = 16;
    /// Takes about a tenth of a second and 32 MiB, on purpose. `salt`: random, kept with what is sealed.
    [[nodiscard]] static Result<Seal> from_passphrase(const Secret& passphrase, std::string_view salt);
    [[nodiscard]] static std::string random_salt();

    /// A fresh nonce, the ciphertext and its tag. `bound_to` must be the same when it is opened: it ties the text to its place.
    [[nodiscard]] std::string close(std::string_view plain, std::string_view bound_to) const;
    /// Nothing: another key, another place, or altered bytes.
    [[nodiscard]] std::optional<std::string> open(std::string_view sealed, std::string_view bound_to) const;

private:
    Seal() = default;
    std::array<unsigned char, 32> key_{};
};

}  // namespace smg::fleet
