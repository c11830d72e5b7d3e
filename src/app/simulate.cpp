#include "app/simulate.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <iostream>
#include <memory>
#include <vector>

#include "net/event_loop.hpp"
#include "simulator/simulator.hpp"

namespace smg::app {

simulator::SimulatorOptions simulator_options(const config::SimulatorOptions& chosen, const std::string& host) {
    simulator::SimulatorOptions options;
    options.provider = chosen.provider;
    options.host = host;
    options.port = chosen.port;
    options.api_key = chosen.api_key.reveal();
    options.latency = chosen.latency;
    options.chunks = static_cast<unsigned>(chosen.chunks);
    options.chunk_interval = chosen.chunk_interval;
    for (const auto& failing : chosen.failing) {
        simulator::FailRule rule;
        rule.status = failing.status;
        rule.rate = failing.rate;
        options.fail.push_back(rule);
    }
    options.log_limit = 0;  // nobody will ask
    return options;
}

Result<void> simulate(const config::SimulatorOptions& chosen) {
    net::EventLoops loops(2);
    auto hosts = chosen.hosts;
    if (hosts.empty()) hosts.emplace_back("localhost");
    std::vector<std::unique_ptr<simulator::SimulatorServer>> servers;
    for (const auto& host : hosts) {
        auto options = simulator_options(chosen, host);
        if (!servers.empty() && options.port == 0) options.port = servers.front()->port();
        servers.push_back(std::make_unique<simulator::SimulatorServer>(loops, options));
        if (auto started = servers.back()->start(); !started) return started;
    }
    loops.start();
    for (const auto& server : servers)
        std::cout << "smg: simulating " << (chosen.provider.empty() ? "all providers" : chosen.provider) << " on " << server->url() << '\n';
    std::cout << std::flush;

    net::asio::io_context context(1);
    net::asio::signal_set signals(context, SIGTERM, SIGINT);
    signals.async_wait([](net::error_code, int) {});
    context.run();
    for (const auto& server : servers) server->stop();
    loops.stop();
    return {};
}

}  // namespace smg::app
