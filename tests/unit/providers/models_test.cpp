#include <gtest/gtest.h>

#include "providers/catalog.hpp"
#include "providers/model_version.hpp"

namespace smg::providers {
namespace {

using Thinking = codec::ModelCapabilities::Thinking;

const Provider& provider(const char* name) { return *Catalog::built_in()->find(name); }

TEST(ModelsList, OpenAI) {
    const auto page = provider("openai").read_models(
        R"({"object":"list","data":[{"id":"gpt-4o","object":"model","created":1715367049,"owned_by":"system","x":[1]},
        {"id":"o3","created":null},{"object":"model"}]})");
    ASSERT_TRUE(page.has_value());
    ASSERT_EQ(page->models.size(), 2U);
    EXPECT_EQ(page->models[0].id, "gpt-4o");
    EXPECT_EQ(page->models[0].created, 1715367049);
    EXPECT_EQ(page->models[0].owned_by, "system");
    EXPECT_EQ(page->models[1].capabilities.thinking, Thinking::adaptive);
    EXPECT_EQ(page->next, "");
}

TEST(ModelsList, Dialects_of_vendors) {
    const auto openrouter =
        provider("openrouter").read_models(R"({"data":[{"id":"a/b","name":"B","context_length":1000,"top_provider":{"max_completion_tokens":50}}]})");
    ASSERT_TRUE(openrouter.has_value());
    EXPECT_EQ(openrouter->models[0].display_name, "B");
    EXPECT_EQ(openrouter->models[0].context_length, 1000U);
    EXPECT_EQ(openrouter->models[0].max_output_tokens, 50U);
    const auto together = provider("together").read_models(R"([{"id":"x","display_name":"X"}])");
    ASSERT_TRUE(together.has_value());
    EXPECT_EQ(together->models[0].display_name, "X");
    const auto engine = provider("vllm").read_models(R"({"object":"list","data":[{"id":"m","max_model_len":4096}]})");
    EXPECT_EQ(engine->models[0].context_length, 4096U);
    const auto paged = provider("openai-compatible").read_models(R"({"data":[{"id":"m"}],"has_more":true,"last_id":"m&n"})");
    EXPECT_EQ(paged->next, "after=m%26n");
}

TEST(ModelsList, Anthropic_pages_and_tells_capabilities) {
    const auto url = parse_worker_url("https://api.anthropic.com").value();
    EXPECT_EQ(provider("anthropic").models_target(url, "").value(), "/v1/models?limit=1000");
    const auto page = provider("anthropic").read_models(R"({"data":[{"type":"model","id":"claude-opus-4-6","display_name":"Claude Opus 4.6",
        "created_at":"2026-02-04T00:00:00Z",
        "max_input_tokens":200000,"max_tokens":128000,
        "capabilities":{"thinking":{"supported":true,"types":{"adaptive":{"supported":true},"enabled":{"supported":true},
        "disabled":{"supported":false}}},
        "effort":{"supported":true,"low":{"supported":true},"high":{"supported":true},"xhigh":{"supported":false}},
        "structured_outputs":{"supported":false}}}],
        "has_more":true,"first_id":"a","last_id":"claude-opus-4-6"})");
    ASSERT_TRUE(page.has_value());
    const auto& model = page->models.at(0);
    EXPECT_EQ(model.id, "claude-opus-4-6");
    EXPECT_EQ(model.display_name, "Claude Opus 4.6");
    EXPECT_EQ(model.created, 1770163200);
    EXPECT_EQ(model.owned_by, "anthropic");
    EXPECT_EQ(model.context_length, 200000U);
    EXPECT_EQ(model.capabilities.max_output_tokens, 128000U);
    EXPECT_EQ(model.capabilities.thinking, Thinking::adaptive);
    EXPECT_FALSE(model.capabilities.thinking_can_be_disabled);
    EXPECT_EQ(model.capabilities.efforts, (std::vector<std::string>{"low", "high"}));
    EXPECT_FALSE(model.capabilities.structured_outputs);
    ASSERT_EQ(model.stated.size(), 1U);
    EXPECT_EQ(model.stated[0].first, "capabilities");
    EXPECT_EQ(model.stated[0].second.substr(0, 26), R"({"thinking":{"supported":t)");
    EXPECT_EQ(provider("anthropic").models_target(url, page->next).value(), "/v1/models?limit=1000&after_id=claude-opus-4-6");
}

TEST(ModelsList, Gemini_pages_and_leaves_out_what_is_not_served) {
    const auto url = parse_worker_url("https://generativelanguage.googleapis.com").value();
    EXPECT_EQ(provider("gemini").models_target(url, "").value(), "/v1beta/models?pageSize=1000");
    const auto page = provider("gemini").read_models(R"({"models":[
        {"name":"models/gemini-2.5-flash","displayName":"Gemini 2.5 Flash","inputTokenLimit":1048576,"outputTokenLimit":65536,
         "supportedGenerationMethods":["generateContent","countTokens"],"thinking":true},
        {"name":"models/imagen-4","supportedGenerationMethods":["predict"]},
        {"name":"models/gemini-embedding-001","supportedGenerationMethods":["embedContent"]}],"nextPageToken":"t+1"})");
    ASSERT_TRUE(page.has_value());
    ASSERT_EQ(page->models.size(), 2U);
    EXPECT_EQ(page->models[0].id, "gemini-2.5-flash");
    EXPECT_EQ(page->models[0].owned_by, "google");
    EXPECT_EQ(page->models[0].context_length, 1048576U);
    EXPECT_EQ(page->models[0].capabilities.max_output_tokens, 65536U);
    EXPECT_EQ(provider("gemini").models_target(url, page->next).value(), "/v1beta/models?pageSize=1000&pageToken=t%2B1");
    EXPECT_TRUE(provider("gemini").read_models("{}")->models.empty());
}

TEST(ModelsList, What_is_no_list_is_an_upstream_error) {
    for (const auto* name : {"openai", "anthropic", "xai"})
        for (const auto* body : {"", "<html>", "{}", R"({"data":{}})", R"({"error":{"message":"no"}})", "3"}) {
            const auto page = provider(name).read_models(body);
            ASSERT_FALSE(page.has_value()) << name << " " << body;
            EXPECT_EQ(page.error().failure, Failure::upstream_error);
            EXPECT_NE(page.error().message.find(name), std::string::npos);
        }
    for (const auto* body : {"", "<html>", R"({"models":3})", R"({"error":{}})"})
        EXPECT_FALSE(provider("gemini").read_models(body).has_value()) << body;
}

TEST(ModelsList, Cut_at_every_byte_it_is_an_error_and_never_half_a_list) {
    const std::pair<const char*, std::string> lists[] = {
        {"openai", R"({"object":"list","data":[{"id":"gpt-4o","created":1}]})"},
        {"anthropic", R"({"data":[{"id":"claude-3","created_at":"2026-02-04T00:00:00Z"}],"has_more":false})"},
        {"gemini", R"({"models":[{"name":"models/gemini-2.5-pro"}],"nextPageToken":"x"})"}};
    for (const auto& [name, body] : lists) {
        EXPECT_EQ(provider(name).read_models(body)->models.size(), 1U) << name;
        for (std::size_t length = 0; length < body.size(); ++length)
            EXPECT_FALSE(provider(name).read_models(body.substr(0, length)).has_value()) << name << " " << length;
    }
}

TEST(ModelVersion, In_names) {
    const auto version = [](const char* name) { return version_in(name).value_or(ModelVersion{-1, -1}); };
    EXPECT_EQ(version("claude-sonnet-4-20250514"), (ModelVersion{4, 0}));
    EXPECT_EQ(version("claude-opus-4-5-20251101"), (ModelVersion{4, 5}));
    EXPECT_EQ(version("claude-3-5-sonnet@20240620"), (ModelVersion{3, 5}));
    EXPECT_EQ(version("gpt-4o-2024-08-06"), (ModelVersion{4, 0}));
    EXPECT_EQ(version("gpt-5.4-mini"), (ModelVersion{5, 4}));
    EXPECT_EQ(version("gpt-4-1106-preview"), (ModelVersion{4, 0}));
    EXPECT_EQ(version("gpt-4-32k"), (ModelVersion{4, 0}));
    EXPECT_EQ(version("gemini-2.0-flash-001"), (ModelVersion{2, 0}));
    EXPECT_EQ(version("gemma-3-27b-it"), (ModelVersion{3, 0}));
    EXPECT_EQ(version("claude-mythos-preview"), (ModelVersion{-1, -1}));
}

TEST(Capabilities, Claude) {
    const auto of = [](const char* model) { return provider("anthropic").capabilities(model); };
    EXPECT_EQ(of("claude-3-haiku-20240307").max_output_tokens, 4096U);
    EXPECT_EQ(of("claude-3-haiku-20240307").thinking, Thinking::none);
    EXPECT_EQ(of("claude-sonnet-4-20250514").max_output_tokens, 64000U);
    EXPECT_EQ(of("claude-opus-4-1").max_output_tokens, 32000U);
    EXPECT_EQ(of("claude-sonnet-4-20250514").thinking, Thinking::manual);
    EXPECT_TRUE(of("claude-sonnet-4-5").temperature_or_top_p);
    EXPECT_EQ(of("claude-opus-4-6").thinking, Thinking::adaptive);
    EXPECT_EQ(of("claude-opus-4-6").efforts, (std::vector<std::string>{"low", "medium", "high", "max"}));
    EXPECT_FALSE(of("claude-opus-4-6").sampling_locked);
    EXPECT_TRUE(of("claude-opus-4-7").sampling_locked);
    EXPECT_FALSE(of("claude-opus-4-7").mid_conversation_system);
    EXPECT_TRUE(of("claude-opus-4-8").mid_conversation_system);
    EXPECT_FALSE(of("claude-fable-5").forced_tool_choice);
    EXPECT_TRUE(of("claude-mythos-preview").sampling_locked);
    EXPECT_EQ(of("claude-opus-5").max_output_tokens, 128000U);
}

TEST(Capabilities, OpenAI) {
    const auto& openai = provider("openai");
    EXPECT_EQ(openai.capabilities("gpt-4o-mini").thinking, Thinking::none);
    EXPECT_FALSE(openai.capabilities("gpt-3.5-turbo").structured_outputs);
    EXPECT_TRUE(openai.capabilities("o4-mini").sampling_locked);
    for (const auto* model : {"o3", "o4-mini", "gpt-5", "gpt-5.2", "codex-mini-latest"})
        EXPECT_FALSE(openai.capabilities(model).stop_sequences) << model;
    for (const auto* model : {"gpt-4o", "gpt-5-chat-latest", "gpt-3.5-turbo"}) EXPECT_TRUE(openai.capabilities(model).stop_sequences) << model;
    EXPECT_TRUE(openai.capabilities("gpt-5.6-mini").cache_breakpoints);
    EXPECT_FALSE(openai.capabilities("gpt-5.5").cache_breakpoints);
    EXPECT_EQ(openai.capabilities("gpt-5").efforts.front(), "minimal");
    EXPECT_EQ(openai.capabilities("gpt-5-pro").efforts, (std::vector<std::string>{"high"}));
    EXPECT_EQ(openai.capabilities("gpt-5.2").efforts.back(), "xhigh");
    EXPECT_EQ(openai.capabilities("gpt-5-chat-latest").thinking, Thinking::none);
    EXPECT_EQ(openai.capabilities("ft:gpt-4o:org::1").max_output_tokens, 16384U);
    EXPECT_TRUE(openai.tools_need_responses("gpt-5.4"));
    EXPECT_TRUE(openai.tools_need_responses("gpt-5.6-mini"));
    EXPECT_FALSE(openai.tools_need_responses("gpt-5.2"));
    EXPECT_FALSE(openai.tools_need_responses("gpt-4o"));
    EXPECT_FALSE(provider("xai").tools_need_responses("gpt-5.6"));
}

TEST(Capabilities, Gemini) {
    const auto of = [](const char* model) { return provider("gemini").capabilities(model); };
    EXPECT_EQ(of("gemini-2.5-pro").thinking_budget_min, 128U);
    EXPECT_FALSE(of("gemini-2.5-pro").thinking_can_be_disabled);
    EXPECT_EQ(of("gemini-2.5-pro").thinking_budget_max, 32768U);
    EXPECT_TRUE(of("gemini-2.5-flash").thinking_can_be_disabled);
    EXPECT_EQ(of("gemini-2.5-flash-lite").thinking_budget_min, 512U);
    EXPECT_EQ(of("gemini-2.0-flash").thinking, Thinking::none);
    EXPECT_TRUE(of("gemini-3-pro-preview").gemini_thinking_level);
    EXPECT_TRUE(of("gemini-3-pro-preview").thought_signatures_required);
    EXPECT_TRUE(of("gemini-flash-latest").native_tool_ids);
    EXPECT_FALSE(of("gemma-3-27b-it").structured_outputs);
}

TEST(Capabilities, Grok) {
    const auto of = [](const char* model) { return provider("xai").capabilities(model); };
    EXPECT_EQ(of("grok-3-mini").efforts, (std::vector<std::string>{"low", "high"}));
    EXPECT_EQ(of("grok-4.3").efforts.front(), "none");
    EXPECT_EQ(of("grok-4-0709").thinking, Thinking::none);
    EXPECT_EQ(of("grok-code-fast-1").thinking, Thinking::none);
    for (const auto* model : {"grok-4", "grok-4-0709", "grok-4-fast", "grok-4.3", "grok-3-mini", "grok-code-fast-1", "grok-4.20-reasoning"}) {
        EXPECT_FALSE(of(model).stop_sequences) << model;
        EXPECT_FALSE(of(model).penalties) << model;
    }
    for (const auto* model : {"grok-3", "grok-2-vision", "grok-4-fast-non-reasoning", "another"}) {
        EXPECT_TRUE(of(model).stop_sequences) << model;
        EXPECT_TRUE(of(model).penalties) << model;
    }
}

TEST(Providers, Formats_origins_and_metric_labels) {
    for (const auto& [name, router_type] :
         {std::pair("openai", "openai"), {"anthropic", "anthropic"}, {"xai", "openai"}, {"gemini", "gemini"}, {"groq", "openai"}})
        EXPECT_EQ(provider(name).router_type, router_type);
    EXPECT_EQ(provider("anthropic").format, ApiFormat::anthropic_messages);
    EXPECT_EQ(provider("gemini").format, ApiFormat::gemini);
    EXPECT_EQ(provider("xai").format, ApiFormat::openai_chat);
    EXPECT_EQ(provider("xai").origin, codec::Origin::xai);
    EXPECT_TRUE(provider("xai").quirks.responses);
    EXPECT_TRUE(provider("openai").quirks.stream_usage_option);
    EXPECT_FALSE(provider("openai").quirks.engine_sampling_fields);
    EXPECT_TRUE(provider("vllm").quirks.engine_sampling_fields);
    EXPECT_TRUE(provider("vllm").local);
}

}  // namespace
}  // namespace smg::providers
