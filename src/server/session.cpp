#include "server/session.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <utility>

#include "base/ascii.hpp"
#include "gateway/error_reply.hpp"
#include "http/content_coding.hpp"
#include "http/target.hpp"
#include "http/writer.hpp"
#include "server/request_id.hpp"
#include "server/shown_secrets.hpp"

namespace smg::server {
namespace {

constexpr std::size_t linger_bytes = 1024 * 1024;
constexpr auto linger_time = std::chrono::seconds(2);

}  // namespace

Session::Session(net::EventLoop& loop, std::shared_ptr<net::ByteStream> stream, Service& service)
    : loop_(loop),
      stream_(std::move(stream)),
      service_(service),
      inbox_(*stream_),
      reader_(service.limits.get().head),
      deadline_(loop.deadlines(),
                [this] {
                    timed_out_ = true;
                    stream_->interrupt();
                }),
      held_(service.buffered_bytes, service.limits.get().max_buffered_bytes) {
    ++service_.connections;
}

Session::~Session() {
    if (--service_.connections > 0) return;
    const std::lock_guard lock(service_.ended_mutex);
    service_.ended.notify_all();
}

void Session::spawn(std::shared_ptr<Session> session) {
    auto& loop = session->loop_;
    // The lambda's own copy of the pointer keeps the session until its coroutine has ended.
    net::asio::co_spawn(loop.executor(), session->run(), [session](std::exception_ptr thrown) {
        if (!thrown) return;
        try {
            std::rethrow_exception(thrown);
        } catch (const std::exception& error) { spdlog::error("a session ended by a bug: {}", error.what()); }
    });
}

void Session::close_if_idle() noexcept {
    if (!busy_) stream_->close();
}

void Session::close() noexcept {
    if (open_request_ != nullptr && !open_request_->cancellation.requested()) {
        open_request_->expelled = true;
        open_request_->cancellation.request();
    } else {
        stream_->close();
    }
}

net::Awaitable<void> Session::run() {
    // g++ 12 miscompiles a `while` whose condition awaits and whose body is empty.
    bool again = true;
    while (again) {
        // What a request needs is made once its head is there: a connection that waits for one holds little.
        auto head = read_head();
        const auto read = co_await std::move(head);
        if (read == Reading::closed) break;
        auto served = serve_one(read);
        again = co_await std::move(served);
    }
    stream_->unwatch();
    stream_->close();
}

net::Awaitable<Session::Reading> Session::read_head() {
    reader_.reset();
    began_ = {};
    timed_out_ = false;
    busy_ = inbox_.holds_bytes();
    bytes_in_ = 0;
    deadline_.set_after(service_.limits.get().idle_timeout);
    while (!reader_.head_complete()) {
        auto bytes = inbox_.at_hand();
        if (bytes.empty()) {
            const auto received = co_await inbox_.read();
            if (timed_out_ && reader_.started()) {
                problem_ = Error(Failure::request_timeout, "the request's head did not arrive in time");
                co_return Reading::failed;
            }
            if (received.code) co_return Reading::closed;
            bytes = received.data;
        }
        busy_ = true;
        if (!reader_.started()) {
            began_ = std::chrono::steady_clock::now();
            deadline_.set_after(service_.limits.get().head_timeout);
        }
        while (!bytes.empty() && !reader_.head_complete()) {
            const auto step = reader_.feed(bytes);
            if (!step) {
                problem_ = step.error();
                co_return Reading::failed;
            }
            bytes.remove_prefix(step->consumed);
        }
        inbox_.lend(bytes);
    }
    deadline_.clear();
    co_return Reading::complete;
}

void Session::note_head(gateway::ClientRequest& request, const Match& match) {
    request.head = std::move(reader_.head());
    if (client_.empty()) {
        address_ = stream_->peer().address();
        client_ = address_.to_string();
    }
    request.peer = address_;
    request.shape = match.shape;
    auto& record = request.record;
    record.method = request.head.method;
    record.client = client_;
    record.user_agent = request.head.fields.get("user-agent");
    record.path = match.endpoint != nullptr ? match.endpoint->path : "other";
    if (match.endpoint != nullptr) record.endpoint = match.endpoint->name;
    auto id = choose_request_id(request.head.fields, service_.request_id_headers,
                                match.endpoint != nullptr ? match.endpoint->request_id_prefix : std::string("req-"));
    request.request_id = record.request_id = std::move(id.text);
    record.fresh_request_id = id.fresh;
    record.target = http::target_without_parameter(request.head.target, "key");
    if (service_.on_traced && match.endpoint != nullptr && match.endpoint->admit) {
        const auto& fields = request.head.fields;
        request.trace = std::make_unique<telemetry::Trace>(telemetry::Trace::begin(fields.get("traceparent"), fields.get("tracestate")));
    }
}

net::Awaitable<bool> Session::serve_one(Reading read) {
    busy_ = true;
    telemetry::RequestRecord record;
    net::Cancellation cancellation;
    gateway::ClientRequest request(loop_, cancellation, record);
    ++service_.requests;
    const auto keep_alive = read == Reading::complete && reader_.framing().keep_alive && !service_.draining;
    std::uint64_t bytes_out = 0;
    record.accepted = std::exchange(accepted_, {});
    record.start(began_);
    auto* const open = service_.open_requests.empty() ? nullptr : &service_.open_requests[loop_.index()];
    const telemetry::OpenRequests::Entry entry(open, record, bytes_in_, bytes_out);
    ResponseWriter response(*stream_, reader_.head(), keep_alive, service_.limits.get().stall_timeout, bytes_out);
    response.tell_times_of(record);
    if (read == Reading::failed) {
        record.path = "other";
        request.request_id = record.request_id = choose_request_id({}, {}, "req-").text;
        co_await refuse(request, response, problem_);
    } else {
        co_await answer(request, response);
    }
    if (!response.finished()) stream_->close();
    record.bytes_in = bytes_in_;
    record.bytes_out = bytes_out;
    record.status = response.status();
    record.finish(cancellation.requested() && !request.expelled);
    --service_.requests;
    held_.release();
    if (service_.on_finished) service_.on_finished(record);
    if (request.trace && request.trace->context.sampled) service_.on_traced({record, std::move(*request.trace)});
    if (response.finished() && !response.reusable()) co_await linger();
    co_return response.reusable();
}

net::Awaitable<void> Session::answer(gateway::ClientRequest& request, ResponseWriter& response) {
    auto target = http::split_target(reader_.head().target);
    Match match;
    if (target) match = service_.endpoints.find(reader_.head().method, target->path);
    note_head(request, match);
    if (match.shape != gateway::ErrorShape::control_plane) response.also_send(cors_fields(service_.cors.get(), request.head.fields));
    if (!target) {
        co_await refuse(request, response, target.error());
        co_return;
    }
    request.path = std::move(target->path);
    request.query = std::move(target->query);
    request.parameters = std::move(match.parameters);
    if (!admit(match, request)) {
        co_await refuse(request, response, problem_);
        co_return;
    }
    const auto body = co_await read_body(request);
    if (body == Reading::closed) co_return response.abandon();
    request.record.body_read_at();
    if (body == Reading::failed) {
        co_await refuse(request, response, problem_);
    } else if (match.endpoint != nullptr && service_.log_bodies && match.shape != gateway::ErrorShape::control_plane) {
        co_await run_logged(*match.endpoint, request, response);
    } else if (match.endpoint != nullptr) {
        co_await run_handler(*match.endpoint, request, response);
    } else {
        co_await answer_other_method(match.allowed, request, response);
    }
}

bool Session::admit(const Match& match, const gateway::ClientRequest& request) {
    const auto expectation = request.head.fields.get("expect");
    if (!expectation.empty() && !iequals(expectation, "100-continue")) {
        problem_ = Error(Failure::invalid_request, "unknown expectation", "expect");
        return false;
    }
    if (const auto coding = request.head.fields.get("content-encoding"); !http::is_known_coding(coding)) {
        problem_ = http::decode_content(coding, {}, 0).error();
        return false;
    }
    if (match.endpoint == nullptr && match.allowed.empty()) {
        problem_ = Error(Failure::not_found, "there is nothing at " + request.head.method + " " + request.path);
        return false;
    }
    if (match.endpoint == nullptr || !match.endpoint->admit) return true;
    if (service_.overloaded) {
        problem_ = Error(Failure::service_unavailable, "the gateway has no memory left for another request just now");
        return false;
    }
    auto admitted = match.endpoint->admit(request);
    if (!admitted) problem_ = std::move(admitted.error());
    return admitted.has_value();
}

net::Awaitable<void> Session::run_logged(const Endpoint& endpoint, gateway::ClientRequest& request, ResponseWriter& response) {
    telemetry::BodyLog bodies;
    bodies.secrets = shown_secrets(request);
    request.unlogged = &bodies.secrets;
    bodies.request.add(request.body);
    if (request.spooled) bodies.request.skip(request.payload_size());
    response.show_body_to(bodies.answer);
    co_await run_handler(endpoint, request, response);
    request.unlogged = nullptr;
    bodies.write(request.request_id);
}

net::Awaitable<void> Session::run_handler(const Endpoint& endpoint, gateway::ClientRequest& request, ResponseWriter& response) {
    stream_->watch([&request] { request.cancellation.request(); });
    open_request_ = &request;
    std::string bug;
    try {
        co_await endpoint.handler(request, response);
    } catch (const std::exception& error) { bug = error.what(); }
    stream_->unwatch();
    open_request_ = nullptr;
    if (!bug.empty()) spdlog::error("{} {} failed by a bug: {} (request {})", request.head.method, endpoint.path, bug, request.request_id);
    if (response.started()) co_return;
    if (request.cancellation.requested()) co_return response.abandon();
    Error failed(Failure::internal_error, "the gateway failed to answer; request " + request.request_id);
    co_await refuse(request, response, std::move(failed));
}

net::Awaitable<void> Session::answer_other_method(const std::string& allowed, gateway::ClientRequest& request, ResponseWriter& response) {
    if (request.head.method == "OPTIONS") {
        http::ResponseHead head;
        head.status = 204;
        if (request.shape != gateway::ErrorShape::control_plane && is_preflight(request.head.fields))
            response.also_send(preflight_fields(service_.cors.get(), request.head.fields, allowed));
        head.fields.add("allow", allowed);
        head.fields.add("x-request-id", request.request_id);
        co_await response.respond(std::move(head), {});
        co_return;
    }
    Error error(Failure::method_not_allowed, request.head.method + " is not a method of " + request.path + "; allowed: " + allowed);
    auto reply = gateway::error_reply(request.shape, error, request.request_id);
    reply.head.fields.add("allow", allowed);
    reply.head.fields.add("x-request-id", request.request_id);
    request.record.error_code = error_code(error.failure);
    co_await response.respond(std::move(reply.head), reply.body);
}

net::Awaitable<void> Session::refuse(gateway::ClientRequest& request, ResponseWriter& response, Error error) {
    inbox_.own();
    // Bytes of a body that nobody will read stand between this request and the next.
    if (!reader_.complete()) response.close_afterwards();
    auto reply = gateway::error_reply(request.shape, error, request.request_id);
    reply.head.fields.add("x-request-id", request.request_id);
    if (request.shape == gateway::ErrorShape::anthropic) reply.head.fields.add("request-id", request.request_id);  // where its SDKs look
    request.record.error_code = error_code(error.failure);
    co_await response.respond(std::move(reply.head), reply.body);
}

net::Awaitable<void> Session::linger() {
    stream_->shutdown_send();
    timed_out_ = false;
    deadline_.set_after(linger_time);
    for (std::size_t discarded = 0; discarded < linger_bytes && !timed_out_;) {
        const auto received = co_await stream_->read();
        if (received.code) break;
        discarded += received.data.size();
    }
    deadline_.clear();
}

}  // namespace smg::server
