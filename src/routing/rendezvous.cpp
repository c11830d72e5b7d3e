#include "routing/rendezvous.hpp"

#include <cmath>

namespace smg::routing {

std::uint64_t stable_hash(std::string_view bytes, std::uint64_t seed) noexcept {
    std::uint64_t hash = 0xcbf29ce484222325ULL ^ seed;
    for (char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccdULL;
    hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53ULL;
    return hash ^ (hash >> 33);
}

std::size_t rendezvous(const PolicyInput& input, std::string_view key) {
    const auto of_key = stable_hash(key, 0);
    std::size_t best = 0;
    double highest = -1;
    for (std::size_t i = 0; i < input.candidates.size(); ++i) {
        const auto& worker = *input.candidates[i];
        // Uniform in (0, 1); -weight / ln(u) makes the share of each worker proportional to its weight.
        const double u = (static_cast<double>(stable_hash(worker.id, of_key) >> 11) + 0.5) / 9007199254740992.0;
        const double score = -worker.spec->weight / std::log(u);
        if (score > highest) {
            highest = score;
            best = i;
        }
    }
    return best;
}

}  // namespace smg::routing
