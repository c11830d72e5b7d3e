// Traces: what a collector is sent, what a worker is told, and that a collector which is away costs nobody anything.
#include <gtest/gtest.h>

#include "support/raw_upstream.hpp"
#include "support/running_gateway.hpp"

namespace smg::test {
namespace {

constexpr auto callers_trace = "0af7651916cd43dd8448eb211c80319c";
constexpr auto callers_parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

config::Config traced_to(std::uint16_t port) {
    auto config = test_config();
    config.enable_trace = true;
    config.otlp_traces_endpoint = "127.0.0.1:" + std::to_string(port);
    return config;
}

/// The spans of the next batch.
Json next_spans(const RawUpstream& collector) {
    auto connection = collector.accept();
    const auto request = connection.read();
    connection.send(sized_answer(200, "{}"));
    EXPECT_TRUE(request.start_line.starts_with("POST /v1/traces ")) << request.start_line;
    EXPECT_EQ(request.field("content-type"), "application/json");
    return Json::parse(request.body).at("resourceSpans").at(0).at("scopeSpans").at(0).at("spans");
}

std::string text_of(const Json& span, const std::string& key) {
    for (const auto& each : span.at("attributes"))
        if (each.at("key") == key) return each.at("value").value("stringValue", each.at("value").value("intValue", ""));
    return {};
}

TEST(Traces, ARequestIsASpanItsAttemptAChildAndTheWorkerIsToldOfIt) {
    const RawUpstream collector;
    Providers providers;
    const RunningGateway gateway(traced_to(collector.port()));
    gateway.add_worker({{"url", providers["openai"].url()}, {"name", "one"}, {"provider", "openai"}, {"api_key", "sk-proj-stored-key-of-one"}});
    ASSERT_EQ(gateway.post("/v1/chat/completions", chat("gpt-4o", "Hello"), {{"traceparent", callers_parent}, {"tracestate", "vendor=1"}}).status,
              200);
    const auto spans = next_spans(collector);
    ASSERT_EQ(spans.size(), 2U) << "the control plane is not traced";
    const auto &request = spans[0], &attempt = spans[1];
    EXPECT_EQ(request.at("traceId"), callers_trace);
    EXPECT_EQ(request.at("parentSpanId"), "b7ad6b7169203331");
    EXPECT_EQ(attempt.at("parentSpanId"), request.at("spanId"));
    EXPECT_EQ(text_of(request, "smg.worker"), "one");
    EXPECT_FALSE(text_of(request, "gen_ai.usage.output_tokens").empty());
    EXPECT_EQ(text_of(attempt, "server.address"), "127.0.0.1");
    EXPECT_EQ(text_of(attempt, "http.response.status_code"), "200");
    const auto sent = providers["openai"].requests().back();
    std::string told, state;
    for (const auto& field : sent.fields) {
        if (iequals(field.name, "traceparent")) told = field.value;
        if (iequals(field.name, "tracestate")) state = field.value;
    }
    EXPECT_EQ(told, std::string("00-") + callers_trace + "-" + attempt.at("spanId").get<std::string>() + "-01");
    EXPECT_EQ(state, "vendor=1");
}

TEST(Traces, WhatACallerDoesNotSampleIsNotExported) {
    const RawUpstream collector;
    Providers providers;
    const RunningGateway gateway(traced_to(collector.port()));
    gateway.add_worker({{"url", providers["openai"].url()}, {"provider", "openai"}, {"api_key", "sk-proj-stored-key-of-one"}});
    auto unsampled = std::string(callers_parent);
    unsampled.back() = '0';
    ASSERT_EQ(gateway.post("/v1/chat/completions", chat("gpt-4o", "one"), {{"traceparent", unsampled}}).status, 200);
    ASSERT_EQ(gateway.post("/v1/chat/completions", chat("gpt-4o", "two")).status, 200);
    const auto spans = next_spans(collector);
    EXPECT_EQ(spans.size(), 2U) << "of the second request alone";
    EXPECT_NE(spans[0].at("traceId"), callers_trace);
}

TEST(Traces, FailedAttemptsSayWhy) {
    const RawUpstream collector;
    Providers providers;
    auto config = traced_to(collector.port());
    config.retry.max_attempts = 2;
    config.retry.initial_backoff = std::chrono::milliseconds(1);
    const RunningGateway gateway(config);
    gateway.add_worker({{"url", providers["openai"].url()}, {"provider", "openai"}, {"api_key", "sk-proj-stored-key-of-one"}});
    providers["openai"].fail_all(500);
    EXPECT_EQ(gateway.post("/v1/chat/completions", chat("gpt-4o", "Hello")).status, 500);
    const auto spans = next_spans(collector);
    ASSERT_EQ(spans.size(), 3U);
    EXPECT_EQ(spans[0].at("status").at("code"), 2);
    for (const auto& attempt : {spans[1], spans[2]}) {
        EXPECT_FALSE(text_of(attempt, "error.type").empty());
        EXPECT_EQ(text_of(attempt, "http.response.status_code"), "500");
    }
}

TEST(Traces, ACollectorThatIsAwayCostsACounter) {
    std::uint16_t port = 0;
    {
        const RawUpstream gone;
        port = gone.port();
    }
    Providers providers;
    const RunningGateway gateway(traced_to(port));
    gateway.add_worker({{"url", providers["openai"].url()}, {"provider", "openai"}, {"api_key", "sk-proj-stored-key-of-one"}});
    for (int i = 0; i < 3; ++i) EXPECT_EQ(gateway.post("/v1/chat/completions", chat("gpt-4o", "Hello")).status, 200);
    const auto until = std::chrono::steady_clock::now() + step_limit;
    while (gateway.metrics().find("smg_traces_dropped_total 3") == std::string::npos) ASSERT_LT(std::chrono::steady_clock::now(), until);
}

TEST(Traces, TheGrpcPortIsRefusedWithAWord) {
    const auto made = app::GatewayServer::create(traced_to(4317));
    ASSERT_FALSE(made);
    EXPECT_NE(made.error().message.find("4318"), std::string::npos) << made.error().message;
}

}  // namespace
}  // namespace smg::test
