#pragma once
/// Fields of log lines as they were written before. Most requests look like earlier ones, and to write a text means to look at each of its letters.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/same_text.hpp"
#include "telemetry/log_line.hpp"

namespace smg::telemetry {

/// Of one thread and one form of lines. A place for each of `places` kinds of requests: the latest of a kind replaces the one before.
template <std::size_t texts, std::size_t places = 32>
class RememberedFields {
public:
    /// Whatever the fields are made of.
    struct Source {
        std::array<std::string_view, texts> text;
        std::uint64_t number = 0;
    };

    /// Adds the fields of `source`: those that stood there the last time, else what `write(line)` writes.
    template <typename Write>
    void add(LogLine& line, const Source& source, Write write) {
        auto& place = places_[place_of(source)];
        if (!place.is_of(source)) {
            LogLine fields(line.json());
            write(fields);
            place.number = source.number;
            std::copy(source.text.begin(), source.text.end(), place.text.begin());
            place.fields = fields.fields();
        }
        line.add_fields(place.fields);
    }

private:
    struct Place {
        [[nodiscard]] bool is_of(const Source& source) const noexcept {
            return !fields.empty() && number == source.number && std::equal(text.begin(), text.end(), source.text.begin(), same_text);
        }
        std::uint64_t number = 0;
        std::array<std::string, texts> text;
        std::string fields;
    };
    [[nodiscard]] static std::size_t place_of(const Source& source) noexcept {
        auto sum = source.number;
        for (const auto& each : source.text) sum = sum * 31 + each.size() + (each.empty() ? 0 : static_cast<unsigned char>(each.back()));
        return sum % places;
    }

    std::array<Place, places> places_;
};

}  // namespace smg::telemetry
