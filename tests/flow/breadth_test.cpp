/// What is beside generation: embeddings, counts, what is forwarded as it is, raw paths, compressed bodies, stored responses.
#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <cmath>

#include "support/raw_upstream.hpp"
#include "support/running_gateway.hpp"
#include "support/scripted_models.hpp"

namespace smg::test {
namespace {

class Breadth : public testing::Test {
protected:
    Breadth() {
        for (const auto& [provider, key] : stored)
            gateway.add_worker({{"url", providers[provider].url()}, {"provider", provider}, {"api_key", key}, {"name", "of-" + provider}});
        for (const auto& [provider, key] : stored) providers[provider].forget_requests();
    }
    simulator::ReceivedRequest last(const std::string& provider) {
        const auto all = providers[provider].requests();
        EXPECT_FALSE(all.empty()) << provider << " was not asked";
        return all.empty() ? simulator::ReceivedRequest("", "", {}, "", 0) : all.back();
    }
    const std::map<std::string, std::string> stored = {
        {"openai", "sk-proj-stored"}, {"anthropic", "sk-ant-api03-stored"}, {"xai", "xai-stored"}, {"gemini", "AIza-stored-0123456789"}};
    Providers providers;
    RunningGateway gateway;
};

TEST_F(Breadth, EmbeddingsPassToOpenAiByteForByte) {
    const std::string body = R"({ "input" : ["a","b"], "model":"text-embedding-3-small","dimensions": 8 })";
    const auto answer = gateway.client().post("/v1/embeddings", body);
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(last("openai").body, body);
    EXPECT_EQ(Json::parse(answer.body).at("data").size(), 2U);
}

TEST_F(Breadth, EmbeddingsOfGeminiForAnOpenAiClient) {
    const auto answer = gateway.post("/v1/embeddings", {{"model", "gemini-embedding-001"}, {"input", {"a", "b"}}, {"dimensions", 128}});
    ASSERT_EQ(answer.status, 200) << answer.body;
    const auto body = Json::parse(answer.body);
    ASSERT_EQ(body.at("data").size(), 2U);
    const auto vector = body["data"][1]["embedding"].get<std::vector<double>>();
    ASSERT_EQ(vector.size(), 128U);
    double squares = 0;
    for (const auto value : vector) squares += value * value;
    EXPECT_NEAR(squares, 1.0, 1e-4);
    EXPECT_EQ(last("gemini").target, "/v1beta/models/gemini-embedding-001:batchEmbedContents");
    const auto packed =
        gateway.post("/v1/embeddings", {{"model", "gemini-embedding-001"}, {"input", "a"}, {"encoding_format", "base64"}, {"dimensions", 128}});
    EXPECT_EQ(Json::parse(packed.body).at("data").at(0).at("embedding").get<std::string>().size(), 684U);  // 512 bytes
}

TEST_F(Breadth, EmbeddingsOfOpenAiForAGeminiClient) {
    const Json content = {{"parts", {{{"text", "a"}}}}};
    const auto one = gateway.post("/v1beta/models/text-embedding-3-small:embedContent", {{"content", content}});
    ASSERT_EQ(one.status, 200) << one.body;
    EXPECT_FALSE(Json::parse(one.body).at("embedding").at("values").empty());
    const auto batch = gateway.post("/v1beta/models/text-embedding-3-small:batchEmbedContents",
                                    {{"requests", {{{"model", "models/text-embedding-3-small"}, {"content", content}}, {{"content", content}}}}});
    EXPECT_EQ(Json::parse(batch.body).at("embeddings").size(), 2U);
}

TEST_F(Breadth, GeminisOwnEmbeddingsPass) {
    const auto answer = gateway.post("/v1beta/models/gemini-embedding-001:embedContent", {{"content", {{"parts", {{{"text", "a"}}}}}}});
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(last("gemini").target, "/v1beta/models/gemini-embedding-001:embedContent");
}

TEST_F(Breadth, AProviderWithoutEmbeddingsSaysSo) {
    const auto answer = gateway.post("/v1/embeddings", {{"model", "claude-sonnet-4-5"}, {"input", "a"}});
    EXPECT_EQ(answer.status, 400);
    const auto error = Json::parse(answer.body).at("error");
    EXPECT_EQ(error.at("param"), "model");
    EXPECT_NE(error.at("message").get<std::string>().find("no embeddings"), std::string::npos);
}

TEST_F(Breadth, CountsOfEveryProviderForAMessagesClient) {
    const auto ask = [&](const std::string& model) {
        return gateway.post("/v1/messages/count_tokens?beta=true",
                            {{"model", model}, {"system", "Be kind."}, {"messages", {{{"role", "user"}, {"content", "How many?"}}}}});
    };
    for (const auto* model : {"claude-sonnet-4-5", "gpt-4o", "gemini-2.5-flash", "grok-3"}) {
        const auto answer = ask(model);
        ASSERT_EQ(answer.status, 200) << model << answer.body;
        EXPECT_GT(Json::parse(answer.body).at("input_tokens").get<int>(), 0) << model;
        EXPECT_EQ(answer.field("x-smg-estimated"), std::string(model) == "grok-3" ? "true" : "") << model;
    }
    EXPECT_EQ(last("openai").target, "/v1/responses/input_tokens");
    EXPECT_EQ(last("gemini").target, "/v1beta/models/gemini-2.5-flash:countTokens");
    EXPECT_TRUE(providers["xai"].requests().empty());
}

TEST_F(Breadth, AModelThatNobodyKnowsIsNotCounted) {
    const auto ask = [](PlayedWorker& played, int status, const std::string& body) {
        auto client = played.gateway.client();
        const Json asked = {{"model", played.model()}, {"messages", {{{"role", "user"}, {"content", "How many?"}}}}};
        client.send_request("POST", "/v1/messages/count_tokens", asked.dump(), played.key());
        auto upstream = played.upstream.accept();
        upstream.read();
        upstream.send(sized_answer(status, body));
        return client.read();
    };
    for (const std::string provider : {"anthropic", "openai"}) {
        PlayedWorker played(provider);
        const bool own = provider == "anthropic";
        const auto said = own ? R"({"type":"error","error":{"type":"not_found_error","message":"model: claude-sonnet-4-5"},"request_id":"req_9"})"
                              : R"({"error":{"message":"The model `gpt-4o` does not exist","type":"invalid_request_error","code":null}})";
        const auto unknown = ask(played, 404, said);
        EXPECT_EQ(unknown.status, 404) << unknown.body;
        EXPECT_EQ(Json::parse(unknown.body).at("error").at("type"), "not_found_error");
        const auto no_counter =
            ask(played, 404, own ? R"({"type":"error","error":{"type":"not_found_error","message":"Not Found"}})" : "<html>404</html>");
        EXPECT_EQ(no_counter.status, 200) << no_counter.body;
        EXPECT_EQ(no_counter.field("x-smg-estimated"), "true");
        EXPECT_EQ(ask(played, 405, "{}").status, 200);
    }
}

TEST_F(Breadth, CountsForAGeminiClient) {
    const Json contents = {{{"role", "user"}, {"parts", {{{"text", "How many?"}}}}}};
    for (const auto& body : {Json{{"contents", contents}}, Json{{"generateContentRequest", {{"contents", contents}}}}})
        for (const auto* model : {"gemini-2.5-flash", "claude-sonnet-4-5", "gpt-4o", "grok-3"}) {
            if (std::string(model) == "gemini-2.5-flash" && body.contains("generateContentRequest")) continue;
            const auto answer = gateway.post("/v1beta/models/" + std::string(model) + ":countTokens", body);
            ASSERT_EQ(answer.status, 200) << model << answer.body;
            EXPECT_GT(Json::parse(answer.body).at("totalTokens").get<int>(), 0) << model;
        }
}

TEST_F(Breadth, RawPathsReachTheirProviderWithItsKey) {
    const auto models = gateway.get("/openai/v1/models?x=1");
    ASSERT_EQ(models.status, 200) << models.body;
    EXPECT_EQ(last("openai").target, "/v1/models?x=1");
    EXPECT_EQ(last("openai").fields.get("authorization"), "Bearer sk-proj-stored");
    EXPECT_EQ(models.field("x-smg-worker"), "of-openai");
    gateway.get("/openai/models");
    EXPECT_EQ(last("openai").target, "/v1/models");
    EXPECT_EQ(gateway.get("/anthropic/v1/models").status, 200);
    EXPECT_EQ(last("anthropic").fields.get("x-api-key"), "sk-ant-api03-stored");
    EXPECT_EQ(gateway.get("/gemini/v1beta/models?key=AIza-of-the-caller-1").status, 200);
    EXPECT_EQ(last("gemini").target, "/v1beta/models");
    EXPECT_EQ(last("gemini").fields.get("x-goog-api-key"), "AIza-of-the-caller-1");
    EXPECT_EQ(gateway.client().request("HEAD", "/xai/v1/models").status, 200);
}

TEST_F(Breadth, RawPathsGuardTheirEdges) {
    for (const auto* target : {"/openai/../workers", "/openai/v1/../../x", "/openai/%2e%2e/x"}) {
        const auto answer = gateway.get(target);
        EXPECT_TRUE(answer.status == 400 || answer.status == 404) << target << answer.status;
    }
    EXPECT_TRUE(providers["openai"].requests().empty());
    const auto refused = gateway.get("/anthropic/v1/models", {{"Authorization", "Bearer sk-proj-of-another"}});
    EXPECT_EQ(refused.status, 200);  // by the worker's own key: another provider's is nobody's here
    EXPECT_EQ(last("anthropic").fields.get("x-api-key"), "sk-ant-api03-stored");
    for (const auto& each : providers["anthropic"].requests()) EXPECT_EQ(each.fields.get("authorization"), "");
}

TEST_F(Breadth, FamiliesThatAreNotServedSaySo) {
    for (const auto* path : {"/v1/assistants", "/v1/threads/t/runs", "/v1/files", "/v1/realtime"}) {
        const auto answer = gateway.get(path);
        EXPECT_EQ(answer.status, 501) << path;
        EXPECT_EQ(answer.field("x-smg-error-code"), "not_supported");
        EXPECT_NE(answer.body.find(std::string("/openai") + path), std::string::npos) << answer.body;
    }
    EXPECT_EQ(gateway.get("/v1/messages/batches").status, 501);
}

std::string gzip(std::string_view text) {
    z_stream stream{};
    deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    std::string out(deflateBound(&stream, text.size()) + 64, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(out.size() - stream.avail_out);
    deflateEnd(&stream);
    return out;
}

TEST_F(Breadth, CompressedBodiesAreInflated) {
    const auto body = chat("gpt-4o", "hi").dump();
    const auto answer = gateway.client().post("/v1/chat/completions", gzip(body), {{"Content-Encoding", "gzip"}});
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(last("openai").body, body);
    EXPECT_EQ(last("openai").fields.get("content-encoding"), "");
    const auto unknown = gateway.client().post("/v1/chat/completions", body, {{"Content-Encoding", "br"}});
    EXPECT_EQ(unknown.status, 415);
    const auto broken = gateway.client().post("/v1/chat/completions", gzip(body).substr(0, 20), {{"Content-Encoding", "gzip"}});
    EXPECT_EQ(broken.status, 400);
    EXPECT_EQ(Json::parse(broken.body).at("error").at("param"), "content-encoding");
}

TEST(BreadthLimits, ABodyThatInflatesBeyondTheLimitIsRefused) {
    auto config = test_config();
    config.max_payload_size = 100'000;
    RunningGateway gateway(config);
    const auto answer = gateway.client().post("/v1/chat/completions", gzip(std::string(10'000'000, ' ')), {{"Content-Encoding", "gzip"}});
    EXPECT_EQ(answer.status, 413);
}

/// A worker that a test plays, for what the simulated ones do not offer.
class Forwarded : public testing::Test {
protected:
    Forwarded() { gateway.add_worker({{"url", upstream.url()}, {"provider", "openai"}, {"name", "played"}}); }
    /// The worker has no key, so that nothing is asked of it but what a test sends.
    static Headers key(const std::string& type = "application/json") { return {{"Authorization", "Bearer sk-proj-caller"}, {"Content-Type", type}}; }
    RawUpstream upstream;
    RunningGateway gateway;
};

TEST_F(Forwarded, FormsPassByteForByteHoweverLarge) {
    std::string file;
    for (unsigned i = 0; file.size() < 3'000'000; ++i) file += static_cast<char>(i * 7919U >> 3U);
    const std::string form = "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\n" + file +
                             "\r\n--XX\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n--XX--\r\n";
    for (const bool small : {true, false}) {
        auto body = form;
        if (small) body.erase(body.find(file), file.size() - 10);
        auto client = gateway.client();
        client.send_request("POST", "/v1/audio/transcriptions", body, key("multipart/form-data; boundary=XX"));
        auto connection = upstream.accept();
        const auto received = connection.read();
        EXPECT_EQ(received.start_line, "POST /v1/audio/transcriptions HTTP/1.1");
        EXPECT_EQ(received.field("content-type"), "multipart/form-data; boundary=XX");
        EXPECT_TRUE(received.body == body);
        connection.send(sized_answer(200, R"({"text":"hello"})"));
        EXPECT_EQ(client.read().body, R"({"text":"hello"})");
        connection.close();
    }
}

TEST_F(Forwarded, BinaryAnswersPass) {
    auto client = gateway.client();
    client.send_request("POST", "/v1/audio/speech", R"({"model":"tts-1","input":"x","voice":"alloy"})", key());
    auto connection = upstream.accept();
    connection.read();
    const std::string sound("\xFF\xFB\0\r\n\r\n\x01", 8);
    connection.send(sized_answer(200, sound, "audio/mpeg"));
    const auto answer = client.read();
    EXPECT_EQ(answer.field("content-type"), "audio/mpeg");
    EXPECT_EQ(answer.body, sound);
}

TEST_F(Forwarded, StreamsArriveAsTheyCome) {
    auto client = gateway.client();
    client.send_request("POST", "/v1/completions", R"({"model":"gpt-3.5-turbo-instruct","prompt":"x","stream":true})", key());
    auto connection = upstream.accept();
    connection.read();
    connection.send("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n");
    for (const auto* event : {"data: {\"a\":1}\n\n", "data: {\"a\":2}\n\n", "data: [DONE]\n\n"}) {
        char size[16];
        std::snprintf(size, sizeof size, "%zx\r\n", std::string_view(event).size());
        connection.send(std::string(size) + event + "\r\n");
        if (std::string_view(event).find(":1}") != std::string_view::npos) { EXPECT_EQ(client.read_head().status, 200); }
        EXPECT_EQ(client.read_event(), event);
    }
    connection.send("0\r\n\r\n");
    EXPECT_EQ(client.read_event(), std::nullopt);
    EXPECT_FALSE(client.broken());
}

TEST_F(Forwarded, ACutAnswerIsNotTakenForAWholeOne) {
    auto client = gateway.client();
    client.send_request("POST", "/v1/completions", R"({"model":"gpt-3.5-turbo-instruct","prompt":"x"})", key());
    auto connection = upstream.accept();
    connection.read();
    connection.send("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{\"id\":");
    EXPECT_EQ(client.read_head().status, 200);
    EXPECT_EQ(client.read_piece(), "{\"id\":");
    connection.close();
    while (client.read_piece()) {}
    EXPECT_TRUE(client.broken());
}

TEST_F(Forwarded, ErrorsPassInTheProvidersWords) {
    auto client = gateway.client();
    client.send_request("POST", "/v1/completions", R"({"model":"gpt-3.5-turbo-instruct"})", key());
    auto connection = upstream.accept();
    connection.read();
    const std::string error = R"({"error": {"message":"no prompt","type":"invalid_request_error","param":"prompt","code":null,"x":1}})";
    connection.send(sized_answer(400, error));
    const auto answer = client.read();
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.body, error);
}

TEST_F(Forwarded, ARequestWithoutAModelIsRefused) {
    const auto answer = gateway.post("/v1/completions", {{"prompt", "x"}}, key());
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(Json::parse(answer.body).at("error").at("param"), "model");
    const auto form = gateway.client().post("/v1/audio/transcriptions", "--X--", key("multipart/form-data; boundary=X"));
    EXPECT_EQ(form.status, 400);
}

TEST_F(Forwarded, StoredResponsesAreAskedWhereTheyWereMade) {
    RawUpstream other;
    gateway.add_worker({{"url", other.url()}, {"provider", "openai"}, {"name", "other"}, {"priority", 90}, {"models", {{{"id", "gpt-4.1"}}}}});
    auto client = gateway.client();
    client.send_request("POST", "/v1/responses", R"({"model":"gpt-4o","input":"x"})", key());
    auto maker = upstream.accept();
    EXPECT_EQ(maker.read().start_line, "POST /v1/responses HTTP/1.1");
    maker.send(
        sized_answer(200, R"({"id":"resp_1","object":"response","status":"completed","output":[],"usage":{"input_tokens":1,"output_tokens":2}})"));
    EXPECT_EQ(client.read().status, 200);
    // Known: its maker alone is asked, however another is preferred.
    client.send_request("GET", "/v1/responses/resp_1?include[]=x", {}, key());
    EXPECT_EQ(maker.read().start_line, "GET /v1/responses/resp_1?include[]=x HTTP/1.1");
    maker.send(sized_answer(404, R"({"error":{"message":"gone","type":"invalid_request_error","param":null,"code":null}})"));
    EXPECT_EQ(client.read().status, 404);
    // Unknown: one after the other, until one knows it.
    client.send_request("DELETE", "/v1/responses/resp_2", {}, key());
    auto preferred = other.accept();
    EXPECT_EQ(preferred.read().start_line, "DELETE /v1/responses/resp_2 HTTP/1.1");
    preferred.send(sized_answer(404, R"({"error":{"message":"not here","type":"invalid_request_error","param":null,"code":null}})"));
    EXPECT_EQ(maker.read().start_line, "DELETE /v1/responses/resp_2 HTTP/1.1");
    maker.send(sized_answer(200, R"({"id":"resp_2","deleted":true})"));
    EXPECT_EQ(client.read().body, R"({"id":"resp_2","deleted":true})");
    // Continued where it was begun.
    client.send_request("POST", "/v1/responses", R"({"model":"gpt-4o","input":"x","previous_response_id":"resp_1"})", key());
    EXPECT_EQ(maker.read().start_line, "POST /v1/responses HTTP/1.1");
    maker.send(sized_answer(200, R"({"id":"resp_3","object":"response","status":"completed","output":[]})"));
    EXPECT_EQ(client.read().status, 200);
}

/// A key that may be anybody's is shown to one provider, even when that one does not know the answer.
TEST(StoredResponses, AKeyOfUnknownFormIsNotOfferedAround) {
    RawUpstream openai, xai;
    RunningGateway gateway;
    for (const auto& [provider, upstream] : {std::pair<std::string, RawUpstream*>("openai", &openai), {"xai", &xai}})
        gateway.add_worker({{"url", upstream->url()}, {"provider", provider}, {"runtime_type", "external"}, {"name", provider}});
    const std::string not_found = R"({"error":{"message":"No response with id 'resp_1'","type":"invalid_request_error","param":null,"code":null}})";
    const auto ask = [&](const std::string& key) {
        auto client = gateway.client();
        client.send_request("GET", "/v1/responses/resp_1", {}, {{"Authorization", "Bearer " + key}});
        return client;
    };
    auto client = ask("a-key-of-some-company");
    auto upstream = openai.accept();
    EXPECT_EQ(upstream.read().field("authorization"), "Bearer a-key-of-some-company");
    upstream.send(sized_answer(404, not_found));
    const auto answer = client.read();
    EXPECT_EQ(answer.status, 404);
    EXPECT_EQ(answer.body, not_found);
    EXPECT_EQ(answer.field("x-smg-error-code"), "not_found");
    EXPECT_FALSE(xai.contacted_within(std::chrono::milliseconds(0)));
    auto known = ask("xai-of-the-caller");
    auto second = xai.accept();
    EXPECT_EQ(second.read().field("authorization"), "Bearer xai-of-the-caller");
    second.send(sized_answer(200, R"({"id":"resp_1"})"));
    EXPECT_EQ(known.read().status, 200);
}

}  // namespace
}  // namespace smg::test
