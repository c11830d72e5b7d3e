#pragma once
/// The part of `choose` that decides about keys.
#include "providers/catalog.hpp"
#include "routing/route.hpp"

namespace smg::routing {

/// What the request brought, and what the gateway makes of it.
struct Caller {
    providers::KeyForm form;
    bool ignored = false;
    bool required = false;
};
[[nodiscard]] Caller caller_of(const workers::Snapshot& snapshot, const RouteOptions& options, const RouteRequest& request);

/// The credential for one serving, or why there is none. `named`: whom the model's name names.
[[nodiscard]] Result<KeySource> source_for(const Caller& caller, const workers::Serving& serving, const providers::ProviderPtr& named,
                                           const RouteRequest& request);

}  // namespace smg::routing
