#include "admin/control_plane.hpp"

#include "admin/audit.hpp"
#include "admin/probes.hpp"

namespace smg::admin {

namespace {

bool only_reads(const Request& request) { return request.method == "GET" || request.method == "HEAD"; }

/// Somebody tried: worth a line too.
void audit_refusal(const Request& request, const Response& response, const std::string& id) {
    if (!only_reads(request)) audit(request, response, id, nullptr, Caller("refused"));
}

}  // namespace

ControlPlaneOptions::ControlPlaneOptions(const config::Config& config) : enable_igw(config.enable_igw) {
    access.keys = config.control_plane_keys;
    access.api_key = config.api_key;
    workers.proxies = config.proxies;
}

ControlPlane::ControlPlane(workers::Registry& registry, fleet::Registrar& registrar, fleet::RegistryWatch& watch, ControlPlaneOptions options)
    : registry_(registry), options_(std::move(options)), access_(options_.access), workers_(registry, registrar, watch, options_.workers) {}

tl::expected<Caller, Response> ControlPlane::authorise(const Request& request) const { return admin::authorise(access_.get(), request); }

Response ControlPlane::health() const { return liveness(); }

Response ControlPlane::readiness() const {
    ReadinessRules rules;
    rules.enable_igw = options_.enable_igw;
    rules.draining = options_.draining && options_.draining();
    return admin::readiness(*registry_.snapshot(), rules);
}

net::Awaitable<Response> ControlPlane::workers_collection(Request request) {
    const auto caller = authorise(request);
    if (!caller) {
        audit_refusal(request, caller.error(), {});
        co_return caller.error();
    }
    if (only_reads(request)) co_return workers_.list(request);
    if (request.method != "POST") co_return method_not_allowed(request.method, "GET, HEAD, POST");
    auto response = co_await workers_.create(request, *caller);
    co_return response;
}

net::Awaitable<Response> ControlPlane::worker_item(Request request, std::string id) {
    const auto caller = authorise(request);
    if (!caller) {
        audit_refusal(request, caller.error(), id);
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
    const bool probe = path == "/health" || path == "/liveness" || path == "/readiness";
    if (!probe) co_return error_response(404, "NOT_FOUND", "nothing is at " + path.substr(0, 128));
    if (!only_reads(request)) co_return method_not_allowed(request.method, "GET, HEAD");
    if (path == "/readiness") co_return readiness();
    co_return health();
}

}  // namespace smg::admin
