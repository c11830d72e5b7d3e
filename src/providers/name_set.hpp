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
        for (const auto pattern : by_letter_[slot(name.front())])
            if (matches_name(pattern, name)) return true;
        return false;
    }

private:
    static std::size_t slot(char c) noexcept { return static_cast<unsigned char>(ascii_lower(c)) % 32; }
    std::array<std::vector<std::string_view>, 32> by_letter_;
};

}  // namespace smg::providers
