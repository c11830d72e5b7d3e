/// State that a worker holds: what was made with one key is of use to that key alone.
#include <gtest/gtest.h>

#include "codec/reasoning_envelope.hpp"
#include "support/scripted_models.hpp"

namespace smg::test {
namespace {

/// Two keys of one provider, each a worker that the test plays; `preferred` is asked first.
class TwoKeys : public testing::Test {
protected:
    TwoKeys() {
        gateway.add_worker({{"url", preferred.url()}, {"provider", "openai"}, {"name", "preferred"}, {"priority", 90}});
        holder_id = gateway.add_worker({{"url", holder.url()}, {"provider", "openai"}, {"name", "holder"}, {"priority", 50}});
    }
    static Headers key(Headers more = {}) {
        more.emplace_back("Authorization", "Bearer sk-proj-caller");
        return more;
    }
    static Headers to_holder() { return key({{"X-SMG-Target-Worker", "holder"}}); }

    /// The worker is the one that is asked; it answers, and the client gets that.
    static Answer asked(HttpClient& client, const RawUpstream& worker, std::optional<MessageStream>& connection, const std::string& answer) {
        if (!connection) connection = worker.accept();
        connection->read();
        connection->send(answer);
        return client.read();
    }

    RawUpstream preferred, holder;
    RunningGateway gateway;
    std::string holder_id;
};

std::string reasoned(const std::string& encrypted) {
    const Json body = {{"id", "resp_1"},
                       {"object", "response"},
                       {"status", "completed"},
                       {"model", "gpt-5.6"},
                       {"output",
                        {{{"type", "reasoning"}, {"id", "rs_1"}, {"summary", Json::array()}, {"encrypted_content", encrypted}},
                         {{"type", "message"},
                          {"id", "msg_1"},
                          {"role", "assistant"},
                          {"status", "completed"},
                          {"content", {{{"type", "output_text"}, {"text", "Hi"}, {"annotations", Json::array()}}}}}}},
                       {"usage", {{"input_tokens", 1}, {"output_tokens", 2}, {"total_tokens", 3}}}};
    return sized_answer(200, body.dump());
}

Json continued(const std::string& encrypted) {
    return {{"model", "gpt-5.6"},
            {"store", false},
            {"input",
             {{{"role", "user"}, {"content", "a"}},
              {{"type", "reasoning"}, {"summary", Json::array()}, {"encrypted_content", encrypted}},
              {{"role", "assistant"}, {"content", "Hi"}},
              {{"role", "user"}, {"content", "b"}}}}};
}

TEST_F(TwoKeys, EncryptedReasoningGoesBackToWhoWroteIt) {
    std::optional<MessageStream> at_holder, at_preferred;
    auto client = gateway.client();
    client.send_request("POST", "/v1/responses", R"({"model":"gpt-5.6","input":"a","store":false})", to_holder());
    EXPECT_EQ(asked(client, holder, at_holder, reasoned("sealed-by-holder==")).status, 200);
    client.send_request("POST", "/v1/responses", continued("sealed-by-holder==").dump(), key());
    EXPECT_EQ(asked(client, holder, at_holder, reasoned("again")).field("x-smg-worker"), "holder");
    // It is not failed over, since nobody else could read it: its writer is asked again.
    client.send_request("POST", "/v1/responses", continued("again").dump(), key());
    at_holder->read();
    at_holder->send(sized_answer(503, R"({"error":{"message":"busy","type":"server_error","param":null,"code":null}})"));
    const auto second = asked(client, holder, at_holder, reasoned("third"));
    EXPECT_EQ(second.field("x-smg-worker"), "holder");
    EXPECT_EQ(second.field("x-smg-attempts"), "2");
    // What nobody is known to have written is asked in turn.
    client.send_request("POST", "/v1/responses", continued("of-before-a-restart").dump(), key());
    at_preferred = preferred.accept();
    at_preferred->read();
    at_preferred->send(sized_answer(400, R"({"error":{"message":"The encrypted content could not be verified.","type":"invalid_request_error",)"
                                         R"("param":null,"code":"invalid_encrypted_content"}})"));
    EXPECT_EQ(asked(client, holder, at_holder, reasoned("more")).field("x-smg-worker"), "holder");
}

TEST_F(TwoKeys, EncryptedReasoningOfAMessagesClientGoesBackToo) {
    std::optional<MessageStream> at_holder;
    auto client = gateway.client();
    const auto ask = [](const Json& history) {
        Json messages = {{{"role", "user"}, {"content", "a"}}};
        if (!history.is_null()) {
            messages.push_back({{"role", "assistant"}, {"content", history}});
            messages.push_back({{"role", "user"}, {"content", "b"}});
        }
        const Json tool = {{"name", "f"}, {"input_schema", {{"type", "object"}}}};
        return Json{{"model", "gpt-5.6"}, {"max_tokens", 50}, {"tools", {tool}}, {"messages", messages}}.dump();
    };
    client.send_request("POST", "/v1/messages", ask({}), to_holder());
    const auto first = asked(client, holder, at_holder, reasoned("sealed-by-holder=="));
    ASSERT_EQ(first.status, 200) << first.body;
    const auto content = Json::parse(first.body).at("content");
    client.send_request("POST", "/v1/messages", ask(content), key());
    const auto second = asked(client, holder, at_holder, reasoned("more"));
    EXPECT_EQ(second.field("x-smg-worker"), "holder") << second.body;
}

TEST_F(TwoKeys, AnotherProvidersModelIsNotHeldBack) {
    std::optional<MessageStream> at_holder;
    auto client = gateway.client();
    client.send_request("POST", "/v1/responses", R"({"model":"gpt-5.6","input":"a","store":false})", to_holder());
    EXPECT_EQ(asked(client, holder, at_holder, reasoned("sealed-by-holder==")).status, 200);
    RawUpstream xai;
    gateway.add_worker({{"url", xai.url()}, {"provider", "xai"}, {"name", "grok"}});
    auto body = continued("sealed-by-holder==");
    body["model"] = "grok-4";
    client.send_request("POST", "/v1/responses", body.dump(), {{"Authorization", "Bearer xai-caller"}});
    std::optional<MessageStream> at_xai;
    EXPECT_EQ(asked(client, xai, at_xai, reasoned("x")).field("x-smg-worker"), "grok");
}

TEST_F(TwoKeys, FilesAndBatchesStayWithTheKeyThatTookThem) {
    std::optional<MessageStream> at_holder, at_preferred;
    auto client = gateway.client();
    const auto form = "--X\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n--X--\r\n";
    auto upload = to_holder();
    upload.emplace_back("Content-Type", "multipart/form-data; boundary=X");
    client.send_request("POST", "/openai/v1/files", form, upload);
    asked(client, holder, at_holder, sized_answer(200, R"({"object":"file","id":"file-1","purpose":"batch","filename":"a.jsonl"})"));
    const auto answer = sized_answer(200, R"({"object":"batch","id":"batch_1","input_file_id":"file-1","output_file_id":"file-2"})");
    const auto json = key({{"Content-Type", "application/json"}});
    const auto goes_to_holder = [&](const char* method, const char* target, const std::string& body) {
        client.send_request(method, target, body, json);
        EXPECT_EQ(asked(client, holder, at_holder, answer).field("x-smg-worker"), "holder") << target;
    };
    goes_to_holder("GET", "/openai/v1/files/file-1/content", {});
    goes_to_holder("POST", "/openai/v1/batches", R"({"input_file_id":"file-1","endpoint":"/v1/responses","completion_window":"24h"})");
    goes_to_holder("POST", "/openai/v1/batches/batch_1/cancel", {});
    goes_to_holder("GET", "/openai/v1/files/file-2", {});
    auto question = chat("gpt-4o", "x");
    question["messages"][0]["content"] = {{{"type", "file"}, {"file", {{"file_id", "file-1"}}}}};
    goes_to_holder("POST", "/v1/chat/completions", question.dump());
    // Unknown: one after the other, until one knows it.
    client.send_request("DELETE", "/openai/v1/files/file-9", {}, key());
    at_preferred = preferred.accept();
    at_preferred->read();
    at_preferred->send(sized_answer(404, R"({"error":{"message":"No such File","type":"invalid_request_error","param":"id","code":null}})"));
    EXPECT_EQ(asked(client, holder, at_holder, sized_answer(200, R"({"id":"file-9","deleted":true})")).status, 200);
}

}  // namespace
}  // namespace smg::test
