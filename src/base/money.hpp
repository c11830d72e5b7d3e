#pragma once
/// Amounts of money, exactly.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace smg {

/// US dollars in units of 10^-12, of which the cheapest token costs thousands. 64 bits hold 18 million dollars.
using Picodollars = std::uint64_t;

/// What a decimal number (`0.00014`, `1.4e-4`; RFC 8259 section 6) says in dollars, rounded half up. Nothing: no such number, negative, or
/// too large.
[[nodiscard]] std::optional<Picodollars> picodollars_of(std::string_view number) noexcept;

/// Dollars as a plain decimal number without needless zeros: `0.00014`, `2`.
void append_dollars(std::string& out, Picodollars amount);

/// The product, or nothing where it does not fit.
[[nodiscard]] std::optional<Picodollars> times(std::uint64_t count, Picodollars each) noexcept;

}  // namespace smg
