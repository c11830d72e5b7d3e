#pragma once
/// Which worker a routing key was given: the memory of the `manual` policy and of `--routing-key-override`.
#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace smg::routing {

/// Any thread; a lock for each of its parts is held for one look-up. Bounded: beyond the bound the key that was used longest ago in its part goes.
class StickyKeys {
public:
    using TimePoint = std::chrono::steady_clock::time_point;

    /// The id of the key's worker; empty when it has none, or has not been used for `max_idle`.
    [[nodiscard]] std::string find(std::string_view key, TimePoint now, std::chrono::seconds max_idle);
    void assign(std::string_view key, const std::string& worker, TimePoint now);

    [[nodiscard]] std::size_t size() const;
    /// How many keys each worker has. Idle ones that nobody has asked for count until they are evicted.
    [[nodiscard]] std::map<std::string, std::size_t> keys_of_workers() const;
    /// Drops what has been idle for so long; called now and then.
    void evict(TimePoint now, std::chrono::seconds max_idle);

    static constexpr std::size_t parts = 16, most_in_a_part = 65536;

private:
    struct Entry {
        std::string worker;
        TimePoint used;
    };
    struct Part {
        mutable std::mutex mutex;
        std::unordered_map<std::string, Entry> keys;
    };
    [[nodiscard]] Part& part_of(std::string_view key) noexcept;

    std::array<Part, parts> parts_;
};

}  // namespace smg::routing
