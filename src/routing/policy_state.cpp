#include "routing/policy_state.hpp"

#include <algorithm>

namespace smg::routing {

std::uint64_t PolicyState::random() noexcept {
    // SplitMix64 over a counter: one atomic addition a number, whatever the thread.
    std::uint64_t z = random_.fetch_add(0x9e3779b97f4a7c15ULL, std::memory_order_relaxed) + 0x9e3779b97f4a7c15ULL;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

PrefixTable& PolicyState::prefixes(std::uint64_t bytes) {
    std::call_once(prefixes_made_, [&] { prefixes_ = std::make_unique<PrefixTable>(bytes); });
    return *prefixes_;
}

std::uint64_t PolicyState::turn(std::string_view key) {
    const std::lock_guard lock(mutex_);
    std::string name(key);
    if (!turns_.contains(name) && turns_.size() >= max_keys) name.clear();
    return turns_[name]++;
}

std::size_t PolicyState::weighted_turn(std::string_view key, const std::vector<std::string_view>& ids, const std::vector<double>& weights) {
    const std::lock_guard lock(mutex_);
    std::string name(key);
    if (!credits_.contains(name) && credits_.size() >= max_keys) name.clear();
    auto& credits = credits_[name];
    // Workers that have gone. Of a crowd each request names a few others, and most of those stay.
    if (credits.size() > std::max(4 * ids.size() + 16, max_crowd)) credits.clear();
    double total = 0;
    std::size_t best = 0;
    double* most = nullptr;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        total += weights[i];
        auto& credit = credits[std::string(ids[i])];
        credit += weights[i];
        if (most != nullptr && credit <= *most) continue;
        most = &credit;  // stays where it is while others are added
        best = i;
    }
    *most -= total;
    return best;
}

}  // namespace smg::routing
