#include "app/trace_exporter.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <utility>

#include "http/url.hpp"
#include "http/writer.hpp"
#include "telemetry/log.hpp"
#include "upstream/whole_answer.hpp"

namespace smg::app {
namespace {

constexpr std::uint16_t grpc_port = 4317;
constexpr auto send_timeout = std::chrono::seconds(5);
constexpr auto longest_pause = std::chrono::seconds(30);
constexpr std::size_t longest_answer = 64 * 1024;

std::int64_t wall_offset_ns() {
    using std::chrono::nanoseconds;
    const auto wall = std::chrono::duration_cast<nanoseconds>(std::chrono::system_clock::now().time_since_epoch());
    const auto steady = std::chrono::duration_cast<nanoseconds>(std::chrono::steady_clock::now().time_since_epoch());
    return (wall - steady).count();
}

}  // namespace

Result<TraceTarget> TraceTarget::parse(const std::string& text) {
    const auto url = http::parse_url(text.find("://") == std::string::npos ? "http://" + text : text);
    if (!url) return fail(Failure::invalid_request, "is not of the form HOST:PORT or http://HOST:PORT/PATH");
    TraceTarget target;
    target.peer.tls = url->tls;
    target.peer.host = url->host;
    target.peer.port = url->port;
    if (url->port == grpc_port)
        return fail(Failure::invalid_request, "names port 4317, where collectors take gRPC; traces are sent over HTTP, which they take on port 4318");
    target.path = url->path.empty() || url->path == "/" ? "/v1/traces" : url->path;
    return target;
}

TraceExporter::State::State(net::EventLoop& its_loop, upstream::Pool& its_pool, TraceTarget its_target, std::string its_version)
    : loop(its_loop), pool(its_pool), target(std::move(its_target)), version(std::move(its_version)), timer(its_loop.context()) {}

TraceExporter::TraceExporter(net::EventLoop& loop, upstream::Pool& pool, TraceTarget target, std::string version)
    : state_(std::make_shared<State>(loop, pool, std::move(target), std::move(version))) {}

void TraceExporter::start() {
    net::asio::co_spawn(state_->loop.executor(), run(state_), [state = state_](std::exception_ptr) { state->stopped = true; });
}

void TraceExporter::add(telemetry::TracedRequest traced) {
    bool full = false;
    {
        const std::lock_guard lock(state_->mutex);
        if (state_->queue.size() >= most_queued) {
            ++state_->dropped;
            return;
        }
        state_->queue.push_back(std::move(traced));
        full = state_->queue.size() == batch;
    }
    if (full) state_->loop.post([state = state_] { state->timer.cancel(); });
}

void TraceExporter::stop() {
    state_->stopping = true;
    state_->loop.post([state = state_] { state->timer.cancel(); });
}

std::vector<telemetry::TracedRequest> TraceExporter::take(State& state) {
    const std::lock_guard lock(state.mutex);
    auto& queue = state.queue;
    const auto count = std::min(batch, queue.size());
    std::vector<telemetry::TracedRequest> taken(std::make_move_iterator(queue.begin()),
                                                std::make_move_iterator(queue.begin() + static_cast<std::ptrdiff_t>(count)));
    queue.erase(queue.begin(), queue.begin() + static_cast<std::ptrdiff_t>(count));
    return taken;
}

net::Awaitable<void> TraceExporter::run(std::shared_ptr<State> state) {
    net::Duration pause = interval;
    bool told = false;
    for (;;) {
        if (!state->stopping) {
            state->timer.expires_after(pause);
            co_await state->timer.async_wait(net::as_value);
        }
        auto taken = take(*state);
        bool delivered = true;
        while (!taken.empty() && delivered) {
            const auto count = taken.size();
            delivered = co_await send(*state, std::move(taken));
            (delivered ? state->exported : state->dropped) += count;
            taken = delivered ? take(*state) : std::vector<telemetry::TracedRequest>();
        }
        if (!delivered && !told)
            telemetry::log_event(telemetry::Level::warn, "the collector takes no traces; those that do not fit into the queue are dropped",
                                 {{"endpoint", state->target.peer.authority() + state->target.path}});
        told = !delivered;
        pause = delivered ? net::Duration(interval) : std::min<net::Duration>(2 * pause, longest_pause);
        if (state->stopping) co_return;
    }
}

net::Awaitable<bool> TraceExporter::send(State& state, std::vector<telemetry::TracedRequest> batch) {
    auto body = telemetry::otlp_json(batch, state.version, wall_offset_ns());
    http::RequestHead request;
    request.method = "POST";
    request.target = state.target.path;
    request.fields.add("host", state.target.peer.authority());
    request.fields.add("content-type", "application/json");
    request.fields.add("content-length", std::to_string(body.size()));
    request.fields.add("user-agent", "smg/" + state.version);
    std::string head;
    http::append_request_head(head, request);
    head += "\r\n";
    auto peer = state.target.peer;
    upstream::Timeouts timeouts;
    timeouts.connect = timeouts.first_byte = timeouts.idle = timeouts.total = send_timeout;
    auto fetching = upstream::fetch(state.pool, std::move(peer), std::move(head), std::move(body), timeouts, longest_answer, state.cancellation);
    const auto answer = co_await std::move(fetching);
    co_return answer && answer->head.status >= 200 && answer->head.status < 300;
}

}  // namespace smg::app
