#pragma once
/// `smg demo`: the gateway and four simulated providers in one process, registered and ready. For people without a key, and for tests.
#include <memory>
#include <vector>

#include "app/gateway_server.hpp"
#include "simulator/simulator.hpp"

namespace smg::app {

class Demo {
public:
    /// Returns once all four workers are ready. Errors: an address cannot be bound; a worker does not become ready within ten seconds.
    [[nodiscard]] static Result<std::unique_ptr<Demo>> start(const config::RunDemo& command);
    ~Demo();

    [[nodiscard]] GatewayServer& gateway() noexcept { return *gateway_; }
    /// By its provider's name; null for another.
    [[nodiscard]] simulator::SimulatorServer* provider(std::string_view name) noexcept;

    /// The stored key of a demo worker; the simulated provider accepts no other form.
    [[nodiscard]] static std::string key_of(std::string_view provider);

private:
    Demo() = default;
    [[nodiscard]] Result<void> start_providers(const config::SimulatorOptions& chosen);
    [[nodiscard]] Result<void> register_workers();
    [[nodiscard]] bool wait_ready(std::chrono::milliseconds limit);

    std::unique_ptr<net::EventLoops> loops_;
    std::vector<std::unique_ptr<simulator::SimulatorServer>> providers_;
    std::unique_ptr<GatewayServer> gateway_;
};

}  // namespace smg::app
