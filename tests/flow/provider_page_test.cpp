/// The documentation's page on external providers, its commands one after another and without a pause.
#include <gtest/gtest.h>

#include <set>

#include "support/running_gateway.hpp"

namespace smg::test {
namespace {

class ProviderPage : public testing::Test {
protected:
    /// As in the page: the URL ends in `/v1`, whatever the provider's own version segment.
    Answer register_worker(const std::string& provider, const std::string& key, bool with_runtime_type = false) {
        Json spec = {{"url", providers[provider].url() + (provider == "gemini" ? "" : "/v1")}, {"api_key", key}, {"provider", provider}};
        if (with_runtime_type) spec["runtime_type"] = "external";
        return gateway.post("/workers", spec);
    }

    static std::set<std::string> ids_of(const Answer& answer) {
        std::set<std::string> ids;
        const auto list = Json::parse(answer.body);
        EXPECT_EQ(list.at("object"), "list");
        for (const auto& model : list.at("data")) {
            EXPECT_EQ(model.at("object"), "model");
            EXPECT_TRUE(model.at("created").is_number_integer());
            EXPECT_TRUE(model.at("owned_by").is_string());
            ids.insert(model.at("id"));
        }
        return ids;
    }

    static void expect_chat_answer(const Answer& answer) {
        ASSERT_EQ(answer.status, 200) << answer.body;
        EXPECT_EQ(answer.field("content-type").substr(0, 16), "application/json");
        const auto body = Json::parse(answer.body);
        EXPECT_EQ(body.at("object"), "chat.completion");
        const auto& choice = body.at("choices").at(0);
        EXPECT_EQ(choice.at("message").at("role"), "assistant");
        EXPECT_NE(choice.at("message").at("content").get<std::string>().find("You said: Hello"), std::string::npos) << answer.body;
        EXPECT_EQ(choice.at("finish_reason"), "stop");
        EXPECT_GT(body.at("usage").at("prompt_tokens"), 0);
        EXPECT_GT(body.at("usage").at("completion_tokens"), 0);
    }

    /// The text of a streamed chat that must be whole and well formed.
    static std::string streamed_text(HttpClient& client) {
        const auto head = client.read_head();
        EXPECT_EQ(head.status, 200);
        EXPECT_TRUE(head.field("content-type").starts_with("text/event-stream")) << head.field("content-type");
        std::string text;
        std::string finish;
        std::string last;
        while (auto event = client.read_event()) {
            if (event->starts_with(":")) continue;  // a provider's ping, as OpenAI's clients can bear it
            EXPECT_TRUE(event->starts_with("data: ")) << *event;
            last = event->substr(6, event->size() - 8);
            if (last == "[DONE]") continue;
            const auto body = Json::parse(last);
            EXPECT_EQ(body.at("object"), "chat.completion.chunk");
            for (const auto& choice : body.at("choices")) {
                const auto& delta = choice.at("delta");
                if (delta.contains("content") && delta["content"].is_string()) text += delta["content"];
                if (choice.contains("finish_reason") && choice["finish_reason"].is_string()) finish = choice["finish_reason"];
            }
        }
        EXPECT_FALSE(client.broken());
        EXPECT_EQ(last, "[DONE]");
        EXPECT_EQ(finish, "stop");
        return text;
    }

    void expect_provider_works(const std::string& provider, const std::string& key, const std::string& model) {
        const auto accepted = register_worker(provider, key);
        ASSERT_EQ(accepted.status, 202) << accepted.body;
        expect_chat_answer(gateway.post("/v1/chat/completions", chat(model, "Hello!")));
        auto client = gateway.client();
        client.send_request("POST", "/v1/chat/completions", chat(model, "Hello!", true).dump());
        EXPECT_NE(streamed_text(client).find("You said: Hello!"), std::string::npos);
    }

    Providers providers;
    RunningGateway gateway;
};

TEST_F(ProviderPage, TheCommandsPastedWithoutAPause) {
    const auto accepted = register_worker("openai", "sk-proj-page", true);
    ASSERT_EQ(accepted.status, 202) << accepted.body;
    const auto receipt = Json::parse(accepted.body);
    EXPECT_EQ(receipt.at("status"), "accepted");
    EXPECT_EQ(receipt.at("url"), providers["openai"].url() + "/v1");
    EXPECT_EQ(accepted.field("location"), "/workers/" + receipt.at("worker_id").get<std::string>());
    EXPECT_EQ(receipt.at("location"), accepted.field("location"));

    expect_chat_answer(gateway.post("/v1/chat/completions", chat("gpt-4o", "Hello!")));

    const auto with_token = gateway.get("/v1/models", {{"Authorization", "Bearer sk-proj-of-the-caller"}});
    ASSERT_EQ(with_token.status, 200) << with_token.body;
    const auto direct = HttpClient(providers["openai"].port()).get("/v1/models", {{"Authorization", "Bearer sk-proj-of-the-caller"}});
    EXPECT_EQ(ids_of(with_token), ids_of(direct));

    const auto second = register_worker("anthropic", "sk-ant-api03-page");
    ASSERT_EQ(second.status, 202) << second.body;
    expect_chat_answer(gateway.post("/v1/chat/completions", chat("gpt-4o", "Hello")));
    expect_chat_answer(gateway.post("/v1/chat/completions", chat("claude-sonnet-4-20250514", "Hello")));

    const auto without_token = gateway.get("/v1/models");
    ASSERT_EQ(without_token.status, 200);
    const auto all = ids_of(without_token);
    EXPECT_TRUE(all.contains("gpt-4o"));
    EXPECT_TRUE(all.contains("claude-sonnet-4-20250514"));
    for (const auto& id : ids_of(direct)) EXPECT_TRUE(all.contains(id)) << id;
}

TEST_F(ProviderPage, OpenAiUnaryAndStreamed) { expect_provider_works("openai", "sk-proj-page", "gpt-4o"); }
TEST_F(ProviderPage, AnthropicUnaryAndStreamed) { expect_provider_works("anthropic", "sk-ant-api03-page", "claude-sonnet-4-20250514"); }
TEST_F(ProviderPage, XaiUnaryAndStreamed) { expect_provider_works("xai", "xai-page", "grok-3"); }
TEST_F(ProviderPage, GeminiUnaryAndStreamed) { expect_provider_works("gemini", "AIza-page-0123456789", "gemini-2.5-flash"); }

TEST_F(ProviderPage, EachModelGoesToItsProviderInThatProvidersOwnApi) {
    const std::map<std::string, std::pair<std::string, std::string>> keys_and_models = {
        {"openai", {"sk-proj-page", "gpt-4o"}},
        {"anthropic", {"sk-ant-api03-page", "claude-sonnet-4-20250514"}},
        {"xai", {"xai-page", "grok-3"}},
        {"gemini", {"AIza-page-0123456789", "gemini-2.5-flash"}},
    };
    for (const auto& [provider, key_and_model] : keys_and_models) ASSERT_EQ(register_worker(provider, key_and_model.first).status, 202);
    for (const auto& [provider, key_and_model] : keys_and_models)
        expect_chat_answer(gateway.post("/v1/chat/completions", chat(key_and_model.second, "Hello!")));
    const std::map<std::string, std::string> targets = {
        {"openai", "/v1/chat/completions"},
        {"anthropic", "/v1/messages"},
        {"xai", "/v1/chat/completions"},
        {"gemini", "/v1beta/models/gemini-2.5-flash:generateContent"},
    };
    for (const auto& [provider, target] : targets) {
        std::vector<std::string> posted;
        for (const auto& request : providers[provider].requests())
            if (request.method == "POST") posted.push_back(request.target);
        EXPECT_EQ(posted, std::vector<std::string>{target}) << provider;
    }
}

}  // namespace
}  // namespace smg::test
