#include "routing/balance.hpp"
#include "routing/policy.hpp"

namespace smg::routing {

/// Each worker has its own range of lengths, so that short requests do not wait behind long ones. The boundaries follow the load: each range makes up
/// an equal part of it.
std::size_t bucket(const PolicyInput& input, PolicyState& state) {
    const auto place = state.length_shares.place(input.request_bytes, state.chance());
    if (out_of_balance(input)) return least_load(input, state);
    return static_cast<std::size_t>(place * static_cast<double>(input.candidates.size()));
}

}  // namespace smg::routing
