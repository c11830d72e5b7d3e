#pragma once
/// Asks every loop for what only its own thread may look at.
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <utility>

#include "net/event_loop.hpp"

namespace smg::app {

inline constexpr auto longest_gathering = std::chrono::seconds(1);

/// The sum of what `look` finds on each of the loops, on their threads; awaited on `mine`. No loop waits for another: each is asked by a task of its
/// own, and one that does not answer within a second is left out. `look` is copied to every loop, and what it refers to outlives them.
template <typename Part>
net::Awaitable<Part> gather(net::EventLoops& loops, net::EventLoop& mine, std::function<void(std::size_t, Part&)> look) {
    // Lives on the asker's loop; the others only carry it there and back.
    struct Gathering {
        explicit Gathering(net::EventLoop& asker) : timer(asker.context(), longest_gathering) {}
        net::asio::steady_timer timer;
        Part whole{};
        std::size_t missing = 0;
    };
    const auto gathering = std::make_shared<Gathering>(mine);
    gathering->missing = loops.size();
    for (std::size_t i = 0; i < loops.size(); ++i)
        loops[i].post([i, &mine, gathering, look] {
            const auto part = std::make_shared<Part>();
            look(i, *part);
            mine.post([gathering, part] {
                gathering->whole.add(std::move(*part));
                if (--gathering->missing == 0) gathering->timer.cancel();
            });
        });
    co_await gathering->timer.async_wait(net::as_value);
    co_return std::move(gathering->whole);
}

}  // namespace smg::app
