#pragma once
/// What policies remember from one request to the next. One per process; every member may be used from any thread.
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "routing/branch_counter.hpp"
#include "routing/length_shares.hpp"
#include "routing/prefix_table.hpp"
#include "routing/sticky_keys.hpp"

namespace smg::routing {

class PolicyState {
public:
    explicit PolicyState(std::uint64_t seed) : random_(seed) {}

    /// A random number; the sequence is a function of the seed.
    [[nodiscard]] std::uint64_t random() noexcept;
    /// A random share in [0, 1).
    [[nodiscard]] double chance() noexcept { return static_cast<double>(random() >> 11U) * 0x1.0p-53; }
    /// 0, 1, 2, … for each key (a model's name). Keys beyond a bound share one counter.
    [[nodiscard]] std::uint64_t turn(std::string_view key);
    /// Smooth weighted round robin (as nginx does it) over workers by id for a key: the index of the one whose turn it is.
    [[nodiscard]] std::size_t weighted_turn(std::string_view key, const std::vector<std::string_view>& ids, const std::vector<double>& weights);

    /// Of all models. The first call's size counts.
    [[nodiscard]] PrefixTable& prefixes(std::uint64_t bytes);

    StickyKeys sticky_keys;
    LengthShares length_shares;
    BranchCounter manual_branches, consistent_hashing_branches, prefix_hash_branches;

    static constexpr std::size_t max_keys = 4096;
    static constexpr std::size_t max_crowd = 32768;  ///< workers whose turns are remembered, for each key

private:
    std::atomic<std::uint64_t> random_;
    std::once_flag prefixes_made_;
    std::unique_ptr<PrefixTable> prefixes_;
    std::mutex mutex_;
    std::unordered_map<std::string, std::uint64_t> turns_;
    std::unordered_map<std::string, std::unordered_map<std::string, double>> credits_;
};

}  // namespace smg::routing
