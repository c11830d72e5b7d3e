#pragma once
/// A set of header-name patterns (`x-api-key`, `cf-*`), looked up by their first letter: a head has thirty fields, and a rule forty names.
#include <array>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "base/ascii.hpp"
#include "providers/model_pattern.hpp"

namespace smg::providers {

class NameSet {
public:
    /// The patterns must outlive the set (they are literals); none may be empty or begin with `*`.
    NameSet(std::initializer_list<std::string_view> patterns) {
        for (const auto pattern : patterns) by_letter_[slot(pattern.front())].push_back(pattern);
    }
    [[nodiscard]] bool matches(std::string_view name) const noexcept {
        if (name.empty()) return false;
        const char third = name.size() > 2 ? ascii_lower(name[2]) : '\0';
        for (const auto pattern : by_letter_[slot(name.front())]) {
            // Many begin with `x-`: the letter behind it tells nearly all of them apart.
            if (pattern.size() > 2 && pattern[2] != '*' && pattern[2] != third) continue;
            if (matches_name(pattern, name)) return true;
        }
        return false;
    }

private:
    static std::size_t slot(char c) noexcept { return static_cast<unsigned char>(ascii_lower(c)) % 32; }
    std::array<std::vector<std::string_view>, 32> by_letter_;
};

}  // namespace smg::providers
