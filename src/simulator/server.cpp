#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>

#include "simulator/server_state.hpp"

namespace smg::simulator {
namespace {

void accept(const std::shared_ptr<SimulatorServer::State>& state, net::EventLoop& loop, net::tcp::socket socket) {
    auto connection = std::make_shared<Connection>(loop, std::move(socket));
    bool late = false;
    state->update([&] {
        connection->number = ++state->accepted;
        state->open.emplace(connection->number, connection);
        late = state->stopping;
    });
    if (late) connection->close();
    const auto number = connection->number;
    net::asio::co_spawn(loop.executor(), serve_connection(state, std::move(connection)),
                        [state, number](std::exception_ptr) { state->update([&] { state->open.erase(number); }); });
}

}  // namespace

SimulatorServer::SimulatorServer(net::EventLoops& loops, SimulatorOptions options) : state_(std::make_shared<State>(loops, std::move(options))) {}

SimulatorServer::~SimulatorServer() {
    stop();
    state_->acceptor.reset();
}

Result<void> SimulatorServer::start() {
    const auto& provider = state_->options.provider;
    constexpr std::array<std::string_view, 6> known = {"", "all", "openai", "anthropic", "xai", "gemini"};
    if (std::find(known.begin(), known.end(), provider) == known.end())
        return fail(Failure::invalid_request, "there is no simulated provider '" + provider + "'", "provider");
    if (auto bound = state_->acceptor->listen({state_->options.host}, state_->options.port); !bound) return bound;
    state_->acceptor->start([state = std::weak_ptr(state_)](net::EventLoop& loop, net::tcp::socket socket) {
        if (const auto alive = state.lock()) accept(alive, loop, std::move(socket));
    });
    return {};
}

void SimulatorServer::stop() {
    state_->acceptor->stop();
    state_->update([&] {
        state_->stopping = true;
        for (const auto& [number, connection] : state_->open)
            if (const auto alive = connection.lock()) alive->loop.post([connection = connection] {
                if (const auto open = connection.lock()) open->close();
            });
    });
}

std::uint16_t SimulatorServer::port() const noexcept { return state_->acceptor->port(); }

std::string SimulatorServer::url() const {
    const auto& endpoints = state_->acceptor->endpoints();
    const auto address = endpoints.empty() ? std::string("127.0.0.1") : endpoints.front().address().to_string();
    return "http://" + (address.find(':') == std::string::npos ? address : "[" + address + "]") + ":" + std::to_string(port());
}

std::vector<ReceivedRequest> SimulatorServer::requests() const {
    return state_->read([&] { return std::vector<ReceivedRequest>(state_->log.begin(), state_->log.end()); });
}

void SimulatorServer::forget_requests() {
    state_->update([&] { state_->log.clear(); });
}

std::uint64_t SimulatorServer::received() const noexcept {
    return state_->read([&] { return state_->received; });
}

std::uint64_t SimulatorServer::departed() const noexcept {
    return state_->read([&] { return state_->departed; });
}

std::uint64_t SimulatorServer::accepted() const noexcept {
    return state_->read([&] { return state_->accepted; });
}

std::size_t SimulatorServer::open_connections() const noexcept {
    return state_->read([&] { return state_->open.size(); });
}

std::size_t SimulatorServer::answering() const noexcept {
    return state_->read([&] { return state_->answering; });
}

bool SimulatorServer::wait_until(const std::function<bool()>& done, std::chrono::milliseconds limit) const {
    const auto give_up_at = std::chrono::steady_clock::now() + limit;
    for (;;) {
        // `done` asks this server, whose functions lock for themselves, so it runs outside the lock; the count tells what it missed.
        const auto seen = state_->read([&] { return state_->events; });
        if (done()) return true;
        std::unique_lock lock(state_->mutex);
        if (!state_->changed.wait_until(lock, give_up_at, [&] { return state_->events != seen; })) return false;
    }
}

void SimulatorServer::fail_all(int status) noexcept { state_->forced_status = status; }

}  // namespace smg::simulator
