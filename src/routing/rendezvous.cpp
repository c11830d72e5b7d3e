#include "routing/rendezvous.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace smg::routing {

std::uint64_t stable_hash(std::string_view bytes, std::uint64_t seed) noexcept {
    std::uint64_t hash = 0xcbf29ce484222325ULL ^ seed;
    for (char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccdULL;
    hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53ULL;
    return hash ^ (hash >> 33);
}

namespace {

/// Uniform in (0, 1); -weight / ln(u) makes the share of each worker proportional to its weight.
double score_of(const workers::Worker& worker, std::uint64_t of_key) {
    const double u = (static_cast<double>(stable_hash(worker.id, of_key) >> 11) + 0.5) / 9007199254740992.0;
    return -worker.spec->weight / std::log(u);
}

}  // namespace

std::size_t rendezvous(const PolicyInput& input, std::string_view key) {
    const auto of_key = stable_hash(key, 0);
    std::size_t best = 0;
    double highest = -1;
    for (std::size_t i = 0; i < input.candidates.size(); ++i) {
        const double score = score_of(*input.candidates[i], of_key);
        if (score > highest) {
            highest = score;
            best = i;
        }
    }
    return best;
}

std::vector<std::size_t> rendezvous_order(const PolicyInput& input, std::string_view key) {
    const auto of_key = stable_hash(key, 0);
    std::vector<std::pair<double, std::size_t>> scored;
    scored.reserve(input.candidates.size());
    for (std::size_t i = 0; i < input.candidates.size(); ++i) scored.emplace_back(-score_of(*input.candidates[i], of_key), i);
    std::sort(scored.begin(), scored.end());
    std::vector<std::size_t> order;
    order.reserve(scored.size());
    for (const auto& [score, index] : scored) order.push_back(index);
    return order;
}

}  // namespace smg::routing
