#pragma once
/// How the load is spread over the lengths of requests: what the `bucket` policy draws its boundaries from.
#include <array>
#include <atomic>
#include <cstdint>

namespace smg::routing {

/// Counts bytes by length class, eight classes for each doubling, and forgets: when enough has been counted, everything is halved. Any thread.
class LengthShares {
public:
    /// A request of so many bytes has come. Where it stands among the load of the shorter ones, in [0, 1): `chance`, in [0, 1), spreads those of one
    /// class over what the class makes of the whole.
    [[nodiscard]] double place(std::uint64_t bytes, double chance) noexcept;

    static constexpr std::size_t classes = 8 * 40;
    static constexpr std::uint64_t remembered = 1ULL << 32U;  ///< bytes

private:
    [[nodiscard]] static std::size_t class_of(std::uint64_t bytes) noexcept;
    std::array<std::atomic<std::uint64_t>, classes> load_{};
};

}  // namespace smg::routing
