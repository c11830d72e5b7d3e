#pragma once
/// What all keepers of one registrar share.
#include <atomic>
#include <condition_variable>
#include <mutex>

#include "fleet/registrar.hpp"

namespace smg::fleet {

struct Surroundings {
    Surroundings(net::EventLoop& event_loop, workers::Registry& workers_registry, upstream::Pool& loop_pool, RegistrarOptions registrar_options)
        : loop(event_loop), registry(workers_registry), pool(loop_pool), options(std::move(registrar_options)) {}

    net::EventLoop& loop;
    workers::Registry& registry;
    upstream::Pool& pool;
    RegistrarOptions options;  ///< what `set_options` changes is read and changed on the loop's thread alone

    /// Coroutines that have not ended; changed on the loop's thread alone.
    std::atomic<std::size_t> active{0};
    /// No new coroutine.
    std::atomic<bool> stopping{false};
    std::mutex mutex;
    std::condition_variable ended;  ///< told when `active` becomes 0 after `stopping`
};

}  // namespace smg::fleet
