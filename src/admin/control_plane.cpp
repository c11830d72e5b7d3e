#include "admin/control_plane.hpp"

#include <ctime>

#include "admin/audit.hpp"
#include "admin/probes.hpp"

namespace smg::admin {

namespace {

bool only_reads(const Request& request) { return request.method == "GET" || request.method == "HEAD"; }

bool is_introspection(const std::string& path) { return path == "/inflight" || path == "/get_loads" || path == "/config" || path == "/log_level"; }

}  // namespace

ControlPlaneOptions::ControlPlaneOptions(const config::Config& config) : enable_igw(config.enable_igw) {
    access.keys = config.control_plane_keys;
    access.jwt = config.jwt;
    access.api_key = config.api_key;
    workers.proxies = config.proxies;
    workers.audit = config.audit_log;
}

ControlPlane::ControlPlane(workers::Registry& registry, fleet::Registrar& registrar, fleet::RegistryWatch& watch, ControlPlaneOptions options)
    : registry_(registry), options_(std::move(options)), access_(options_.access), workers_(registry, registrar, watch, options_.workers) {}

net::Awaitable<tl::expected<Caller, Response>> ControlPlane::authorise(const Request& request) const {
    const auto& rules = access_.get();
    std::shared_ptr<const JwkSet> keys;
    auto wanted = rules.issuer_keys ? wanted_issuer_key(rules, request) : std::nullopt;
    if (wanted) {
        auto finding = rules.issuer_keys->with(std::move(*wanted));
        keys = co_await std::move(finding);
    }
    co_return admin::authorise(rules, request, keys.get(), std::time(nullptr));
}

void ControlPlane::note(const Request& request, const Response& response, const std::string& id, const Caller& caller) const {
    if (options_.workers.audit && !only_reads(request)) audit(request, response, id, nullptr, caller);
}

Response ControlPlane::health() const { return liveness(); }

Response ControlPlane::readiness() const {
    ReadinessRules rules;
    rules.enable_igw = options_.enable_igw;
    rules.draining = options_.draining && options_.draining();
    return admin::readiness(*registry_.snapshot(), rules);
}

net::Awaitable<Response> ControlPlane::workers_collection(Request request) {
    const auto caller = co_await authorise(request);
    if (!caller) {
        note(request, caller.error(), {}, Caller("refused"));  // somebody tried: worth a line too
        co_return caller.error();
    }
    if (only_reads(request)) co_return workers_.list(request);
    if (request.method != "POST") co_return method_not_allowed(request.method, "GET, HEAD, POST");
    auto response = co_await workers_.create(request, *caller);
    co_return response;
}

net::Awaitable<Response> ControlPlane::worker_item(Request request, std::string id) {
    const auto caller = co_await authorise(request);
    if (!caller) {
        note(request, caller.error(), id, Caller("refused"));
        co_return caller.error();
    }
    auto response = co_await item(request, std::move(id), *caller);
    co_return response;
}

net::Awaitable<Response> ControlPlane::item(const Request& request, std::string id, const Caller& caller) {
    if (only_reads(request)) co_return workers_.show(id);
    if (request.method == "PUT") {
        auto response = co_await workers_.replace(request, std::move(id), caller);
        co_return response;
    }
    if (request.method == "PATCH") {
        auto response = co_await workers_.patch(request, std::move(id), caller);
        co_return response;
    }
    if (request.method == "DELETE") {
        auto response = co_await workers_.remove(request, std::move(id), caller);
        co_return response;
    }
    co_return method_not_allowed(request.method, "GET, HEAD, PUT, PATCH, DELETE");
}

net::Awaitable<Response> ControlPlane::introspection(Request request) {
    const auto caller = co_await authorise(request);
    if (!caller) {
        note(request, caller.error(), {}, Caller("refused"));
        co_return caller.error();
    }
    if (request.path == "/log_level") co_return log_level(request, *caller);
    if (!only_reads(request)) co_return method_not_allowed(request.method, "GET, HEAD");
    if (request.path == "/get_loads") co_return worker_loads(*registry_.snapshot());
    if (request.path == "/config") co_return effective_config(options_.effective_config ? options_.effective_config() : config::Config());
    auto listed = co_await list_open(std::move(request));
    co_return listed;
}

net::Awaitable<Response> ControlPlane::list_open(Request request) {
    const auto limit = inflight_limit(request.query);
    if (!limit) co_return bad_request(limit.error());
    telemetry::OpenRequestsView view;
    if (options_.open_requests) {
        auto asked = options_.open_requests(request.loop, *limit);
        view = co_await std::move(asked);
    }
    co_return inflight(std::move(view), *limit);
}

Response ControlPlane::log_level(const Request& request, const Caller& caller) const {
    if (only_reads(request)) return shown_log_level();
    if (request.method != "PUT") return method_not_allowed(request.method, "GET, HEAD, PUT");
    auto response = change_log_level(request);
    note(request, response, {}, caller);
    return response;
}

net::Awaitable<Response> ControlPlane::handle(Request request) {
    const auto path = request.path;
    constexpr std::string_view below = "/workers/";
    if (path == "/workers" || path == below) {
        auto response = co_await workers_collection(std::move(request));
        co_return response;
    }
    if (path.starts_with(below)) {
        auto id = path.substr(below.size());
        auto response = co_await worker_item(std::move(request), std::move(id));
        co_return response;
    }
    if (is_introspection(path)) {
        auto response = co_await introspection(std::move(request));
        co_return response;
    }
    const bool probe = path == "/health" || path == "/liveness" || path == "/readiness";
    if (!probe) co_return error_response(404, "NOT_FOUND", "nothing is at " + path.substr(0, 128));
    if (!only_reads(request)) co_return method_not_allowed(request.method, "GET, HEAD");
    if (path == "/readiness") co_return readiness();
    co_return health();
}

}  // namespace smg::admin
