/// Reasoning that one provider signed, in a history that goes to another, and back.
#include <gtest/gtest.h>

#include "codec/reasoning_envelope.hpp"
#include "support/scripted_models.hpp"

namespace smg::test {
namespace {

/// A Messages client that switched models: what OpenAI sealed must not reach Anthropic, not even on the way that passes bytes.
TEST(ForeignReasoning, IsTakenOutOfARequestThatWouldPassAsItIs) {
    PlayedWorker played("anthropic");
    auto client = played.gateway.client();
    const auto sealed = codec::wrap_reasoning(codec::Origin::openai, "s:encrypted");
    const Json body = {{"model", "claude-sonnet-4-5"},
                       {"max_tokens", 9},
                       {"messages",
                        {{{"role", "user"}, {"content", "a"}},
                         {{"role", "assistant"},
                          {"content", {{{"type", "thinking"}, {"thinking", "hm"}, {"signature", sealed}}, {{"type", "text"}, {"text", "b"}}}}},
                         {{"role", "user"}, {"content", "c"}}}}};
    client.send_request("POST", "/v1/messages", body.dump(), played.key());
    auto upstream = played.upstream.accept();
    const auto received = upstream.read();
    EXPECT_EQ(received.body.find("smg1."), std::string::npos) << received.body;
    EXPECT_EQ(received.body.find("thinking"), std::string::npos) << received.body;
    EXPECT_EQ(Json::parse(received.body).at("messages").size(), 3U);
    const std::string answer = "{\"id\" : \"msg_1\",\n \"content\":[],\"x\":0.70}";
    upstream.send(sized_answer(200, answer));
    EXPECT_EQ(client.read().body, answer) << "the answer passes all the same";
}

TEST(ForeignReasoning, TakenOutOfAChatStreamLeavesItsCountsCounted) {
    PlayedWorker played("openai");
    auto client = played.gateway.client();
    const auto sealed = codec::wrap_reasoning(codec::Origin::anthropic, "s:signature");
    auto body = chat("gpt-4o", "c", true);
    const Json before = {{"role", "assistant"},
                         {"content", "b"},
                         {"reasoning_details", Json::array({{{"type", "thinking"}, {"text", "hm"}, {"signature", sealed}}})}};
    body["messages"].insert(body["messages"].begin(), before);
    client.send_request("POST", "/v1/chat/completions", body.dump(), played.key());
    auto upstream = played.upstream.accept();
    const auto received = Json::parse(upstream.read().body);
    EXPECT_EQ(received.dump().find("smg1."), std::string::npos) << received;
    EXPECT_EQ(received.at("stream_options").at("include_usage"), true);
    upstream.send(std::string(stream_head) +
                  chunk(chat_event("x") + chat_event("", "stop") +
                        "data: {\"id\":\"a\",\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":7}}\n\n" + std::string(done_event)) +
                  std::string(end_of_chunks));
    EXPECT_EQ(client.read().body, chat_event("x") + chat_event("", "stop") + std::string(done_event));
    EXPECT_EQ(played.gateway.metric("smg_router_tokens_total", {"token_type=\"output\""}, 7), 7);
}

/// What is counted or compacted is a history like any other.
TEST(ForeignReasoning, DoesNotReachWhoCountsOrCompacts) {
    const auto sealed = codec::wrap_reasoning(codec::Origin::xai, "s:encrypted");
    const Json item = {{"type", "reasoning"}, {"summary", Json::array()}, {"encrypted_content", sealed}};
    const Json block = {{"type", "thinking"}, {"thinking", "hm"}, {"signature", sealed}}, said = {{"type", "text"}, {"text", "b"}};
    const Json thought = {{"text", "hm"}, {"thought", true}, {"thoughtSignature", codec::armoured(sealed)}};
    const Json user = {{"role", "user"}, {"content", "a"}}, user_parts = {{"role", "user"}, {"parts", {{{"text", "a"}}}}};
    const Json input = Json::array({item, user});
    const Json messages = Json::array({user, {{"role", "assistant"}, {"content", {block, said}}}, user});
    const Json contents = Json::array({user_parts, {{"role", "model"}, {"parts", {thought, {{"text", "b"}}}}}, user_parts});
    struct Asked {
        std::string provider, path;
        Json body;
    };
    const std::vector<Asked> all = {{"anthropic", "/v1/messages/count_tokens", {{"model", "claude-sonnet-4-5"}, {"messages", messages}}},
                                    {"openai", "/v1/responses/input_tokens", {{"model", "gpt-4o"}, {"input", input}, {"conversation", "conv_1"}}},
                                    {"openai", "/v1/responses/compact", {{"model", "gpt-4o"}, {"input", input}}},
                                    {"gemini", "/v1beta/models/gemini-2.5-flash:countTokens", {{"contents", contents}}}};
    for (const auto& each : all) {
        PlayedWorker played(each.provider);
        auto client = played.gateway.client();
        client.send_request("POST", each.path, each.body.dump(), played.key());
        auto upstream = played.upstream.accept();
        const auto received = upstream.read();
        EXPECT_EQ(received.body.find("smg1."), std::string::npos) << each.path << received.body;
        EXPECT_EQ(received.body.find("c21nMS5"), std::string::npos) << each.path << received.body;
        EXPECT_NE(received.body.find("\"a\""), std::string::npos) << each.path << received.body;
        upstream.send(sized_answer(200, R"({"input_tokens":7,"totalTokens":7})"));
        EXPECT_EQ(client.read().status, 200) << each.path;
    }
}

}  // namespace
}  // namespace smg::test
