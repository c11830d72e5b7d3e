/// Answers that do not come as they should: errors under a status of success, events and JSON under each other's content type, and answers that the
/// gateway ends itself.
#include <gtest/gtest.h>

#include "support/scripted_models.hpp"

namespace smg::test {
namespace {

const std::string json_head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
const std::string busy =
    R"({"error": {"message": "Rate limit reached for gpt-4o", "type": "requests", "param": null, "code": "rate_limit_exceeded"}})";

TEST(OddAnswers, AnErrorUnderAStreamsContentTypeIsAnErrorWithItsStatus) {
    PlayedWorker played("openai");
    for (const auto* head : {stream_head.data(), json_head.c_str()}) {
        auto client = played.gateway.client();
        auto upstream = played.ask(client, true, {{"X-SMG-Timeout-Ms", "60000"}});
        const auto error = R"({"error": {"message": "Invalid schema", "type": "invalid_request_error", "param": "tools", "code": null}})";
        upstream.send(std::string(head) + chunk(error) + std::string(end_of_chunks));
        const auto answer = client.read();
        EXPECT_EQ(answer.status, 400) << answer.body;
        EXPECT_EQ(answer.field("content-type"), "application/json");
        EXPECT_EQ(answer.field("x-smg-error-code"), "invalid_request");
        EXPECT_EQ(Json::parse(answer.body).at("error").at("message"), "Invalid schema");
    }
}

TEST(OddAnswers, AnErrorUnderAStreamsContentTypeFailsOver) {
    PlayedWorker played("openai");
    RawUpstream other;
    played.gateway.add_worker({{"url", other.url()}, {"provider", "openai"}, {"runtime_type", "external"}, {"name", "other"}, {"priority", 10}});
    auto client = played.gateway.client();
    auto first = played.ask(client, true);
    first.send(std::string(stream_head) + chunk(busy) + std::string(end_of_chunks));
    auto second = other.accept();
    second.read();
    second.send(std::string(stream_head) + chunk(chat_event("Hi") + chat_event("", "stop") + std::string(done_event)) + std::string(end_of_chunks));
    const auto answer = client.read();
    EXPECT_EQ(answer.field("x-smg-worker"), "other");
    EXPECT_EQ(answer.field("x-smg-attempts"), "2");
    EXPECT_NE(answer.body.find("Hi"), std::string::npos);
}

TEST(OddAnswers, AnErrorUnderAStatusOfSuccessKeepsItsWordsOnATranslation) {
    PlayedWorker played("openai");
    auto client = played.gateway.client();
    const Json body = {{"model", "gpt-4o"}, {"max_tokens", 9}, {"messages", {{{"role", "user"}, {"content", "x"}}}}};
    client.send_request("POST", "/v1/messages", body.dump(), played.key());
    auto upstream = played.upstream.accept();
    upstream.read();
    upstream.send(sized_answer(200, R"({"error": {"message": "Provider returned error", "code": 404}})"));
    const auto answer = client.read();
    EXPECT_EQ(answer.status, 404) << answer.body;
    EXPECT_EQ(Json::parse(answer.body).at("error").at("message"), "Provider returned error");
    EXPECT_EQ(Json::parse(answer.body).at("error").at("type"), "not_found_error");
}

TEST(OddAnswers, EventsThatAreCalledJsonAreEvents) {
    PlayedWorker played("openai");
    auto client = played.gateway.client();
    auto upstream = played.ask(client, true);
    upstream.send(json_head + chunk(chat_event("Hi")));
    EXPECT_EQ(client.read_head().field("content-type"), "text/event-stream");
    EXPECT_EQ(client.read_event(), chat_event("Hi")) << "as it came, at once";
    upstream.send(chunk(chat_event("", "stop") + std::string(done_event)) + std::string(end_of_chunks));
    EXPECT_EQ(client.read_event(), chat_event("", "stop"));
    EXPECT_EQ(client.read_event(), done_event);
}

TEST(OddAnswers, AWholeAnswerToAStreamIsToldAsOne) {
    PlayedWorker played("openai");
    auto client = played.gateway.client();
    auto upstream = played.ask(client, true);
    const Json body = {{"id", "chatcmpl-1"},
                       {"object", "chat.completion"},
                       {"created", 1700000000},
                       {"model", "gpt-4o"},
                       {"choices", {{{"index", 0}, {"message", {{"role", "assistant"}, {"content", "Hi"}}}, {"finish_reason", "stop"}}}},
                       {"usage", {{"prompt_tokens", 5}, {"completion_tokens", 7}, {"total_tokens", 12}}}};
    upstream.send(sized_answer(200, body.dump()));
    const auto answer = client.read();
    EXPECT_EQ(answer.field("content-type"), "text/event-stream");
    EXPECT_NE(answer.body.find("\"content\":\"Hi\""), std::string::npos) << answer.body;
    EXPECT_TRUE(answer.body.ends_with(done_event)) << answer.body;
    EXPECT_EQ(played.gateway.metric("smg_router_tokens_total", {"token_type=\"output\""}, 7), 7);
}

class StopSequences : public testing::Test {
protected:
    /// A Messages client asks a reasoning model, which takes no stop sequences.
    MessageStream ask(HttpClient& client, bool stream) {
        const Json body = {{"model", "o3"},
                           {"max_tokens", 100},
                           {"stop_sequences", {"</answer>"}},
                           {"stream", stream},
                           {"messages", {{{"role", "user"}, {"content", "x"}}}}};
        client.send_request("POST", "/v1/messages", body.dump(), played.key());
        auto upstream = played.upstream.accept();
        const auto sent = upstream.read();
        EXPECT_FALSE(Json::parse(sent.body).contains("stop")) << sent.body;
        return upstream;
    }
    PlayedWorker played{"openai"};
};

TEST_F(StopSequences, OfARefusingModelEndAStreamAndLeaveTheProvider) {
    auto client = played.gateway.client();
    auto upstream = ask(client, true);
    upstream.send(std::string(stream_head) + chunk(chat_event("42</ans")));
    EXPECT_EQ(client.read_head().field("x-smg-adjusted-params"), "") << "the client gets what it asked for";
    std::string text;
    while (text.find("42") == std::string::npos) text += client.read_event().value();
    EXPECT_EQ(text.find("</ans"), std::string::npos) << "it may be the beginning of the sequence";
    upstream.send(chunk(chat_event("wer> and more")));
    for (auto event = client.read_event(); event; event = client.read_event()) text += *event;
    EXPECT_FALSE(client.broken());
    EXPECT_EQ(text.find("</answer>"), text.find("\"stop_sequence\":\"</answer>\"") + 17) << text;
    EXPECT_NE(text.find(R"("stop_reason":"stop_sequence")"), std::string::npos) << text;
    EXPECT_NE(text.find("message_stop"), std::string::npos) << text;
    EXPECT_EQ(text.find("more"), std::string::npos) << text;
    EXPECT_TRUE(upstream.closed_within(step_limit)) << "the model must not go on writing";
    EXPECT_GE(played.gateway.metric("smg_router_tokens_total", {"token_type=\"output\""}, 1), 1);
}

TEST_F(StopSequences, OfARefusingModelEndAWholeAnswer) {
    auto client = played.gateway.client();
    auto upstream = ask(client, false);
    const Json body = {{"id", "chatcmpl-1"},
                       {"object", "chat.completion"},
                       {"created", 1700000000},
                       {"model", "o3"},
                       {"choices",
                        {{{"index", 0}, {"message", {{"role", "assistant"}, {"content", "42</answer> and more"}}}, {"finish_reason", "stop"}}}},
                       {"usage", {{"prompt_tokens", 5}, {"completion_tokens", 7}, {"total_tokens", 12}}}};
    upstream.send(sized_answer(200, body.dump()));
    const auto answer = Json::parse(client.read().body);
    EXPECT_EQ(answer.at("content").at(0).at("text"), "42");
    EXPECT_EQ(answer.at("stop_reason"), "stop_sequence");
    EXPECT_EQ(answer.at("stop_sequence"), "</answer>");
    EXPECT_EQ(answer.at("usage").at("output_tokens"), 7) << "what the provider counted";
}

TEST(GeminiClients, AVerbWithTheWrongMethodIsNamed) {
    RunningGateway gateway;
    for (const auto* path : {"/v1beta/models/gemini-2.5-pro:generateContent", "/v1/models/gemini-2.5-pro:streamGenerateContent",
                             "/v1alpha/models/gemini-2.5-pro:countTokens"}) {
        const auto answer = gateway.get(path);
        EXPECT_EQ(answer.status, 405) << path;
        EXPECT_EQ(answer.field("allow"), "OPTIONS, POST") << path;
        EXPECT_EQ(answer.field("x-smg-error-code"), "method_not_allowed");
        EXPECT_EQ(Json::parse(answer.body).at("error").at("code"), 405);
    }
    EXPECT_EQ(gateway.client().request("DELETE", "/v1beta/models/gemini-2.5-pro:generateContent").status, 405);
}

}  // namespace
}  // namespace smg::test
