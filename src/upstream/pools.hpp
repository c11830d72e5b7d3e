#pragma once
/// The shared client pool of the process: one shard an event loop, one set of counters.
#include <memory>
#include <vector>

#include "net/event_loop.hpp"
#include "upstream/pool.hpp"

namespace smg::upstream {

/// Made before the loops start and destroyed after they have stopped.
class Pools {
public:
    Pools(net::EventLoops& loops, const Environment& environment, PoolLimits limits = {}) {
        for (std::size_t i = 0; i < loops.size(); ++i) shards_.push_back(std::make_unique<Pool>(loops[i], environment, limits, counters_));
    }

    /// The loop's shard; only that loop's thread uses it.
    [[nodiscard]] Pool& of(const net::EventLoop& loop) noexcept { return *shards_[loop.index()]; }
    /// Any thread.
    [[nodiscard]] const PoolCounters& counters() const noexcept { return counters_; }

private:
    PoolCounters counters_;
    std::vector<std::unique_ptr<Pool>> shards_;
};

}  // namespace smg::upstream
