/// The listener as HTTP/1.1 sees it: framing, order, persistence.
#include <gtest/gtest.h>

#include <set>

#include "support/raw_upstream.hpp"
#include "support/running_gateway.hpp"

namespace smg::test {
namespace {

class Http : public testing::Test {
protected:
    Http() { gateway.add_worker({{"url", providers["openai"].url()}, {"provider", "openai"}, {"api_key", "sk-proj-stored"}}); }
    static std::string chat_request(const std::string& text, const std::string& more_fields = {}) {
        const auto body = chat("gpt-4o", text).dump();
        return "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n" + more_fields +
               "content-length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    }
    [[nodiscard]] std::size_t chats() {
        std::size_t count = 0;
        for (const auto& request : providers["openai"].requests()) count += request.method == "POST" ? 1U : 0U;
        return count;
    }
    Providers providers;
    RunningGateway gateway;
};

struct Malformed {
    const char* name;
    std::string bytes;
};

class StrictFraming : public testing::TestWithParam<Malformed> {};

TEST_P(StrictFraming, IsRefusedAndClosed) {
    RunningGateway gateway;
    auto client = gateway.client();
    client.send(GetParam().bytes);
    const auto answer = client.read();
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.field("x-smg-error-code"), "invalid_request");
    EXPECT_EQ(answer.field("connection"), "close");
    EXPECT_TRUE(Json::parse(answer.body).contains("error"));
    EXPECT_TRUE(client.closed_within(Limit(5000)));
    EXPECT_EQ(gateway.get("/health").status, 200) << "the process lives on";
}

const std::string post = "POST /v1/chat/completions HTTP/1.1\r\n";
const std::string post_to_host = post + "host: localhost\r\ncontent-type: application/json\r\n";

INSTANTIATE_TEST_SUITE_P(
    Each, StrictFraming,
    testing::Values(Malformed{"LengthAndEncoding", post_to_host + "content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"},
                    Malformed{"EncodingAndLength", post_to_host + "transfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n"},
                    Malformed{"OtherCoding", post_to_host + "transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n"},
                    Malformed{"TwoLengths", post_to_host + "content-length: 2\r\ncontent-length: 2\r\n\r\n{}"},
                    Malformed{"SignedLength", post_to_host + "content-length: +2\r\n\r\n{}"},
                    Malformed{"BareLineFeed", "GET /health HTTP/1.1\nhost: localhost\n\n"},
                    Malformed{"BareLineFeedInAField", "GET /health HTTP/1.1\r\nhost: localhost\r\nx: a\n\r\n\r\n"},
                    Malformed{"TwoHosts", "GET /health HTTP/1.1\r\nhost: localhost\r\nhost: localhost\r\n\r\n"},
                    Malformed{"NoHost", "GET /health HTTP/1.1\r\nx: y\r\n\r\n"},
                    Malformed{"FoldedField", "GET /health HTTP/1.1\r\nhost: localhost\r\nx: a\r\n b\r\n\r\n"},
                    Malformed{"SpaceBeforeTheColon", "GET /health HTTP/1.1\r\nhost: localhost\r\nx : a\r\n\r\n"},
                    Malformed{"Nul", std::string("GET /health HTTP/1.1\r\nhost: localhost\r\nx: a") + '\0' + "b\r\n\r\n"},
                    Malformed{"BadChunkSize", post_to_host + "transfer-encoding: chunked\r\n\r\nxyz\r\n{}\r\n0\r\n\r\n"},
                    Malformed{"ChunkWithoutItsEnd", post_to_host + "transfer-encoding: chunked\r\n\r\n2\r\n{}XX0\r\n\r\n"},
                    Malformed{"HugeChunkSize", post_to_host + "transfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n{}"},
                    Malformed{"Http2Preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST_F(Http, PipelinedRequestsAreAnsweredInOrder) {
    auto client = gateway.client();
    std::string all;
    for (int n = 0; n < 20; ++n)
        all += n % 5 == 4 ? "GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n" : chat_request("number " + std::to_string(n) + ".");
    client.send(all);
    for (int n = 0; n < 20; ++n) {
        const auto answer = client.read();
        ASSERT_EQ(answer.status, 200) << answer.body;
        if (n % 5 == 4) {
            EXPECT_EQ(answer.body, "OK");
        } else {
            EXPECT_NE(answer.body.find("You said: number " + std::to_string(n) + "."), std::string::npos) << answer.body;
        }
    }
}

TEST_F(Http, AStreamBetweenTwoPipelinedRequests) {
    auto client = gateway.client();
    const auto streamed = chat("gpt-4o", "second", true).dump();
    client.send(chat_request("first") + post_to_host + "content-length: " + std::to_string(streamed.size()) + "\r\n\r\n" + streamed +
                chat_request("third"));
    EXPECT_NE(client.read().body.find("You said: first"), std::string::npos);
    EXPECT_NE(client.read().body.find("data: [DONE]\n\n"), std::string::npos);
    EXPECT_NE(client.read().body.find("You said: third"), std::string::npos);
}

TEST_F(Http, ExpectationIsMetBeforeTheBody) {
    auto client = gateway.client();
    const auto body = chat("gpt-4o", "Hello").dump();
    client.send(post_to_host + "expect: 100-continue\r\ncontent-length: " + std::to_string(body.size()) + "\r\n\r\n");
    EXPECT_EQ(client.read_head().status, 100);
    client.send(body);
    EXPECT_EQ(client.read().status, 200);
    EXPECT_EQ(client.get("/health").status, 200);
}

TEST_F(Http, AnExpectationForABodyThatIsTooLargeIsRefusedAtOnce) {
    auto client = gateway.client();
    client.send(post_to_host + "expect: 100-continue\r\ncontent-length: 99999999999\r\n\r\n");
    EXPECT_EQ(client.read_head().status, 413);
}

TEST_F(Http, ChunkedRequestBodies) {
    auto client = gateway.client();
    const auto body = chat("gpt-4o", "in pieces").dump();
    for (const std::size_t size : {std::size_t{1}, std::size_t{7}, body.size()}) {
        client.send(post_to_host + "transfer-encoding: chunked\r\n\r\n");
        for (std::size_t at = 0; at < body.size(); at += size) client.send(chunk(body.substr(at, size)));
        client.send("0\r\nx-trailer: dropped\r\n\r\n");
        EXPECT_NE(client.read().body.find("You said: in pieces"), std::string::npos);
    }
}

TEST_F(Http, ARequestThatArrivesByteByByte) {
    auto client = gateway.client();
    for (const char byte : chat_request("slowly")) client.send(std::string(1, byte));
    EXPECT_NE(client.read().body.find("You said: slowly"), std::string::npos);
}

TEST_F(Http, HeadIsGetWithoutTheBody) {
    auto client = gateway.client();
    const auto get = client.get("/v1/models");
    const auto head = client.request("HEAD", "/v1/models");
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.field("content-length"), std::to_string(get.body.size()));
    EXPECT_EQ(client.request("HEAD", "/nothing").status, 404);
    EXPECT_EQ(client.request("HEAD", "/v1/chat/completions").status, 405);
    EXPECT_EQ(client.get("/health").body, "OK") << "nothing was left on the connection";
}

TEST_F(Http, OptionsSaysWhatIsAllowed) {
    auto client = gateway.client();
    const auto answer = client.request("OPTIONS", "/v1/chat/completions");
    EXPECT_EQ(answer.status, 204);
    EXPECT_EQ(answer.field("allow"), "OPTIONS, POST");
    EXPECT_EQ(client.request("OPTIONS", "/v1/models").field("allow"), "GET, HEAD, OPTIONS");
    EXPECT_EQ(client.request("OPTIONS", "/nothing").status, 404);
}

TEST_F(Http, ConnectionsAreKeptOnBothSides) {
    auto client = gateway.client();
    for (int n = 0; n < 10; ++n) EXPECT_EQ(client.post("/v1/chat/completions", chat("gpt-4o", "Hello").dump()).status, 200);
    std::set<std::uint64_t> connections;
    for (const auto& request : providers["openai"].requests())
        if (request.method == "POST") connections.insert(request.connection);
    EXPECT_EQ(chats(), 10U);
    EXPECT_EQ(connections.size(), 1U);
}

TEST_F(Http, CloseIsHonoured) {
    auto client = gateway.client();
    const auto answer = client.get("/health", {{"Connection", "close"}});
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.field("connection"), "close");
    EXPECT_TRUE(client.closed_within(Limit(5000)));
    auto old = gateway.client();
    old.send("GET /health HTTP/1.0\r\n\r\n");
    EXPECT_EQ(old.read().body, "OK");
    EXPECT_TRUE(old.closed_within(Limit(5000)));
}

TEST_F(Http, AHttp10StreamEndsWithItsConnection) {
    auto client = gateway.client();
    const auto body = chat("gpt-4o", "old", true).dump();
    const auto length = "content-length: " + std::to_string(body.size()) + "\r\n\r\n";
    client.send("POST /v1/chat/completions HTTP/1.0\r\ncontent-type: application/json\r\n" + length + body);
    const auto answer = client.read();
    EXPECT_EQ(answer.field("transfer-encoding"), "");
    EXPECT_TRUE(answer.body.ends_with("data: [DONE]\n\n")) << answer.body;
}

TEST_F(Http, EveryRequestHasAnIdOfItsOwnOrTheCallers) {
    auto client = gateway.client();
    const auto own = client.get("/v1/models").field("x-request-id");
    EXPECT_FALSE(own.empty());
    EXPECT_NE(client.get("/v1/models").field("x-request-id"), own);
    for (const auto* name : {"x-request-id", "x-correlation-id", "x-trace-id", "request-id"})
        EXPECT_EQ(client.get("/v1/models", {{name, "mine-1"}}).field("x-request-id"), "mine-1") << name;
    EXPECT_NE(client.get("/v1/models", {{"x-request-id", std::string(129, 'x')}}).field("x-request-id"), std::string(129, 'x'));
    EXPECT_TRUE(client.post("/v1/chat/completions", chat("gpt-4o", "x").dump()).field("x-request-id").starts_with("chatcmpl-"));
}

TEST_F(Http, PortZeroIsAnyFreeOne) {
    const RunningGateway other;
    EXPECT_NE(other.port(), 0);
    EXPECT_NE(other.port(), gateway.port());
    for (const auto& url : gateway.server().urls()) EXPECT_TRUE(url.ends_with(":" + std::to_string(gateway.port()))) << url;
}

TEST_F(Http, AHeadThatIsTooSlowIsToldSo) {
    auto config = test_config();
    config.head_timeout = std::chrono::milliseconds(100);
    config.body_timeout = std::chrono::milliseconds(100);
    const RunningGateway impatient(config);
    auto client = impatient.client();
    client.send("GET /hea");
    EXPECT_EQ(client.read().status, 408);
    EXPECT_TRUE(client.closed_within(Limit(5000)));
    auto slow_body = impatient.client();
    slow_body.send(post_to_host + "content-length: 10\r\n\r\n{");
    const auto answer = slow_body.read();
    EXPECT_EQ(answer.status, 408);
    EXPECT_EQ(answer.field("x-smg-error-code"), "request_timeout");
}

}  // namespace
}  // namespace smg::test
