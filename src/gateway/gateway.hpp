#pragma once
/// The data plane: a request in, the chosen provider's answer out.
#include <vector>

#include "base/published.hpp"
#include "fleet/registry_watch.hpp"
#include "gateway/admission.hpp"
#include "gateway/client.hpp"
#include "gateway/model_list.hpp"
#include "gateway/options.hpp"
#include "gateway/state_bindings.hpp"
#include "providers/provider.hpp"
#include "routing/policy_state.hpp"
#include "upstream/pools.hpp"
#include "workers/hedging.hpp"
#include "workers/registry.hpp"
#include "workers/retry.hpp"

namespace smg::gateway {

struct ForwardRule;

/// Made before the loops start; outlives every request. Its handlers run on the request's loop.
class Gateway {
public:
    /// `seed`: of chance in routing and pauses.
    Gateway(net::EventLoops& loops, workers::Registry& registry, upstream::Pools& pools, fleet::RegistryWatch& watch, GatewayOptions options,
            std::uint64_t seed);

    /// Refuses, by the head alone, who shows no key where one is needed.
    [[nodiscard]] Result<void> admit(const ClientRequest& request) const;

    /// Chat Completions, Messages or generateContent: whatever `format` the client speaks, to whichever provider serves its model.
    [[nodiscard]] net::Awaitable<void> generate(providers::ApiFormat format, ClientRequest& request, ClientResponse& response);

    /// Embeddings of OpenAI's or Gemini's form; counts of tokens of Messages', Gemini's or Responses'.
    [[nodiscard]] net::Awaitable<void> embed(providers::ApiFormat format, ClientRequest& request, ClientResponse& response);
    [[nodiscard]] net::Awaitable<void> count_tokens(providers::ApiFormat format, ClientRequest& request, ClientResponse& response);
    /// Hands a request on as it is. `rule` outlives the gateway.
    [[nodiscard]] net::Awaitable<void> forward(const ForwardRule& rule, ClientRequest& request, ClientResponse& response);
    /// Says that a family of the API (`/v1/files`) is not served here, and under which raw path (`/openai`) it may be had.
    [[nodiscard]] net::Awaitable<void> refuse_family(std::string_view raw_path, ClientRequest& request, ClientResponse& response);

    /// `GET …/models` and `GET …/models/{id}` (contract section 5).
    [[nodiscard]] net::Awaitable<void> list_models(ListShape shape, ClientRequest& request, ClientResponse& response);
    [[nodiscard]] net::Awaitable<void> get_model(ListShape shape, ClientRequest& request, ClientResponse& response);

    /// From now on; requests under way go on under them. Any thread.
    void set_options(GatewayOptions options) {
        admission_.set(options.admission);
        options_.replace(std::move(options));
    }

    // What the life of one request needs of its surroundings.
    /// As of now. What it refers to stays as it is, however long it is held.
    [[nodiscard]] const GatewayOptions& options() const noexcept { return options_.get(); }
    [[nodiscard]] const workers::SnapshotPtr& snapshot(const net::EventLoop& loop) { return snapshots_[loop.index()].get(); }
    [[nodiscard]] upstream::Pool& pool(const net::EventLoop& loop) noexcept { return pools_.of(loop); }
    [[nodiscard]] fleet::RegistryWatch& watch() noexcept { return watch_; }
    [[nodiscard]] routing::PolicyState& policy_state() noexcept { return policy_state_; }
    [[nodiscard]] Admission& admission() noexcept { return admission_; }
    [[nodiscard]] workers::RetryBudget& retry_budget() noexcept { return retry_budget_; }
    [[nodiscard]] workers::HedgeBudget& hedge_budget() noexcept { return hedge_budget_; }
    [[nodiscard]] workers::FirstByteTimes& first_byte_times() noexcept { return first_byte_times_; }
    [[nodiscard]] StateBindings& bindings() noexcept { return bindings_; }

private:
    Published<GatewayOptions> options_;
    upstream::Pools& pools_;
    fleet::RegistryWatch& watch_;
    routing::PolicyState policy_state_;
    StateBindings bindings_;
    Admission admission_;
    workers::RetryBudget retry_budget_;
    workers::HedgeBudget hedge_budget_;
    workers::FirstByteTimes first_byte_times_;
    std::vector<workers::SnapshotCache> snapshots_;  ///< one a loop
};

}  // namespace smg::gateway
