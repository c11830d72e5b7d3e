#include "simulator/simulated_provider.hpp"

#include <gtest/gtest.h>

#include "unit/simulator/provider_calls.hpp"

namespace smg::simulator {
namespace {

using FieldList = std::vector<std::pair<std::string, std::string>>;

/// Who answered, by a header that only that provider sends.
std::string answered_by(const SimulatedReply& reply) {
    if (reply.fields.contains("openai-version")) return "openai";
    if (reply.fields.contains("request-id")) return "anthropic";
    if (reply.fields.contains("x-zero-data-retention")) return "xai";
    return reply.fields.get("server-timing").empty() ? "nobody" : "gemini";
}

std::string asked(const std::string& method, const std::string& target, const FieldList& fields, const std::string& body = {},
                  const std::string& provider = {}) {
    SimulatorOptions options;
    options.provider = provider;
    SimulatedProvider simulated(options);
    return answered_by(simulated.reply(SimulatedRequest(method, target, fields_of(fields), body)));
}

TEST(SimulatedRequest, SplitsItsTarget) {
    const SimulatedRequest request("GET", "/v1/models?limit=2&x=?", {}, {});
    EXPECT_EQ(request.path, "/v1/models");
    EXPECT_EQ(request.query, "limit=2&x=?");
    EXPECT_EQ(SimulatedRequest("GET", "/v1/models", {}, {}).query, "");
}

TEST(SimulatedProvider, KnowsByTheFirstSegmentWhoIsMeant) {
    for (const std::string name : {"openai", "anthropic", "xai", "gemini"}) {
        EXPECT_EQ(asked("GET", "/" + name + "/v1/models", {}), name);
        EXPECT_EQ(asked("GET", "/" + name, {}), name);
    }
    EXPECT_EQ(asked("GET", "/geminis/v1/models", {}), "openai") << "another word";
    EXPECT_EQ(asked("POST", "/xai/v1beta/models/x:generateContent", {{"x-goog-api-key", "k"}}), "xai") << "the segment goes before all";
}

TEST(SimulatedProvider, KnowsByPathCredentialAndModelWhoIsMeant) {
    EXPECT_EQ(asked("POST", "/v1/messages", {}), "anthropic");
    EXPECT_EQ(asked("POST", "/v1/messages/count_tokens", {}), "anthropic");
    EXPECT_EQ(asked("GET", "/v1/models", {{"X-Api-Key", "k"}}), "anthropic");
    EXPECT_EQ(asked("GET", "/v1/models", {{"Anthropic-Version", "2023-06-01"}}), "anthropic");
    EXPECT_EQ(asked("GET", "/v1beta/models", {}), "gemini");
    EXPECT_EQ(asked("GET", "/v1alpha/models", {}), "gemini");
    EXPECT_EQ(asked("GET", "/v1/models", {{"x-goog-api-key", "k"}}), "gemini");
    EXPECT_EQ(asked("GET", "/v1/models", {{"Authorization", "Bearer xai-key"}}), "xai");
    EXPECT_EQ(asked("POST", "/v1/chat/completions", {{"Authorization", "Bearer k"}}, R"({"model":"grok-4"})"), "xai");
    EXPECT_EQ(asked("POST", "/v1/chat/completions", {{"Authorization", "Bearer k"}}, R"({"model":"gpt-4o"})"), "openai");
    EXPECT_EQ(asked("GET", "/v1/models", {{"Authorization", "Bearer k"}}), "openai");
    EXPECT_EQ(asked("GET", "/nowhere", {}), "openai");
}

TEST(SimulatedProvider, PlaysOneOnly) {
    for (const std::string name : {"openai", "anthropic", "xai", "gemini"}) {
        EXPECT_EQ(asked("POST", "/v1/messages", {{"x-goog-api-key", "k"}}, {}, name), name);
        EXPECT_EQ(asked("GET", "/" + name + "/v1/models", {}, {}, name), name) << "its own segment is cut off";
    }
    EXPECT_EQ(asked("GET", "/gemini/v1beta/models", {}, {}, "all"), "gemini");
}

TEST(SimulatedProvider, AnswersUnknownPathsInTheProvidersWords) {
    SimulatedProvider provider({});
    const auto openai = call(provider, "POST", "/v1/nowhere", fields_of({{"Authorization", "Bearer k"}, {"Content-Type", "application/json"}}), "{}");
    EXPECT_EQ(openai.status, 404);
    EXPECT_EQ(openai.body["error"]["message"], "Invalid URL (POST /v1/nowhere)");
    const auto gemini = call(provider, "GET", "/v1beta/nowhere", fields_of({{"x-goog-api-key", "k"}}));
    EXPECT_EQ(gemini.status, 404);
    EXPECT_EQ(gemini.body["error"]["status"], "NOT_FOUND");
    const auto anthropic = call(provider, "GET", "/anthropic/v1/nowhere", fields_of({{"x-api-key", "k"}, {"anthropic-version", "2023-06-01"}}));
    EXPECT_EQ(anthropic.status, 404);
    EXPECT_EQ(anthropic.body["error"]["type"], "not_found_error");
    EXPECT_EQ(call(provider, "GET", "/xai/v1/nowhere", fields_of({{"Authorization", "Bearer k"}})).status, 404);
}

std::vector<int> statuses(const std::vector<FailRule>& rules, int posts) {
    SimulatorOptions options;
    options.fail = rules;
    SimulatedProvider provider(options);
    std::vector<int> seen;
    const auto fields = fields_of({{"Authorization", "Bearer k"}, {"Content-Type", "application/json"}});
    for (int i = 0; i < posts; ++i) {
        EXPECT_EQ(provider.reply(SimulatedRequest("GET", "/v1/models", fields, {})).status, 200) << "only POST requests fail, and only they count";
        seen.push_back(
            provider
                .reply(SimulatedRequest("POST", "/v1/chat/completions", fields, R"({"model":"gpt-4o","messages":[{"role":"user","content":"hi"}]})"))
                .status);
    }
    return seen;
}

TEST(SimulatedProvider, FailsAFixedShare) {
    EXPECT_EQ(statuses({{503, 0.25}}, 8), (std::vector<int>{200, 200, 200, 503, 200, 200, 200, 503}));
    EXPECT_EQ(statuses({{429, 1}}, 3), (std::vector<int>{429, 429, 429}));
    EXPECT_EQ(statuses({{429, 0}}, 3), (std::vector<int>{200, 200, 200}));
    EXPECT_EQ(statuses({{500, 0.1}}, 10), (std::vector<int>{200, 200, 200, 200, 200, 200, 200, 200, 200, 500}));
    EXPECT_EQ(statuses({{500, 0.5}, {429, 0.25}}, 4), (std::vector<int>{200, 500, 200, 500})) << "the first rule that is due";
    EXPECT_EQ(statuses({{500, 0.7}}, 10), (std::vector<int>{200, 500, 500, 200, 500, 500, 200, 500, 500, 500}));
}

TEST(SimulatedProvider, IsDeterministic) {
    const auto fields = fields_of({{"Authorization", "Bearer k"}, {"Content-Type", "application/json"}});
    const std::string body = R"({"model":"gpt-4o","messages":[{"role":"user","content":"hi"}]})";
    SimulatedProvider one({});
    SimulatedProvider other({});
    const auto first = call(one, "POST", "/v1/chat/completions", fields, body);
    EXPECT_EQ(first.body, call(other, "POST", "/v1/chat/completions", fields, body).body);
    EXPECT_NE(first.body["id"], call(one, "POST", "/v1/chat/completions", fields, body).body["id"]) << "ids differ by the request's number";
}

TEST(SimulatedProvider, AFifthCacheMarkIsRefusedByAnthropic) {
    const auto fields = fields_of({{"x-api-key", "sk-ant-k"}, {"anthropic-version", "2023-06-01"}, {"Content-Type", "application/json"}});
    SimulatedProvider provider({});
    for (const std::size_t count : {4U, 5U}) {
        auto body = OrderedJson::parse(R"({"model":"claude-sonnet-4-5","max_tokens":9,"messages":[{"role":"user","content":[]}],
            "tools":[{"name":"f","input_schema":{"type":"object","properties":{"cache_control":{"type":"object"}}}}]})");
        for (std::size_t i = 0; i < count; ++i)
            body["messages"][0]["content"].push_back({{"type", "text"}, {"text", "x"}, {"cache_control", {{"type", "ephemeral"}}}});
        const auto called = call(provider, "POST", "/v1/messages", fields, body.dump());
        EXPECT_EQ(called.status, count == 4 ? 200 : 400) << called.body;
    }
}

TEST(SimulatedReply, ContentIsWhatAReaderHasRead) {
    SimulatedReply reply;
    reply.body = "whole";
    EXPECT_EQ(reply.content(), "whole");
    reply.streamed = true;
    reply.pieces.emplace_back("a");
    reply.pieces.emplace_back("b", std::chrono::milliseconds(3));
    EXPECT_EQ(reply.content(), "ab");
}

}  // namespace
}  // namespace smg::simulator
