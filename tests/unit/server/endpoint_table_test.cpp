#include "server/endpoint_table.hpp"

#include <gtest/gtest.h>

#include "http/fields.hpp"
#include "server/request_id.hpp"

namespace smg::server {
namespace {

EndpointTable table() {
    EndpointTable made;
    const auto add = [&](std::string method, std::string path) {
        Endpoint endpoint;
        endpoint.method = std::move(method);
        endpoint.path = std::move(path);
        made.add(std::move(endpoint));
    };
    add("POST", "/v1/chat/completions");
    add("GET", "/v1/models");
    add("GET", "/v1/models/{id...}");
    add("POST", "/v1beta/models/{model...}:generateContent");
    add("GET", "/workers/{id}");
    add("DELETE", "/workers/{id}");
    made.alias("/chat/completions", "/v1/chat/completions");
    return made;
}

TEST(EndpointTable, ExactPathsAndAliases) {
    const auto endpoints = table();
    EXPECT_EQ(endpoints.find("POST", "/v1/chat/completions").endpoint->path, "/v1/chat/completions");
    EXPECT_EQ(endpoints.find("POST", "/chat/completions").endpoint->path, "/v1/chat/completions");
    EXPECT_EQ(endpoints.find("POST", "/v1/chat/completions/").endpoint->path, "/v1/chat/completions");
    EXPECT_EQ(endpoints.find("POST", "/v1/chat").endpoint, nullptr);
    EXPECT_EQ(endpoints.find("POST", "/").allowed, "");
}

TEST(EndpointTable, ParametersAndTheRest) {
    const auto endpoints = table();
    const auto model = endpoints.find("GET", "/v1/models/org/name:free");
    ASSERT_NE(model.endpoint, nullptr);
    EXPECT_EQ(model.parameters.at(0), std::pair(std::string("id"), std::string("org/name:free")));
    const auto generate = endpoints.find("POST", "/v1beta/models/tuned/x:generateContent");
    ASSERT_NE(generate.endpoint, nullptr);
    EXPECT_EQ(generate.parameters.at(0).second, "tuned/x");
    EXPECT_EQ(endpoints.find("POST", "/v1beta/models/:generateContent").endpoint, nullptr);
}

TEST(EndpointTable, OtherMethodsAreNamed) {
    const auto endpoints = table();
    const auto found = endpoints.find("PUT", "/workers/7");
    EXPECT_EQ(found.endpoint, nullptr);
    EXPECT_EQ(found.allowed, "DELETE, GET, HEAD, OPTIONS");
}

TEST(EndpointTable, AVerbIsNoPartOfAModelsName) {
    auto endpoints = table();
    Endpoint one;
    one.method = "GET";
    one.path = "/v1beta/models/{id...}";
    endpoints.add(std::move(one));
    for (const auto* method : {"GET", "HEAD", "DELETE"}) {
        const auto found = endpoints.find(method, "/v1beta/models/gemini-2.5-pro:generateContent");
        EXPECT_EQ(found.endpoint, nullptr) << method;
        EXPECT_EQ(found.allowed, "OPTIONS, POST") << method;
    }
    EXPECT_NE(endpoints.find("GET", "/v1beta/models/name:free").endpoint, nullptr) << "no verb of this table";
}

TEST(EndpointTable, HeadIsAnsweredByGet) { EXPECT_NE(table().find("HEAD", "/v1/models").endpoint, nullptr); }

TEST(GuessShape, ByThePath) {
    EXPECT_EQ(guess_shape("/v1/messages/batches"), gateway::ErrorShape::anthropic);
    EXPECT_EQ(guess_shape("/v1beta/files"), gateway::ErrorShape::gemini);
    EXPECT_EQ(guess_shape("/workers/1/2"), gateway::ErrorShape::control_plane);
    EXPECT_EQ(guess_shape("/anything"), gateway::ErrorShape::openai);
}

TEST(RequestId, TheCallersOwnIfItIsAToken) {
    http::Fields fields;
    fields.add("X-Correlation-Id", "abc-123");
    const std::vector<std::string> names{"x-request-id", "x-correlation-id"};
    EXPECT_EQ(choose_request_id(fields, names, "req-").text, "abc-123");
    fields.add("x-request-id", "two words");
    EXPECT_EQ(choose_request_id(fields, names, "req-").text, "abc-123");
}

TEST(RequestId, ElseAFreshOne) {
    http::Fields fields;
    fields.add("x-request-id", std::string(129, 'a'));
    const auto made = choose_request_id(fields, {"x-request-id"}, "chatcmpl-");
    EXPECT_TRUE(made.fresh);
    const auto& first = made.text;
    EXPECT_TRUE(first.starts_with("chatcmpl-"));
    EXPECT_NE(first, choose_request_id(fields, {"x-request-id"}, "chatcmpl-").text);
}

}  // namespace
}  // namespace smg::server
