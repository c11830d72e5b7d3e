#pragma once
/// Where a request looks when more workers can serve its model than it looks at.
#include "routing/route.hpp"
#include "workers/snapshot.hpp"

namespace smg::routing {

/// Requests that belong together by the policy look at the same workers, others at any.
[[nodiscard]] workers::Look look_for(workers::PolicyKind policy, PolicyState& state, const RouteOptions& options, const RouteRequest& request);

/// `cache_aware` without a session: adds to a sampled resolution those who have seen the beginning of the text, wherever they stand.
void add_who_know(const workers::Snapshot& snapshot, PolicyState& state, const RouteOptions& options, const RouteRequest& request,
                  workers::Resolution& resolution);

}  // namespace smg::routing
