#pragma once
/// Makes the text of a scrape away from the loops that serve clients.
#include <functional>
#include <string>

#include "net/event_loop.hpp"
#include "telemetry/metrics.hpp"
#include "telemetry/request_ages.hpp"

namespace smg::app {

/// Outlives the loops' threads. Any loop may ask; the text is always made on `watching`, one at a time.
class Scraper {
public:
    /// What must be asked of the loops before each scrape, awaited on `watching`.
    using AskAges = std::function<net::Awaitable<telemetry::RequestAges>(net::EventLoop&)>;

    Scraper(const telemetry::Metrics& metrics, net::EventLoop& watching, AskAges ask_ages);
    /// All metrics in the text format; awaited on `mine`.
    [[nodiscard]] net::Awaitable<std::string> scrape(net::EventLoop& mine) const;

private:
    [[nodiscard]] net::Awaitable<std::string> scrape_here() const;

    const telemetry::Metrics& metrics_;
    net::EventLoop& watching_;
    const AskAges ask_ages_;
};

}  // namespace smg::app
