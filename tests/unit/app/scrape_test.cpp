#include "app/scrape.hpp"

#include <gtest/gtest.h>

#include <future>

#include "support/loop_runner.hpp"

namespace smg::app {
namespace {

constexpr auto limit = std::chrono::seconds(30);

telemetry::MetricsOptions options() {
    telemetry::MetricsOptions some;
    some.duration_buckets = {1};
    return some;
}

net::Awaitable<telemetry::RequestAges> three_young_ones(net::EventLoop&) {
    telemetry::RequestAges ages;
    ages.add(std::chrono::seconds(1), 3);
    co_return ages;
}

TEST(Scraper, ALongScrapeLeavesTheLoopThatAsksForItFree) {
    telemetry::Metrics metrics(options());
    net::EventLoops watching(1);
    net::EventLoop client_loop;
    std::promise<void> client_loop_ran;
    bool was_free = false;
    // The scrape takes until the asking loop has done something else meanwhile.
    metrics.on_scrape([&](telemetry::GaugeSink&) {
        client_loop.post([&client_loop_ran] { client_loop_ran.set_value(); });
        was_free = client_loop_ran.get_future().wait_for(limit) == std::future_status::ready;
    });
    const Scraper scraper(metrics, watching[0], three_young_ones);
    watching.start();
    const auto text = test::run(client_loop, scraper.scrape(client_loop), 2 * limit);
    EXPECT_TRUE(was_free);
    EXPECT_NE(text.find("smg_http_inflight_request_age_count{gt=\"0\",le=\"30\"} 3\n"), std::string::npos);
    watching.stop();
}

TEST(Scraper, TheWatchingLoopAsksForItself) {
    telemetry::Metrics metrics(options());
    net::EventLoop watching;
    const Scraper scraper(metrics, watching, three_young_ones);
    EXPECT_NE(test::run(watching, scraper.scrape(watching)).find("smg_build_info"), std::string::npos);
}

}  // namespace
}  // namespace smg::app
