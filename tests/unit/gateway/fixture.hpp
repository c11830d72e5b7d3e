#pragma once
/// A registry with one ready worker of each provider, and requests as a session would hand them over.
#include <memory>
#include <string>

#include "gateway/call.hpp"
#include "gateway/client.hpp"
#include "net/event_loop.hpp"
#include "routing/policy_state.hpp"
#include "routing/route.hpp"
#include "workers/registry.hpp"

namespace smg::gateway::testing {

/// A request without a socket. Its loop never runs.
struct Asked {
    explicit Asked(std::string body = {}) : request(loop, cancellation, record) {
        request.body = std::move(body);
        request.peer = net::asio::ip::make_address("127.0.0.1");
        request.request_id = "req-1";
        request.head.method = "POST";
        request.path = "/v1/chat/completions";
    }
    net::EventLoop loop;
    net::Cancellation cancellation;
    telemetry::RequestRecord record;
    ClientRequest request;
};

struct Fleet {
    Fleet() : registry(providers::Catalog::built_in()) {}

    void add(const std::string& provider, const std::string& url, const std::string& key) {
        workers::WorkerSpec spec;
        spec.url = url;
        spec.provider = provider;
        spec.name = provider;
        spec.api_key = Secret(key);
        spec.runtime_type = workers::RuntimeType::external;
        const auto added = registry.add(std::move(spec), "api", 0);
        const auto ready = registry.apply((*added)->id, workers::StatusEvent::registered, "", 0);
        (void)ready;
    }

    /// The worker for a model, chosen as a loopback peer without a key of its own.
    routing::Choice choose(const std::string& model, const std::string& caller_key = {}) {
        routing::RouteRequest wanted;
        wanted.model = model;
        wanted.caller_key = Secret(caller_key);
        routing::RouteOptions options;
        auto chosen = routing::choose(*registry.snapshot(), state, options, wanted);
        return chosen ? std::move(*chosen) : routing::Choice();
    }

    workers::Registry registry;
    routing::PolicyState state{1};
};

}  // namespace smg::gateway::testing
