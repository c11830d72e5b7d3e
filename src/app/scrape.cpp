#include "app/scrape.hpp"

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <memory>
#include <utility>

namespace smg::app {

Scraper::Scraper(const telemetry::Metrics& metrics, net::EventLoop& watching, AskAges ask_ages)
    : metrics_(metrics), watching_(watching), ask_ages_(std::move(ask_ages)) {}

net::Awaitable<std::string> Scraper::scrape_here() const {
    auto asking = ask_ages_(watching_);
    const auto ages = co_await std::move(asking);
    co_return metrics_.scrape([&ages](telemetry::GaugeSink& sink) { sink.inflight_request_ages(ages); });
}

net::Awaitable<std::string> Scraper::scrape(net::EventLoop& mine) const {
    if (&mine == &watching_) {
        auto text = co_await scrape_here();
        co_return text;
    }
    // The timer never fires; it is what is awaited until the text has come over.
    struct Crossing {
        explicit Crossing(net::EventLoop& asker) : arrived(asker.context(), net::asio::steady_timer::time_point::max()) {}
        net::asio::steady_timer arrived;
        std::string text;
    };
    const auto crossing = std::make_shared<Crossing>(mine);
    const auto bring = [crossing, &mine](std::exception_ptr, std::string text) {
        const auto brought = std::make_shared<std::string>(std::move(text));
        mine.post([crossing, brought] {
            crossing->text = std::move(*brought);
            crossing->arrived.cancel();
        });
    };
    net::asio::co_spawn(watching_.context(), scrape_here(), bring);
    co_await crossing->arrived.async_wait(net::as_value);
    co_return std::move(crossing->text);
}

}  // namespace smg::app
