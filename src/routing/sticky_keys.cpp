#include "routing/sticky_keys.hpp"

#include <algorithm>

#include "routing/rendezvous.hpp"

namespace smg::routing {

StickyKeys::Part& StickyKeys::part_of(std::string_view key) noexcept { return parts_[stable_hash(key, 2) % parts]; }

std::string StickyKeys::find(std::string_view key, TimePoint now, std::chrono::seconds max_idle) {
    auto& part = part_of(key);
    const std::lock_guard lock(part.mutex);
    const auto found = part.keys.find(std::string(key));
    if (found == part.keys.end()) return {};
    if (now - found->second.used > max_idle) {
        part.keys.erase(found);
        return {};
    }
    found->second.used = now;
    return found->second.worker;
}

void StickyKeys::assign(std::string_view key, const std::string& worker, TimePoint now) {
    auto& part = part_of(key);
    const std::lock_guard lock(part.mutex);
    auto& keys = part.keys;
    if (keys.size() >= most_in_a_part && !keys.contains(std::string(key)))
        keys.erase(std::min_element(keys.begin(), keys.end(), [](const auto& a, const auto& b) { return a.second.used < b.second.used; }));
    keys[std::string(key)] = {worker, now};
}

std::size_t StickyKeys::size() const {
    std::size_t count = 0;
    for (const auto& part : parts_) {
        const std::lock_guard lock(part.mutex);
        count += part.keys.size();
    }
    return count;
}

std::map<std::string, std::size_t> StickyKeys::keys_of_workers() const {
    std::map<std::string, std::size_t> counts;
    for (const auto& part : parts_) {
        const std::lock_guard lock(part.mutex);
        for (const auto& [key, entry] : part.keys) ++counts[entry.worker];
    }
    return counts;
}

void StickyKeys::evict(TimePoint now, std::chrono::seconds max_idle) {
    for (auto& part : parts_) {
        const std::lock_guard lock(part.mutex);
        std::erase_if(part.keys, [&](const auto& each) { return now - each.second.used > max_idle; });
    }
}

}  // namespace smg::routing
