#pragma once
/// Keeps the registry true, in the background: examines new workers, tries failed ones again, watches over local ones, reads models lists
/// anew, and lets draining ones go.
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fleet/discovery.hpp"
#include "fleet/schedule.hpp"
#include "net/event_loop.hpp"
#include "smg/config.hpp"
#include "upstream/pools.hpp"
#include "workers/registry.hpp"

namespace smg::fleet {

struct RegistrarOptions {
    RegistrarOptions() = default;
    /// What the flags say.
    explicit RegistrarOptions(const config::Config& config);

    config::HealthSettings health;
    config::BreakerSettings breaker;
    config::Proxies proxies;
    /// A provider's admin key lists its models in place of the worker's own, on that provider's own hosts alone.
    std::vector<config::ProviderKey> admin_keys;
    ListOptions list;
    Cadence cadence;
    /// A worker's registration has come to an end, well or not; a worker has left the registry, and says why (`departure`). On the first loop;
    /// may be empty.
    std::function<void(const workers::Worker&, bool registered)> on_registration;
    std::function<void(const workers::Worker&)> on_gone;
    /// A worker was asked whether it is well. On the first loop; must not wait.
    std::function<void(bool passed)> on_health_check;
};

/// Its coroutines, one a worker, run on the first loop. Made before the registry is shared. The loops, the registry and the pools outlive
/// the coroutines: `stop`, then wait for `stopped`, then stop the loops.
class Registrar {
public:
    Registrar(net::EventLoops& loops, workers::Registry& registry, upstream::Pools& pools, RegistrarOptions options);
    /// Stops what is still running, as `stop` does.
    ~Registrar();
    Registrar(const Registrar&) = delete;
    Registrar& operator=(const Registrar&) = delete;

    /// From now on the registry's workers are looked after. Any thread, before or after the loops start.
    void start();
    /// Health settings, proxies, admin keys and limits of list calls, from each keeper's next task on. Any thread.
    void set_options(RegistrarOptions options);
    /// Cancels all coroutines, for good. Any thread; returns at once.
    void stop();
    /// True once the last coroutine has ended after `stop`. Any thread.
    [[nodiscard]] bool stopped() const noexcept;
    /// Waits for it, on another thread than the first loop's; false when the time has passed.
    bool wait_stopped(std::chrono::milliseconds limit);

    /// No new request for this worker; gone from the registry once its settle time has passed and its open requests have ended. One that
    /// never took a request is gone at once. Any thread. Error: not_found.
    workers::RegistryResult<workers::WorkerPtr> drain(std::string_view id, workers::Departure why = workers::Departure::deleted);

    /// A request named a model that the worker's list does not hold: reads it anew, at most once a minute. Any thread; cheap when it is
    /// not due.
    void refresh(const workers::Worker& worker);

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace smg::fleet
