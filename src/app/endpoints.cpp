#include "app/endpoints.hpp"

#include <utility>

#include "gateway/error_reply.hpp"

namespace smg::app {
namespace {

using gateway::ClientRequest;
using gateway::ClientResponse;
using gateway::ErrorShape;
using gateway::ListShape;
using providers::ApiFormat;
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

net::Awaitable<void> reply_metrics(ClientRequest& request, ClientResponse& response, const telemetry::Metrics& metrics) {
    http::ResponseHead head;
    head.status = 200;
    head.fields.add("content-type", std::string(telemetry::Metrics::content_type));
    head.fields.set("x-request-id", request.request_id);
    const auto text = metrics.scrape();
    co_await response.respond(std::move(head), text);
}

/// A handler of the data plane: what is refused by the head alone is refused before the body is read.
Endpoint data_endpoint(gateway::Gateway& gateway, std::string method, std::string path, std::string name, ErrorShape shape, std::string id_prefix) {
    Endpoint endpoint;
    endpoint.method = std::move(method);
    endpoint.path = std::move(path);
    endpoint.name = std::move(name);
    endpoint.shape = shape;
    endpoint.request_id_prefix = std::move(id_prefix);
    endpoint.admit = [&gateway](const ClientRequest& request) { return gateway.admit(request); };
    return endpoint;
}

void add_generation(server::EndpointTable& table, gateway::Gateway& gateway, Endpoint endpoint, ApiFormat format) {
    endpoint.handler = [&gateway, format](ClientRequest& request, ClientResponse& response) { return gateway.generate(format, request, response); };
    table.add(std::move(endpoint));
}

/// Anthropic's clients say who they are (docs.anthropic.com/en/api/versioning); everybody else reads OpenAI's list.
ListShape list_shape(const ClientRequest& request) {
    const auto& fields = request.head.fields;
    return fields.contains("anthropic-version") || fields.contains("x-api-key") ? ListShape::anthropic : ListShape::openai;
}

void add_models(server::EndpointTable& table, gateway::Gateway& gateway) {
    auto list = data_endpoint(gateway, "GET", "/v1/models", "models", ErrorShape::openai, "req-");
    list.handler = [&gateway](ClientRequest& request, ClientResponse& response) {
        const auto shape = list_shape(request);
        if (shape == ListShape::anthropic) request.shape = ErrorShape::anthropic;
        return gateway.list_models(shape, request, response);
    };
    table.add(std::move(list));
    auto one = data_endpoint(gateway, "GET", "/v1/models/{id...}", "models", ErrorShape::openai, "req-");
    one.handler = [&gateway](ClientRequest& request, ClientResponse& response) {
        const auto shape = list_shape(request);
        if (shape == ListShape::anthropic) request.shape = ErrorShape::anthropic;
        return gateway.get_model(shape, request, response);
    };
    table.add(std::move(one));
    for (const auto* path : {"/models", "/v1/v1/models"}) {
        table.alias(path, "/v1/models");
        table.alias(std::string(path) + "/{id...}", "/v1/models/{id...}");
    }
}

void add_gemini(server::EndpointTable& table, gateway::Gateway& gateway) {
    const std::string list = "/v1beta/models";
    auto listing = data_endpoint(gateway, "GET", list, "models", ErrorShape::gemini, "req-");
    listing.handler = [&gateway](ClientRequest& request, ClientResponse& response) {
        return gateway.list_models(ListShape::gemini, request, response);
    };
    table.add(std::move(listing));
    for (const std::string verb : {":generateContent", ":streamGenerateContent"}) {
        const auto path = list + "/{model...}" + verb;
        add_generation(table, gateway, data_endpoint(gateway, "POST", path, "generate_content", ErrorShape::gemini, "req-"), ApiFormat::gemini);
        table.alias("/v1alpha/models/{model...}" + verb, path);
        table.alias("/v1/models/{model...}" + verb, path);
    }
    auto one = data_endpoint(gateway, "GET", list + "/{id...}", "models", ErrorShape::gemini, "req-");
    one.handler = [&gateway](ClientRequest& request, ClientResponse& response) { return gateway.get_model(ListShape::gemini, request, response); };
    table.add(std::move(one));
}

}  // namespace

void add_data_plane(server::EndpointTable& table, gateway::Gateway& gateway) {
    auto chat = data_endpoint(gateway, "POST", "/v1/chat/completions", "chat", ErrorShape::openai, "chatcmpl-");
    add_generation(table, gateway, std::move(chat), ApiFormat::openai_chat);
    auto messages = data_endpoint(gateway, "POST", "/v1/messages", "messages", ErrorShape::anthropic, "msg_");
    add_generation(table, gateway, std::move(messages), ApiFormat::anthropic_messages);
    for (const std::string path : {"/chat/completions", "/messages"}) {
        table.alias(path, "/v1" + path);
        table.alias("/v1/v1" + path, "/v1" + path);
    }
    add_models(table, gateway);
    add_gemini(table, gateway);
}

void add_control_plane(server::EndpointTable& table, admin::ControlPlane& control_plane, const telemetry::Metrics& metrics) {
    const auto add = [&](std::string method, std::string path) {
        Endpoint endpoint;
        endpoint.method = std::move(method);
        endpoint.path = std::move(path);
        endpoint.name = "workers";
        endpoint.shape = ErrorShape::control_plane;
        endpoint.handler = [&control_plane](ClientRequest& request, ClientResponse& response) -> net::Awaitable<void> {
            auto answer = co_await control_plane.handle(admin_request(request));
            co_await reply(request, response, std::move(answer));
        };
        table.add(std::move(endpoint));
    };
    for (const std::string method : {"GET", "POST"}) add(method, "/workers");
    for (const std::string method : {"GET", "PUT", "PATCH", "DELETE"}) add(method, "/workers/{id}");

    Endpoint scrape;
    scrape.method = "GET";
    scrape.path = "/metrics";
    scrape.name = "metrics";
    scrape.shape = ErrorShape::control_plane;
    scrape.handler = [&control_plane, &metrics](ClientRequest& request, ClientResponse& response) -> net::Awaitable<void> {
        const auto asked = admin_request(request);
        auto caller = control_plane.authorise(asked);
        if (caller) {
            co_await reply_metrics(request, response, metrics);
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

void add_metrics(server::EndpointTable& table, const telemetry::Metrics& metrics) {
    Endpoint scrape;
    scrape.method = "GET";
    scrape.path = "/metrics";
    scrape.name = "metrics";
    scrape.shape = ErrorShape::control_plane;
    scrape.handler = [&metrics](ClientRequest& request, ClientResponse& response) { return reply_metrics(request, response, metrics); };
    table.add(std::move(scrape));
}

}  // namespace smg::app
