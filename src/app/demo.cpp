#include "app/demo.hpp"

#include <condition_variable>
#include <ctime>
#include <mutex>

#include "app/simulate.hpp"

namespace smg::app {
namespace {

constexpr std::array<std::string_view, 4> simulated = {"openai", "anthropic", "xai", "gemini"};
constexpr auto ready_within = std::chrono::seconds(10);

}  // namespace

Demo::~Demo() {
    if (gateway_) gateway_->stop();
    for (const auto& provider : providers_) provider->stop();
    if (loops_) loops_->stop();
}

std::string Demo::key_of(std::string_view provider) {
    if (provider == "anthropic") return "sk-ant-demo-key-of-the-gateway";
    if (provider == "xai") return "xai-demo-key-of-the-gateway";
    if (provider == "gemini") return "AIza-demo-key-of-the-gateway-0123456789";
    return "sk-proj-demo-key-of-the-gateway";
}

simulator::SimulatorServer* Demo::provider(std::string_view name) noexcept {
    for (std::size_t i = 0; i < providers_.size(); ++i)
        if (simulated[i] == name) return providers_[i].get();
    return nullptr;
}

Result<void> Demo::start_providers(const config::SimulatorOptions& chosen) {
    loops_ = std::make_unique<net::EventLoops>(1);
    for (const auto name : simulated) {
        auto options = simulator_options(chosen, "127.0.0.1");
        options.provider = name;
        options.port = 0;
        options.log_limit = 1000;
        providers_.push_back(std::make_unique<simulator::SimulatorServer>(*loops_, options));
        if (auto started = providers_.back()->start(); !started) return started;
    }
    loops_->start();
    return {};
}

Result<void> Demo::register_workers() {
    for (std::size_t i = 0; i < simulated.size(); ++i) {
        workers::WorkerSpec spec;
        spec.url = providers_[i]->url();
        spec.name = "simulated-" + std::string(simulated[i]);
        spec.provider = simulated[i];
        spec.runtime_type = workers::RuntimeType::external;
        spec.api_key = Secret(key_of(simulated[i]));
        auto added = gateway_->registry().add(std::move(spec), "demo", std::time(nullptr));
        if (!added) return fail(Failure::internal_error, added.error().message);
    }
    return {};
}

bool Demo::wait_ready(std::chrono::milliseconds limit) {
    auto& registry = gateway_->registry();
    const auto give_up_at = std::chrono::steady_clock::now() + limit;
    std::mutex mutex;
    std::condition_variable tick;
    std::unique_lock lock(mutex);
    // The registry's listeners are fixed before it is shared; a start that takes a few ticks longer hurts nobody.
    return [&] {
        while (registry.snapshot()->ready_count() < simulated.size()) {
            if (std::chrono::steady_clock::now() >= give_up_at) return false;
            tick.wait_for(lock, std::chrono::milliseconds(5));
        }
        return true;
    }();
}

Result<std::unique_ptr<Demo>> Demo::start(const config::RunDemo& command) {
    std::unique_ptr<Demo> demo(new Demo);
    if (auto started = demo->start_providers(command.simulator); !started) return tl::unexpected(started.error());
    auto config = command.config;
    config.enable_igw = true;
    auto gateway = GatewayServer::create(std::move(config));
    if (!gateway) return tl::unexpected(gateway.error());
    demo->gateway_ = std::move(*gateway);
    demo->gateway_->start_without_accepting();
    if (auto registered = demo->register_workers(); !registered) return tl::unexpected(registered.error());
    if (!demo->wait_ready(ready_within)) return fail(Failure::service_unavailable, "the simulated providers did not become ready");
    return demo;
}

}  // namespace smg::app
