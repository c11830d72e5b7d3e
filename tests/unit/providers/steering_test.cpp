// What a provider's own list says of a model decides how a request to it is written; the dated table only where the list is silent.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "providers/catalog.hpp"

namespace smg::providers {
namespace {

using Json = nlohmann::json;

codec::ModelCapabilities listed(const char* provider, const std::string& list) {
    const auto page = Catalog::built_in()->find(provider)->read_models(list);
    EXPECT_TRUE(page) << (page ? "" : page.error().message);
    return page && !page->models.empty() ? page->models.front().capabilities : codec::ModelCapabilities();
}

struct Written {
    Json body;
    std::vector<std::string> adjusted;
};

Written written(const codec::Codec& to, const codec::ModelCapabilities& can, const std::string& members) {
    const auto conversation = codec::openai_chat().decode_request(R"({"model":"m","messages":[{"role":"user","content":"x"}],)" + members + "}");
    EXPECT_TRUE(conversation) << members;
    codec::Target target;
    target.model = "m";
    target.capabilities = can;
    const auto encoded = to.encode_request(*conversation, target);
    EXPECT_TRUE(encoded) << (encoded ? "" : encoded.error().message);
    return encoded ? Written{Json::parse(encoded->body), encoded->adjustments.names()} : Written{};
}

/// Anthropic's entry of a model whose name the table knows otherwise, or not at all.
codec::ModelCapabilities claude(const std::string& capabilities, const std::string& more = R"("max_tokens":5000)") {
    return listed("anthropic", R"({"data":[{"type":"model","id":"claude-haiku-4-5",)" + more + R"(,"capabilities":)" + capabilities + "}]}");
}

std::string thinking(bool adaptive, bool enabled, bool disabled) {
    const auto yes = [](bool value) { return std::string(R"({"supported":)") + (value ? "true}" : "false}"); };
    return R"("thinking":{"supported":)" + std::string(adaptive || enabled ? "true" : "false") + R"(,"types":{"adaptive":)" + yes(adaptive) +
           R"(,"enabled":)" + yes(enabled) + R"(,"disabled":)" + yes(disabled) + R"(,"between_tools":)" + yes(false) + "}}";
}

TEST(AListSteers, AnthropicsLimit) {
    const auto can = claude("{}");
    EXPECT_EQ(written(codec::anthropic_messages(), can, R"("n":1)").body["max_tokens"], 5000);
    const auto more = written(codec::anthropic_messages(), can, R"("max_completion_tokens":9000)");
    EXPECT_EQ(more.body["max_tokens"], 5000);
    EXPECT_EQ(more.adjusted, (std::vector<std::string>{"max_completion_tokens=5000"}));
    EXPECT_EQ(claude("{}", R"("max_tokens":null)").max_output_tokens, 64000U) << "the table's";
}

TEST(AListSteers, AnthropicsThinkingAndEffort) {
    const auto body = [](const codec::ModelCapabilities& can, const std::string& effort) {
        return written(codec::anthropic_messages(), can, R"("reasoning_effort":")" + effort + "\"").body;
    };
    const auto adaptive = claude("{" + thinking(true, false, true) + R"(,"effort":{"supported":true,"low":{"supported":true},
        "medium":{"supported":true},
        "high":{"supported":true},"xhigh":null,"max":{"supported":true}}})");
    EXPECT_EQ(body(adaptive, "high")["thinking"]["type"], "adaptive");
    EXPECT_EQ(body(adaptive, "high")["output_config"]["effort"], "high");
    EXPECT_EQ(body(adaptive, "xhigh")["output_config"]["effort"], "max") << "the list has no xhigh";
    EXPECT_EQ(body(adaptive, "none")["thinking"]["type"], "disabled");
    const auto always = claude("{" + thinking(true, false, false) + R"(,"effort":{"supported":true,"low":{"supported":true}}})");
    EXPECT_FALSE(body(always, "none").value("thinking", Json::object()).value("type", "") == "disabled");
    EXPECT_EQ(body(always, "none")["output_config"]["effort"], "low");
    const auto manual = claude("{" + thinking(false, true, true) + "}", R"("max_tokens":64000)");
    EXPECT_EQ(body(manual, "low")["thinking"], Json::parse(R"({"type":"enabled","budget_tokens":2048})"));
    EXPECT_FALSE(body(claude("{" + thinking(false, false, true) + "}"), "high").contains("thinking"));
    EXPECT_EQ(body(claude("{}"), "low")["thinking"]["type"], "enabled") << "the table's";
}

TEST(AListSteers, AnthropicsStructuredOutput) {
    const std::string format = R"("response_format":{"type":"json_schema","json_schema":{"name":"o","schema":{"type":"object","properties":{}}}})";
    const auto native = written(codec::anthropic_messages(), claude(R"({"structured_outputs":{"supported":true}})"), format).body;
    EXPECT_EQ(native["output_config"]["format"]["type"], "json_schema");
    const auto tool = written(codec::anthropic_messages(), claude(R"({"structured_outputs":{"supported":false}})"), format).body;
    EXPECT_FALSE(tool.contains("output_config"));
    EXPECT_EQ(tool["tool_choice"]["type"], "tool");
}

TEST(AListSteers, GeminisLimitAndThinking) {
    const auto gemini = [](const std::string& name, const std::string& members) {
        return listed("gemini", R"({"models":[{"name":"models/)" + name + R"(",)" + members + "}]}");
    };
    const auto limited = gemini("gemini-2.5-flash", R"("outputTokenLimit":100,"inputTokenLimit":1000,"thinking":true)");
    const auto sent = written(codec::gemini(), limited, R"("max_completion_tokens":500,"reasoning_effort":"low")");
    EXPECT_EQ(sent.body["generationConfig"]["maxOutputTokens"], 100);
    EXPECT_EQ(sent.body["generationConfig"]["thinkingConfig"]["thinkingBudget"], 1024);
    const auto thoughtless = written(codec::gemini(), gemini("gemini-2.5-flash", R"("thinking":false)"), R"("reasoning_effort":"low")");
    EXPECT_FALSE(thoughtless.body.value("generationConfig", Json::object()).contains("thinkingConfig"));
    EXPECT_EQ(thoughtless.adjusted, (std::vector<std::string>{"reasoning_effort"}));
    EXPECT_NE(gemini("gemini-2.0-flash", R"("thinking":true)").thinking, codec::ModelCapabilities::Thinking::none);
}

TEST(AListSteers, VendorsLimits) {
    const auto can = listed("openrouter", R"({"data":[{"id":"a/b","top_provider":{"max_completion_tokens":50}}]})");
    EXPECT_EQ(can.max_output_tokens, 50U);
    const auto conversation = codec::anthropic_messages().decode_request(R"({"model":"m","max_tokens":80,"messages":[{"role":"user",
        "content":"x"}]})");
    codec::Target target;
    target.model = "a/b";
    target.capabilities = can;
    const auto encoded = codec::openai_chat().encode_request(*conversation, target);
    EXPECT_EQ(Json::parse(encoded->body)["max_tokens"], 50);
}

/// xAI's and OpenAI's lists tell nothing but names: the dated table stands.
TEST(TheTableSteers, WhereAListIsSilent) {
    const auto body = R"({"model":"m","max_tokens":80,"stop_sequences":["END"],"messages":[{"role":"user","content":"x"}]})";
    const auto conversation = codec::anthropic_messages().decode_request(body);
    for (const auto& [provider, model, told] :
         {std::tuple("xai", "grok-4", false), {"xai", "grok-3", true}, {"openai", "gpt-4o", true}, {"openai", "o3", false}}) {
        codec::Target target;
        target.model = model;
        target.capabilities = listed(provider, R"({"data":[{"id":")" + std::string(model) + R"("}]})");
        const auto encoded = codec::openai_chat().encode_request(*conversation, target);
        EXPECT_EQ(Json::parse(encoded->body).contains("stop"), told) << model;
        EXPECT_EQ(encoded->memo.stop.empty(), told) << model;
    }
}

}  // namespace
}  // namespace smg::providers
