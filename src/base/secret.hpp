#pragma once
/// A credential. It has no formatter, no stream operator and no JSON conversion, so that it cannot slip into a log line.
#include <string>
#include <string_view>
#include <utility>

namespace smg {

class Secret {
public:
    Secret() = default;
    explicit Secret(std::string value) : value_(std::move(value)) {}

    /// The bytes themselves. Every call of this is a place where a key leaves its box: keep them few.
    [[nodiscard]] const std::string& reveal() const noexcept { return value_; }
    [[nodiscard]] bool empty() const noexcept { return value_.empty(); }

    /// Constant-time comparison of the contents (its time depends on the lengths alone).
    [[nodiscard]] bool matches(std::string_view candidate) const noexcept {
        unsigned difference = candidate.size() == value_.size() ? 0U : 1U;
        for (std::size_t i = 0; i < candidate.size() && !value_.empty(); ++i)
            difference |= static_cast<unsigned char>(candidate[i]) ^ static_cast<unsigned char>(value_[i % value_.size()]);
        return difference == 0 && !value_.empty();
    }

private:
    std::string value_;
};

}  // namespace smg
