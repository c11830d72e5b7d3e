#pragma once
/// What tells the series of one request from those of another.
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "telemetry/request_record.hpp"

namespace smg::telemetry {

/// Everything that a request's labels are made of. (The endpoint follows from path and method.) Its views live as long as the request.
struct SeriesKey {
    static constexpr std::size_t count = 10;
    std::array<std::string_view, count> texts;
    std::uint64_t numbers = 0;

    /// As the request spells it, but without the name of a model that nobody knows: clients could invent any number of those.
    [[nodiscard]] static SeriesKey spelled_by(const RequestRecord& request) noexcept;
    /// As the labels spell it.
    [[nodiscard]] SeriesKey labelled() const noexcept;
    /// As one text, in `memory`.
    [[nodiscard]] std::string_view written(std::string& memory) const;
};

/// A key that outlives its request: most requests are like the one before, letter by letter.
class LatestKey {
public:
    [[nodiscard]] bool is(const SeriesKey& key) const noexcept;
    void set(const SeriesKey& key);

private:
    std::array<std::string, SeriesKey::count> texts_;
    std::uint64_t numbers_ = 0;
};

}  // namespace smg::telemetry
