#include "app/endpoints.hpp"

#include <utility>

namespace smg::app {
namespace {

using gateway::ClientRequest;
using gateway::ClientResponse;
using gateway::ErrorShape;
using server::Endpoint;

admin::Request admin_request(ClientRequest& request) {
    admin::Request asked(request.loop, request.cancellation);
    asked.method = request.head.method == "HEAD" ? "GET" : request.head.method;
    asked.path = request.path;
    asked.query = request.query;
    asked.fields = request.head.fields;
    asked.body = std::move(request.body);
    asked.peer = request.peer;
    return asked;
}

net::Awaitable<void> reply(ClientRequest& request, ClientResponse& response, admin::Response answer) {
    http::ResponseHead head;
    head.status = answer.status;
    head.fields = std::move(answer.fields);
    head.fields.set("x-request-id", request.request_id);
    co_await response.respond(std::move(head), answer.body);
}

net::Awaitable<void> reply_metrics(ClientRequest& request, ClientResponse& response, const Scraper& scraper) {
    http::ResponseHead head;
    head.status = 200;
    head.fields.add("content-type", std::string(telemetry::Metrics::content_type));
    head.fields.set("x-request-id", request.request_id);
    const auto text = co_await scraper.scrape(request.loop);
    co_await response.respond(std::move(head), text);
}

}  // namespace

void add_control_plane(server::EndpointTable& table, admin::ControlPlane& control_plane, const Scraper& scraper) {
    const auto add = [&](std::string method, std::string path, std::string name) {
        Endpoint endpoint;
        endpoint.method = std::move(method);
        endpoint.path = std::move(path);
        endpoint.name = std::move(name);
        endpoint.shape = ErrorShape::control_plane;
        endpoint.handler = [&control_plane](ClientRequest& request, ClientResponse& response) -> net::Awaitable<void> {
            auto answer = co_await control_plane.handle(admin_request(request));
            co_await reply(request, response, std::move(answer));
        };
        table.add(std::move(endpoint));
    };
    for (const std::string method : {"GET", "POST"}) add(method, "/workers", "workers");
    for (const std::string method : {"GET", "PUT", "PATCH", "DELETE"}) add(method, "/workers/{id}", "workers");
    for (const std::string name : {"inflight", "get_loads", "config", "log_level"}) add("GET", "/" + name, name);
    add("PUT", "/log_level", "log_level");

    Endpoint scrape;
    scrape.method = "GET";
    scrape.path = "/metrics";
    scrape.name = "metrics";
    scrape.shape = ErrorShape::control_plane;
    scrape.handler = [&control_plane, &scraper](ClientRequest& request, ClientResponse& response) -> net::Awaitable<void> {
        const auto asked = admin_request(request);
        auto caller = co_await control_plane.authorise(asked);
        if (caller) {
            co_await reply_metrics(request, response, scraper);
        } else {
            co_await reply(request, response, std::move(caller.error()));
        }
    };
    table.add(std::move(scrape));
}

void add_probes(server::EndpointTable& table, admin::ControlPlane& control_plane) {
    const auto add = [&](std::string path, std::function<admin::Response()> probe) {
        Endpoint endpoint;
        endpoint.method = "GET";
        endpoint.path = std::move(path);
        endpoint.name = "probe";
        endpoint.shape = ErrorShape::control_plane;
        endpoint.handler = [probe = std::move(probe)](ClientRequest& request, ClientResponse& response) { return reply(request, response, probe()); };
        table.add(std::move(endpoint));
    };
    add("/health", [&control_plane] { return control_plane.health(); });
    add("/liveness", [&control_plane] { return control_plane.health(); });
    add("/readiness", [&control_plane] { return control_plane.readiness(); });
}

void add_metrics(server::EndpointTable& table, const Scraper& scraper) {
    Endpoint scrape;
    scrape.method = "GET";
    scrape.path = "/metrics";
    scrape.name = "metrics";
    scrape.shape = ErrorShape::control_plane;
    scrape.handler = [&scraper](ClientRequest& request, ClientResponse& response) { return reply_metrics(request, response, scraper); };
    table.add(std::move(scrape));
}

}  // namespace smg::app
