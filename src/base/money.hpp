#pragma once
/// Amounts of money, exactly.
#include <cstdint>
#include <optional>
#include <string_view>

namespace smg {

/// US dollars in units of 10^-12, of which the cheapest token costs thousands. 64 bits hold 18 million dollars.
using Picodollars = std::uint64_t;

/// What a decimal number (`0.00014`, `1.4e-4`; RFC 8259 section 6) says in dollars, rounded half up. Nothing: no such number, negative, or
/// too large.
[[nodiscard]] std::optional<Picodollars> picodollars_of(std::string_view number) noexcept;

/// Dollars as a plain decimal number without needless zeros: `0.00014`, `2`. There is room for `longest_dollars` at `to`; returns the end.
[[nodiscard]] char* write_dollars(char* to, Picodollars amount) noexcept;
inline constexpr std::size_t longest_dollars = 21;

/// The product, or nothing where it does not fit.
[[nodiscard]] constexpr std::optional<Picodollars> times(std::uint64_t count, Picodollars each) noexcept {
    Picodollars product = 0;
    return __builtin_mul_overflow(count, each, &product) ? std::nullopt : std::optional(product);
}

}  // namespace smg
