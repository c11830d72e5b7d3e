#pragma once
/// A whole gateway in the test's process, and the providers that it talks to.
#include <algorithm>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "app/gateway_server.hpp"
#include "simulator/simulator.hpp"
#include "support/http_client.hpp"

namespace smg::test {

using Json = nlohmann::json;

inline config::Config test_config() {
    config::Config config;
    config.port = 0;
    config.prometheus_port = 0;
    config.threads = 2;
    config.enable_igw = true;
    config.random_seed = 20260131;
    return config;
}

/// All four of them, each on a port of its own. Without `api_key` they accept every key but another provider's.
class Providers {
public:
    explicit Providers(const simulator::SimulatorOptions& chosen = {}, const std::map<std::string, std::string>& keys = {}) : loops_(1) {
        for (const std::string name : {"openai", "anthropic", "xai", "gemini"}) {
            auto options = chosen;
            options.provider = name;
            options.log_limit = 10'000;
            if (const auto key = keys.find(name); key != keys.end()) options.api_key = key->second;
            servers_[name] = std::make_unique<simulator::SimulatorServer>(loops_, options);
            if (const auto started = servers_[name]->start(); !started) throw std::runtime_error(started.error().message);
        }
        loops_.start();
    }
    ~Providers() {
        for (const auto& [name, server] : servers_) server->stop();
        loops_.stop();
    }
    Providers(const Providers&) = delete;
    Providers& operator=(const Providers&) = delete;
    [[nodiscard]] simulator::SimulatorServer& operator[](const std::string& name) { return *servers_.at(name); }

private:
    net::EventLoops loops_;
    std::map<std::string, std::unique_ptr<simulator::SimulatorServer>> servers_;
};

class RunningGateway {
public:
    explicit RunningGateway(config::Config config = test_config()) {
        auto made = app::GatewayServer::create(std::move(config));
        if (!made) throw std::runtime_error(made.error().message);
        server_ = std::move(*made);
        server_->start();
    }
    ~RunningGateway() { server_->stop(); }
    RunningGateway(const RunningGateway&) = delete;
    RunningGateway& operator=(const RunningGateway&) = delete;

    [[nodiscard]] app::GatewayServer& server() const noexcept { return *server_; }
    [[nodiscard]] std::uint16_t port() const noexcept { return server_->port(); }
    [[nodiscard]] HttpClient client(int receive_buffer = 0) const { return HttpClient(server_->port(), receive_buffer); }
    Answer get(const std::string& target, const Headers& headers = {}) const { return client().get(target, headers); }
    Answer post(const std::string& target, const Json& body, const Headers& headers = {}) const {
        return client().post(target, body.dump(), headers);
    }
    /// What Prometheus would see.
    [[nodiscard]] std::string metrics() const { return HttpClient(server_->metrics_port()).get("/metrics").body; }
    /// The sum of the series of that name whose labels hold all of `labels`. A request is counted just after its
    /// answer's last byte, so this asks again until the value is `at_least`, or the limit has passed.
    [[nodiscard]] double metric(const std::string& name, const std::vector<std::string>& labels, double at_least = 1) const {
        const auto until = std::chrono::steady_clock::now() + step_limit;
        for (;;) {
            const auto value = metric_in(metrics(), name, labels);
            if (value >= at_least || std::chrono::steady_clock::now() > until) return value;
        }
    }

    /// Registers a worker and waits until it serves; its id. Throws with the answer when it does not.
    std::string add_worker(const Json& spec, const Headers& headers = {}) const {
        const auto answer = client().post("/workers?wait=10", spec.dump(), headers);
        if (answer.status != 201) throw std::runtime_error("worker refused: " + answer.body);
        return Json::parse(answer.body).at("id");
    }

private:
    static double metric_in(const std::string& text, const std::string& name, const std::vector<std::string>& labels) {
        double sum = 0;
        for (std::size_t at = 0; at < text.size();) {
            const auto line = text.substr(at, text.find('\n', at) - at);
            at += line.size() + 1;
            const bool fits = (line.starts_with(name + "{") || line.starts_with(name + " ")) &&
                              std::all_of(labels.begin(), labels.end(), [&](const auto& each) { return line.find(each) != std::string::npos; });
            if (fits) sum += std::stod(line.substr(line.rfind(' ')));
        }
        return sum;
    }

    std::unique_ptr<app::GatewayServer> server_;
};

/// A chat of one user turn.
[[nodiscard]] inline Json chat(const std::string& model, const std::string& text, bool stream = false) {
    Json body = {{"model", model}, {"messages", {{{"role", "user"}, {"content", text}}}}};
    if (stream) body["stream"] = true;
    return body;
}

}  // namespace smg::test
