#pragma once
/// Waiting for the registry to change, on any event loop, without asking it again and again.
#include <cstdint>
#include <memory>

#include "net/asio.hpp"
#include "net/cancellation.hpp"
#include "net/event_loop.hpp"
#include "workers/registry.hpp"

namespace smg::fleet {

/// Made before the registry is shared and before the loops start; the registry and the loops outlive it.
class RegistryWatch {
public:
    RegistryWatch(net::EventLoops& loops, workers::Registry& registry);
    ~RegistryWatch();
    RegistryWatch(const RegistryWatch&) = delete;
    RegistryWatch& operator=(const RegistryWatch&) = delete;

    /// Waits on `loop`, the caller's own, until `registry.version()` is another than `seen_version`; true at once if it is already.
    /// False when `timeout` has passed or `cancellation` was requested. A change costs a loop nothing unless somebody waits on it.
    [[nodiscard]] net::Awaitable<bool> changed(net::EventLoop& loop, std::uint64_t seen_version, net::Duration timeout,
                                               net::Cancellation& cancellation);

private:
    struct Shared;
    class Waiter;
    std::shared_ptr<Shared> shared_;
};

}  // namespace smg::fleet
