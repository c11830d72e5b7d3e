#pragma once
/// How a row writes its value: checked, into the member that a path of member pointers names.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <ratio>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/ascii.hpp"
#include "config/setting.hpp"
#include "config/values.hpp"

namespace smg::config {

/// `member_at<&Draft::config, &Config::port>(draft)`.
template <auto First, auto... Rest>
[[nodiscard]] auto& member_at(auto& object) {
    if constexpr (sizeof...(Rest) == 0)
        return object.*First;
    else
        return member_at<Rest...>(object.*First);
}

template <auto... Path>
[[nodiscard]] Apply flag(bool when_given = true) {
    return [when_given](Draft& draft, const Values& values) -> Checked {
        const auto given = toggle_value(values.front());
        if (!given) return Problem{values.front(), "is neither true nor false"};
        member_at<Path...>(draft) = *given == when_given;
        return std::nullopt;
    };
}

template <auto... Path>
[[nodiscard]] Apply whole(std::int64_t least, std::int64_t most) {
    return [least, most](Draft& draft, const Values& values) -> Checked {
        const auto given = whole_number(values.front());
        if (!given || *given < least || *given > most)
            return Problem{values.front(), "is not a whole number from " + std::to_string(least) + " to " + std::to_string(most)};
        auto& member = member_at<Path...>(draft);
        member = static_cast<std::remove_reference_t<decltype(member)>>(*given);
        return std::nullopt;
    };
}

/// A time in `Unit`s, which may have decimals where the member is finer than the unit.
template <typename Unit, auto... Path>
[[nodiscard]] Apply time(double least, double most) {
    return [least, most](Draft& draft, const Values& values) -> Checked {
        using Member = std::remove_reference_t<decltype(member_at<Path...>(draft))>;
        constexpr bool decimals = std::ratio_less_v<typename Member::period, typename Unit::period>;
        const auto given = number(values.front());
        if (!given || *given < least || *given > most || (!decimals && !whole_number(values.front()))) {
            const auto range = std::to_string(static_cast<std::int64_t>(least)) + " to " + std::to_string(static_cast<std::int64_t>(most));
            const auto* unit = std::is_same_v<Unit, std::chrono::seconds> ? " seconds" : " milliseconds";
            return Problem{values.front(), "is not a time of " + range + unit};
        }
        member_at<Path...>(draft) = std::chrono::round<Member>(std::chrono::duration<double, typename Unit::period>(*given));
        return std::nullopt;
    };
}

/// `text_range` says what is allowed: "a number from 0 to 1".
template <auto... Path>
[[nodiscard]] Apply decimal(double least, double most, std::string text_range) {
    return [least, most, text_range = std::move(text_range)](Draft& draft, const Values& values) -> Checked {
        const auto given = number(values.front());
        if (!given || *given < least || *given > most) return Problem{values.front(), "is not " + text_range};
        member_at<Path...>(draft) = *given;
        return std::nullopt;
    };
}

template <auto... Path>
[[nodiscard]] Apply text() {
    return [](Draft& draft, const Values& values) -> Checked {
        if (trim(values.front()).empty()) return Problem{values.front(), "is empty"};
        auto& member = member_at<Path...>(draft);
        member = std::remove_reference_t<decltype(member)>(values.front());
        return std::nullopt;
    };
}

/// Every value by itself, into a list of texts that is replaced.
template <auto... Path>
[[nodiscard]] Apply each(bool (*allowed)(std::string_view) noexcept, std::string otherwise) {
    return [allowed, otherwise = std::move(otherwise)](Draft& draft, const Values& values) -> Checked {
        auto& member = member_at<Path...>(draft);
        member.clear();
        for (const auto& value : values) {
            if (!allowed(value)) return Problem{value, otherwise};
            if (std::find(member.begin(), member.end(), value) == member.end()) member.push_back(value);
        }
        return std::nullopt;
    };
}

/// Addresses without their brackets, and names.
template <auto... Path>
[[nodiscard]] Apply hosts() {
    return [](Draft& draft, const Values& values) -> Checked {
        auto& member = member_at<Path...>(draft);
        member.clear();
        for (const auto& value : values) {
            if (!is_host(value)) return Problem{value, "is neither an address nor a host name"};
            std::string host(without_brackets(value));
            if (std::find(member.begin(), member.end(), host) == member.end()) member.push_back(std::move(host));
        }
        return std::nullopt;
    };
}

/// One of the named values, compared without case.
template <typename T>
using Names = std::vector<std::pair<std::string, T>>;

template <typename T, auto... Path>
[[nodiscard]] Apply one_of(Names<T> names) {
    return [names = std::move(names)](Draft& draft, const Values& values) -> Checked {
        std::string all;
        for (const auto& [name, value] : names) {
            if (iequals(name, values.front())) {
                member_at<Path...>(draft) = value;
                return std::nullopt;
            }
            all += (all.empty() ? "" : ", ") + name;
        }
        return Problem{values.front(), "is not one of " + all};
    };
}

/// Its value is never shown.
[[nodiscard]] inline Setting secret(Setting row) {
    row.secret = true;
    return row;
}

/// A second name of the flag, a second environment variable.
[[nodiscard]] inline Setting also(Setting row, std::string alias, std::string variable = {}) {
    row.alias = std::move(alias);
    row.variable = std::move(variable);
    return row;
}

}  // namespace smg::config
