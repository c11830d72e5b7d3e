#include "app/inflight.hpp"

#include <iterator>
#include <memory>

namespace smg::app {
namespace {

constexpr auto longest_wait = std::chrono::seconds(1);

/// Lives on the asker's loop; the others only carry it there and back.
struct Gathering {
    explicit Gathering(net::EventLoop& mine) : timer(mine.context(), longest_wait) {}
    net::asio::steady_timer timer;
    telemetry::OpenRequestsView view;
    std::size_t missing = 0;

    void take(telemetry::OpenRequestsView part) {
        view.count += part.count;
        view.requests.insert(view.requests.end(), std::make_move_iterator(part.requests.begin()), std::make_move_iterator(part.requests.end()));
        if (--missing == 0) timer.cancel();
    }
};

void ask(net::EventLoop& loop, const telemetry::OpenRequests& list, net::EventLoop& mine, std::shared_ptr<Gathering> gathering, std::size_t limit) {
    loop.post([&list, &mine, gathering = std::move(gathering), limit] {
        const auto part = std::make_shared<telemetry::OpenRequestsView>();
        list.look(*part, limit, telemetry::RequestRecord::Clock::now());
        mine.post([gathering, part] { gathering->take(std::move(*part)); });
    });
}

}  // namespace

net::Awaitable<telemetry::OpenRequestsView> open_requests(net::EventLoops& loops, server::Service& service, net::EventLoop& mine, std::size_t limit) {
    const auto gathering = std::make_shared<Gathering>(mine);
    gathering->missing = service.open_requests.size();
    for (std::size_t i = 0; i < service.open_requests.size(); ++i) ask(loops[i], service.open_requests[i], mine, gathering, limit);
    if (gathering->missing > 0) co_await gathering->timer.async_wait(net::as_value);
    co_return std::move(gathering->view);
}

}  // namespace smg::app
