#include <utility>

#include "app/endpoints.hpp"
#include "gateway/forwarding.hpp"

namespace smg::app {
namespace {

using gateway::ClientRequest;
using gateway::ClientResponse;
using gateway::ErrorShape;
using gateway::ForwardRule;
using gateway::ListShape;
using providers::ApiFormat;
using server::Endpoint;

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

/// SDKs differ in what a base URL is: `/v1` may be missing, or doubled.
void alias_without_v1(server::EndpointTable& table, const std::string& path) {
    table.alias(path.substr(3), path);
    table.alias("/v1" + path, path);
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
    const auto add = [&](const std::string& verb, const char* name, server::Handler handler) {
        const auto path = list + "/{model...}" + verb;
        auto endpoint = data_endpoint(gateway, "POST", path, name, ErrorShape::gemini, "req-");
        endpoint.handler = std::move(handler);
        table.add(std::move(endpoint));
        table.alias("/v1alpha/models/{model...}" + verb, path);
        table.alias("/v1/models/{model...}" + verb, path);
    };
    for (const std::string verb : {":embedContent", ":batchEmbedContents"})
        add(verb, "embeddings",
            [&gateway](ClientRequest& request, ClientResponse& response) { return gateway.embed(ApiFormat::gemini, request, response); });
    add(":countTokens", "count_tokens",
        [&gateway](ClientRequest& request, ClientResponse& response) { return gateway.count_tokens(ApiFormat::gemini, request, response); });
    auto one = data_endpoint(gateway, "GET", list + "/{id...}", "models", ErrorShape::gemini, "req-");
    one.handler = [&gateway](ClientRequest& request, ClientResponse& response) { return gateway.get_model(ListShape::gemini, request, response); };
    table.add(std::move(one));
}

void add_embeddings_and_counts(server::EndpointTable& table, gateway::Gateway& gateway) {
    auto embeddings = data_endpoint(gateway, "POST", "/v1/embeddings", "embeddings", ErrorShape::openai, "req-");
    embeddings.handler = [&gateway](ClientRequest& request, ClientResponse& response) {
        return gateway.embed(ApiFormat::openai_chat, request, response);
    };
    table.add(std::move(embeddings));
    alias_without_v1(table, "/v1/embeddings");
    const auto add_count = [&](const std::string& path, ErrorShape shape, ApiFormat format) {
        auto count = data_endpoint(gateway, "POST", path, "count_tokens", shape, "req-");
        count.handler = [&gateway, format](ClientRequest& request, ClientResponse& response) {
            return gateway.count_tokens(format, request, response);
        };
        table.add(std::move(count));
        alias_without_v1(table, path);
    };
    add_count("/v1/messages/count_tokens", ErrorShape::anthropic, ApiFormat::anthropic_messages);
    add_count("/v1/responses/input_tokens", ErrorShape::openai, ApiFormat::openai_responses);
}

void add_forwarded(server::EndpointTable& table, gateway::Gateway& gateway, Endpoint endpoint, ForwardRule rule) {
    endpoint.handler = [&gateway, rule = std::move(rule)](ClientRequest& request, ClientResponse& response) {
        return gateway.forward(rule, request, response);
    };
    table.add(std::move(endpoint));
}

/// What OpenAI and xAI keep of an answer, where it is.
void add_stored_responses(server::EndpointTable& table, gateway::Gateway& gateway) {
    ForwardRule rule;
    rule.model = ForwardRule::Model::none;
    rule.providers = {"openai", "xai"};
    rule.by_id = true;
    rule.prefix = "/v1";
    const std::string one = "/v1/responses/{id}";
    for (const auto& [method, path] :
         {std::pair<std::string, std::string>("GET", one), {"DELETE", one}, {"POST", one + "/cancel"}, {"GET", one + "/input_items"}})
        add_forwarded(table, gateway, data_endpoint(gateway, method, path, "responses", ErrorShape::openai, "resp_"), rule);
    for (const auto& path : {one, one + "/cancel", one + "/input_items"}) alias_without_v1(table, path);
}

/// Both sides spell these alike: they go to whoever serves the model, as they are.
void add_passed_endpoints(server::EndpointTable& table, gateway::Gateway& gateway) {
    using Model = ForwardRule::Model;
    struct Passed {
        const char* path;
        const char* name;
        Model model;
    };
    for (const auto& [path, name, model] : std::initializer_list<Passed>{{"/v1/responses/compact", "responses", Model::required},
                                                                         {"/v1/completions", "completions", Model::required},
                                                                         {"/v1/moderations", "moderations", Model::optional},
                                                                         {"/v1/images/generations", "images", Model::optional},
                                                                         {"/v1/images/edits", "images", Model::optional},
                                                                         {"/v1/images/variations", "images", Model::optional},
                                                                         {"/v1/audio/speech", "audio", Model::required},
                                                                         {"/v1/audio/transcriptions", "audio", Model::required},
                                                                         {"/v1/audio/translations", "audio", Model::required},
                                                                         {"/v1/rerank", "rerank", Model::required},
                                                                         {"/v1/classify", "classify", Model::required}}) {
        ForwardRule rule;
        rule.model = model;
        rule.providers = {"openai"};
        rule.formats = {ApiFormat::openai_chat};
        if (std::string_view(name) == "responses") rule.body_format = ApiFormat::openai_responses;
        rule.prefix = "/v1";
        add_forwarded(table, gateway, data_endpoint(gateway, "POST", path, name, ErrorShape::openai, "req-"), std::move(rule));
        alias_without_v1(table, path);
    }
}

/// `/{provider}/…`: whatever is not modelled, to a worker of that provider.
void add_raw_paths(server::EndpointTable& table, gateway::Gateway& gateway) {
    for (const auto& [provider, shape] : {std::pair<std::string, ErrorShape>("openai", ErrorShape::openai),
                                          {"xai", ErrorShape::openai},
                                          {"anthropic", ErrorShape::anthropic},
                                          {"gemini", ErrorShape::gemini}}) {
        ForwardRule rule;
        rule.model = ForwardRule::Model::none;
        rule.providers = {provider};
        rule.holds_state = true;
        rule.prefix = "/" + provider;
        add_forwarded(table, gateway, data_endpoint(gateway, "*", "/" + provider + "/{rest...}", "raw", shape, "req-"), std::move(rule));
    }
}

/// Families that SDKs know and that are not served: better told than guessed.
void add_refused_families(server::EndpointTable& table, gateway::Gateway& gateway) {
    const auto add = [&](const std::string& path, const std::string& raw_path, ErrorShape shape) {
        for (const auto& each : {path, path + "/{rest...}"}) {
            auto endpoint = data_endpoint(gateway, "*", each, "not_served", shape, "req-");
            endpoint.handler = [&gateway, raw_path](ClientRequest& request, ClientResponse& response) {
                return gateway.refuse_family(raw_path, request, response);
            };
            table.add(std::move(endpoint));
        }
    };
    for (const std::string family : {"realtime", "assistants", "threads", "files", "uploads", "batches", "vector_stores", "fine_tuning",
                                     "conversations", "containers", "evals", "videos"})
        add("/v1/" + family, "/openai", ErrorShape::openai);
    add("/v1/messages/batches", "/anthropic", ErrorShape::anthropic);
    for (const std::string family : {"files", "cachedContents", "tunedModels", "batches"}) add("/v1beta/" + family, "/gemini", ErrorShape::gemini);
}

}  // namespace

void add_data_plane(server::EndpointTable& table, gateway::Gateway& gateway) {
    const auto generation = [&](const std::string& path, const char* name, ErrorShape shape, const char* id_prefix, ApiFormat format) {
        add_generation(table, gateway, data_endpoint(gateway, "POST", path, name, shape, id_prefix), format);
        alias_without_v1(table, path);
    };
    generation("/v1/chat/completions", "chat", ErrorShape::openai, "chatcmpl-", ApiFormat::openai_chat);
    generation("/v1/messages", "messages", ErrorShape::anthropic, "msg_", ApiFormat::anthropic_messages);
    generation("/v1/responses", "responses", ErrorShape::openai, "resp_", ApiFormat::openai_responses);
    add_models(table, gateway);
    add_gemini(table, gateway);
    add_embeddings_and_counts(table, gateway);
    add_stored_responses(table, gateway);
    add_passed_endpoints(table, gateway);
    add_raw_paths(table, gateway);
    add_refused_families(table, gateway);
}

}  // namespace smg::app
