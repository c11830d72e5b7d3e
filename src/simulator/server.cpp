#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>

#include "simulator/server_state.hpp"

namespace smg::simulator {
namespace {

void accept(const std::shared_ptr<SimulatorServer::State>& state, net::EventLoop& loop, net::tcp::socket socket) {
    auto stream = std::make_shared<net::ByteStream>(loop, std::move(socket));
    std::uint64_t number = 0;
    state->update([&] {
        number = ++state->accepted;
        ++state->open;
        std::erase_if(state->streams, [](const auto& each) { return each.second.expired(); });
        state->streams.emplace_back(&loop, stream);
        if (state->stopping) stream->close();
    });
    net::asio::co_spawn(loop.executor(), serve_connection(state, std::move(stream), number),
                        [state](std::exception_ptr) { state->update([&] { --state->open; }); });
}

}  // namespace

SimulatorServer::SimulatorServer(net::EventLoops& loops, SimulatorOptions options) : state_(std::make_shared<State>(loops, std::move(options))) {}

SimulatorServer::~SimulatorServer() { stop(); }

Result<void> SimulatorServer::start() {
    const auto& provider = state_->options.provider;
    constexpr std::array<std::string_view, 6> known = {"", "all", "openai", "anthropic", "xai", "gemini"};
    if (std::find(known.begin(), known.end(), provider) == known.end())
        return fail(Failure::invalid_request, "there is no simulated provider '" + provider + "'", "provider");
    if (auto bound = state_->acceptor.listen({state_->options.host}, state_->options.port); !bound) return bound;
    state_->acceptor.start([state = std::weak_ptr(state_)](net::EventLoop& loop, net::tcp::socket socket) {
        if (const auto alive = state.lock()) accept(alive, loop, std::move(socket));
    });
    return {};
}

void SimulatorServer::stop() {
    state_->acceptor.stop();
    state_->update([&] {
        state_->stopping = true;
        for (const auto& [loop, stream] : state_->streams)
            loop->post([stream] {
                if (const auto open = stream.lock()) open->close();
            });
        state_->streams.clear();
    });
}

std::uint16_t SimulatorServer::port() const noexcept { return state_->acceptor.port(); }

std::string SimulatorServer::url() const {
    const auto& endpoints = state_->acceptor.endpoints();
    const auto address = endpoints.empty() ? std::string("127.0.0.1") : endpoints.front().address().to_string();
    return "http://" + (address.find(':') == std::string::npos ? address : "[" + address + "]") + ":" + std::to_string(port());
}

std::vector<ReceivedRequest> SimulatorServer::requests() const {
    const std::lock_guard lock(state_->mutex);
    return {state_->log.begin(), state_->log.end()};
}

void SimulatorServer::forget_requests() {
    state_->update([&] { state_->log.clear(); });
}

std::uint64_t SimulatorServer::received() const noexcept {
    const std::lock_guard lock(state_->mutex);
    return state_->received;
}

std::uint64_t SimulatorServer::departed() const noexcept {
    const std::lock_guard lock(state_->mutex);
    return state_->departed;
}

std::uint64_t SimulatorServer::accepted() const noexcept {
    const std::lock_guard lock(state_->mutex);
    return state_->accepted;
}

std::size_t SimulatorServer::open_connections() const noexcept {
    const std::lock_guard lock(state_->mutex);
    return state_->open;
}

std::size_t SimulatorServer::answering() const noexcept {
    const std::lock_guard lock(state_->mutex);
    return state_->answering;
}

bool SimulatorServer::wait_until(const std::function<bool()>& done, std::chrono::milliseconds limit) const {
    const auto give_up_at = std::chrono::steady_clock::now() + limit;
    for (;;) {
        // `done` asks this server, whose functions lock for themselves: it runs outside the lock, and a change in between is not missed
        // because the wait is short.
        if (done()) return true;
        std::unique_lock lock(state_->mutex);
        if (std::chrono::steady_clock::now() >= give_up_at) return false;
        state_->changed.wait_until(lock, std::min(give_up_at, std::chrono::steady_clock::now() + std::chrono::milliseconds(20)));
    }
}

void SimulatorServer::fail_all(int status) noexcept { state_->forced_status = status; }

}  // namespace smg::simulator
