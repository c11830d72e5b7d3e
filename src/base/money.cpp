#include "base/money.hpp"

#include <charconv>

namespace smg {
namespace {

constexpr int places = 12;
constexpr Picodollars dollar = 1'000'000'000'000;
/// More digits than these say nothing at this scale, and would not fit.
constexpr Picodollars enough = 100'000'000'000'000'000;

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// `digits` times ten to the power of `exponent`.
struct Decimal {
    std::uint64_t digits = 0;
    int exponent = 0;
    bool any = false;

    void take(char digit, bool fraction) noexcept {
        any = true;
        if (digits >= enough) {
            if (!fraction) ++exponent;
            return;
        }
        digits = digits * 10 + static_cast<std::uint64_t>(digit - '0');
        if (fraction) --exponent;
    }
};

std::optional<Decimal> decimal_of(std::string_view text) noexcept {
    Decimal number;
    std::size_t at = 0;
    for (; at < text.size() && is_digit(text[at]); ++at) number.take(text[at], false);
    if (at < text.size() && text[at] == '.')
        for (++at; at < text.size() && is_digit(text[at]); ++at) number.take(text[at], true);
    if (!number.any) return std::nullopt;
    if (at == text.size()) return number;
    if (text[at] != 'e' && text[at] != 'E') return std::nullopt;
    if (++at < text.size() && text[at] == '+') ++at;
    int exponent = 0;
    const auto [end, code] = std::from_chars(text.data() + at, text.data() + text.size(), exponent);
    if (code != std::errc() || end != text.data() + text.size() || exponent < -400 || exponent > 400) return std::nullopt;
    number.exponent += exponent;
    return number;
}

}  // namespace

std::optional<Picodollars> picodollars_of(std::string_view number) noexcept {
    const auto decimal = decimal_of(number);
    if (!decimal) return std::nullopt;
    auto amount = decimal->digits;
    int shift = decimal->exponent + places;
    for (; shift > 0 && amount != 0; --shift)
        if (__builtin_mul_overflow(amount, std::uint64_t{10}, &amount)) return std::nullopt;
    // The last digit that goes decides about the rounding; what went before it cannot change that.
    for (; shift < -1 && amount != 0; ++shift) amount /= 10;
    return shift == -1 ? (amount + 5) / 10 : amount;
}

char* write_dollars(char* to, Picodollars amount) noexcept {
    to = std::to_chars(to, to + longest_dollars, amount / dollar).ptr;
    auto rest = amount % dollar;
    if (rest == 0) return to;
    *to++ = '.';
    int digits = places;
    for (; rest % 10 == 0; rest /= 10) --digits;
    auto* const end = to + digits;
    for (auto* at = end; at != to; rest /= 10) *--at = static_cast<char>('0' + rest % 10);
    return end;
}

}  // namespace smg
