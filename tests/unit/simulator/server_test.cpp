#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "simulator/simulator.hpp"
#include "support/http_client.hpp"

namespace smg::simulator {
namespace {

using namespace std::chrono_literals;

constexpr auto limit = 20s;
const test::Headers with_key{{"Authorization", "Bearer some-key"}};

std::string chat(const std::string& text, bool stream = false) {
    return nlohmann::json{{"model", "gpt-4o"}, {"messages", {{{"role", "user"}, {"content", text}}}}, {"stream", stream}}.dump();
}

std::string raw_chat(const std::string& text) {
    const auto body = chat(text);
    return "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer k\r\nContent-Type: application/json\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
}

class SimulatorServerTest : public testing::Test {
protected:
    SimulatorServer& start(SimulatorOptions options = {}) {
        server_ = std::make_unique<SimulatorServer>(loops_, std::move(options));
        const auto started = server_->start();
        if (!started) throw std::runtime_error(started.error().message);
        loops_.start();
        return *server_;
    }
    ~SimulatorServerTest() override {
        server_.reset();
        loops_.stop();
    }
    [[nodiscard]] test::HttpClient client() const { return test::HttpClient(server_->port()); }
    test::Answer post(test::HttpClient& client, const std::string& body) { return client.post("/v1/chat/completions", body, with_key); }
    /// Sends a request whose answer the test reads for itself.
    void ask(test::HttpClient& client, const std::string& body) { client.send_request("POST", "/v1/chat/completions", body, with_key); }
    [[nodiscard]] bool departs(std::uint64_t count) const {
        return server_->wait_until([&] { return server_->departed() == count; }, limit);
    }

    net::EventLoops loops_{2};
    std::unique_ptr<SimulatorServer> server_;
};

TEST_F(SimulatorServerTest, KeepsConnectionsAlive) {
    auto& server = start();
    auto client = this->client();
    EXPECT_EQ(post(client, chat("first")).status, 200);
    const auto second = post(client, chat("second"));
    EXPECT_EQ(second.status, 200);
    EXPECT_NE(second.body.find("You said: second"), std::string::npos) << second.body;
    EXPECT_EQ(second.field("content-length"), std::to_string(second.body.size()));
    EXPECT_EQ(second.field("connection"), "");
    EXPECT_FALSE(second.field("date").empty());
    EXPECT_EQ(server.accepted(), 1U);
    EXPECT_EQ(server.received(), 2U);
}

TEST_F(SimulatorServerTest, ClosesWhenAsked) {
    start();
    auto client = this->client();
    EXPECT_EQ(client.get("/v1/models", {{"Authorization", "Bearer k"}, {"Connection", "close"}}).field("connection"), "close");
    EXPECT_TRUE(client.closed_within(test::step_limit));
}

TEST_F(SimulatorServerTest, AnswersPipelinedRequestsInOrder) {
    auto& server = start();
    auto client = this->client();
    client.send(raw_chat("one") + raw_chat("two") + raw_chat("three"));
    for (const auto* text : {"one", "two", "three"}) {
        const auto answer = client.read();
        EXPECT_EQ(answer.status, 200);
        EXPECT_NE(answer.body.find(std::string("You said: ") + text), std::string::npos) << answer.body;
    }
    EXPECT_EQ(server.accepted(), 1U);
}

TEST_F(SimulatorServerTest, ReadsRequestsInAnySplit) {
    start();
    auto client = this->client();
    for (const char c : raw_chat("slowly")) client.send(std::string(1, c));
    EXPECT_NE(client.read().body.find("You said: slowly"), std::string::npos);
}

TEST_F(SimulatorServerTest, ReadsChunkedBodies) {
    auto& server = start();
    auto client = this->client();
    const auto body = chat("in chunks");
    client.send(
        "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer k\r\nContent-Type: application/json\r\n"
        "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n");
    client.send("7F\r\n" + (body.substr(1) + std::string(127, ' ')).substr(0, 127) + "\r\n0\r\n\r\n");
    EXPECT_NE(client.read().body.find("You said: in chunks"), std::string::npos);
    EXPECT_EQ(server.requests().at(0).body.size(), 128U);
}

TEST_F(SimulatorServerTest, InvitesABodyThatWaits) {
    start();
    auto client = this->client();
    const auto body = chat("politely");
    client.send(
        "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer k\r\nContent-Type: application/json\r\n"
        "Expect: 100-continue\r\nContent-Length: " +
        std::to_string(body.size()) + "\r\n\r\n");
    EXPECT_EQ(client.read_head().status, 100);
    client.send(body);
    EXPECT_EQ(client.read().status, 200);
}

TEST_F(SimulatorServerTest, RefusesWhatIsNoRequest) {
    auto& server = start();
    auto client = this->client();
    client.send("NONSENSE\r\n\r\n");
    EXPECT_EQ(client.read().status, 400);
    EXPECT_TRUE(client.closed_within(test::step_limit));
    EXPECT_EQ(server.received(), 0U);
}

TEST_F(SimulatorServerTest, HeadHasNoBody) {
    start();
    auto client = this->client();
    EXPECT_GE(client.request("HEAD", "/v1/models", {}, with_key).status, 200);
    EXPECT_EQ(client.get("/v1/models", with_key).status, 200) << "the connection is in step";
}

TEST_F(SimulatorServerTest, StreamsInChunks) {
    start();
    auto client = this->client();
    ask(client, chat("tell me something", true));
    const auto head = client.read_head();
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.field("transfer-encoding"), "chunked");
    EXPECT_EQ(head.field("content-length"), "");
    std::vector<std::string> pieces;
    while (auto piece = client.read_piece()) pieces.push_back(*piece);
    EXPECT_FALSE(client.broken());
    ASSERT_GT(pieces.size(), 8U);
    for (const auto& piece : pieces) EXPECT_EQ(piece.substr(0, 6), "data: ") << "one event a chunk";
    EXPECT_EQ(pieces.back(), "data: [DONE]\n\n");
    EXPECT_EQ(post(client, chat("more")).status, 200) << "the connection lives on";
}

TEST_F(SimulatorServerTest, StreamsToHttp10UntilTheConnectionEnds) {
    start();
    auto client = this->client();
    const auto body = chat("old", true);
    client.send(
        "POST /v1/chat/completions HTTP/1.0\r\nConnection: keep-alive\r\nAuthorization: Bearer k\r\nContent-Type: application/json\r\n"
        "Content-Length: " +
        std::to_string(body.size()) + "\r\n\r\n" + body);
    const auto answer = client.read();
    EXPECT_EQ(answer.field("transfer-encoding"), "");
    EXPECT_EQ(answer.field("connection"), "close");
    EXPECT_TRUE(answer.body.ends_with("data: [DONE]\n\n"));
}

TEST_F(SimulatorServerTest, SendsEachPieceWhenItIsDue) {
    SimulatorOptions options;
    options.chunk_interval = 1h;
    auto& server = start(options);
    auto client = this->client();
    ask(client, chat("slowly", true));
    EXPECT_EQ(client.read_head().status, 200);
    const auto event = client.read_event();
    ASSERT_TRUE(event);
    EXPECT_EQ(event->substr(0, 6), "data: ");
    EXPECT_FALSE(client.socket().readable_within(0ms)) << "the second one is due in an hour";
    EXPECT_EQ(server.answering(), 1U);
    client.close();
    EXPECT_TRUE(departs(1));
    EXPECT_EQ(server.answering(), 0U);
}

TEST_F(SimulatorServerTest, GoesOnAfterAPause) {
    start();
    auto client = this->client();
    const auto answer = post(client, chat("simulate:interval=1 simulate:chunks=4 gently", true));
    EXPECT_TRUE(answer.body.ends_with("data: [DONE]\n\n"));
}

TEST_F(SimulatorServerTest, LatencyComesBeforeTheHead) {
    SimulatorOptions options;
    options.latency = 1h;
    auto& server = start(options);
    auto client = this->client();
    ask(client, chat("hello"));
    ASSERT_TRUE(server.wait_until([&] { return server.answering() == 1; }, limit));
    EXPECT_FALSE(client.socket().readable_within(0ms));
    EXPECT_EQ(server.departed(), 0U);
    client.close();
    EXPECT_TRUE(departs(1));
    EXPECT_TRUE(server.wait_until([&] { return server.open_connections() == 0; }, limit));
}

TEST_F(SimulatorServerTest, AShortLatencyPasses) {
    SimulatorOptions options;
    options.latency = 5ms;
    start(options);
    auto client = this->client();
    const auto before = std::chrono::steady_clock::now();
    EXPECT_EQ(post(client, chat("hello")).status, 200);
    EXPECT_GE(std::chrono::steady_clock::now() - before, 5ms);
}

TEST_F(SimulatorServerTest, CutsInTheMiddle) {
    auto& server = start();
    for (const bool stream : {false, true}) {
        auto client = this->client();
        ask(client, chat("simulate:cut", stream));
        EXPECT_EQ(client.read_head().status, 200);
        EXPECT_FALSE(client.read_body().empty());
        EXPECT_TRUE(client.broken()) << stream;
    }
    EXPECT_TRUE(server.wait_until([&] { return server.answering() == 0; }, limit));
    EXPECT_EQ(server.departed(), 0U) << "it was the server that left";
}

TEST_F(SimulatorServerTest, ResetClosesWithoutAByte) {
    start();
    auto client = this->client();
    ask(client, chat("simulate:reset"));
    EXPECT_TRUE(client.closed_within(test::step_limit));
}

TEST_F(SimulatorServerTest, HangsUntilTheClientLeaves) {
    auto& server = start();
    auto client = this->client();
    ask(client, chat("simulate:hang"));
    ASSERT_TRUE(server.wait_until([&] { return server.answering() == 1; }, limit));
    EXPECT_FALSE(client.socket().readable_within(0ms));
    client.close();
    EXPECT_TRUE(departs(1));
}

TEST_F(SimulatorServerTest, StallsInTheMiddle) {
    auto& server = start();
    auto client = this->client();
    ask(client, chat("simulate:stall", true));
    EXPECT_EQ(client.read_head().status, 200);
    EXPECT_TRUE(client.read_event());
    EXPECT_EQ(server.answering(), 1U);
    client.socket().reset_on_close();
    client.close();
    EXPECT_TRUE(departs(1));
}

TEST_F(SimulatorServerTest, AClientThatLeavesAfterItsAnswerHasNotDeparted) {
    auto& server = start();
    {
        auto client = this->client();
        EXPECT_EQ(post(client, chat("bye")).status, 200);
    }
    EXPECT_TRUE(server.wait_until([&] { return server.open_connections() == 0; }, limit));
    EXPECT_EQ(server.departed(), 0U);
}

TEST_F(SimulatorServerTest, RemembersRequests) {
    auto& server = start();
    auto first = client();
    auto second = client();
    EXPECT_EQ(first.get("/v1/models?limit=3", {{"Authorization", "Bearer k"}, {"X-Trace", "seven"}}).status, 200);
    EXPECT_EQ(second.post("/v1/chat/completions", "{", with_key).status, 400);
    const auto requests = server.requests();
    ASSERT_EQ(requests.size(), 2U);
    EXPECT_EQ(requests[0].method, "GET");
    EXPECT_EQ(requests[0].target, "/v1/models?limit=3");
    EXPECT_EQ(requests[0].fields.get("x-trace"), "seven");
    EXPECT_EQ(requests[0].status, 200);
    EXPECT_EQ(requests[1].body, "{");
    EXPECT_EQ(requests[1].status, 400);
    EXPECT_NE(requests[0].connection, requests[1].connection);
    server.forget_requests();
    EXPECT_TRUE(server.requests().empty());
    EXPECT_EQ(server.received(), 2U);
}

TEST_F(SimulatorServerTest, RemembersTheNewestWithinTheLimit) {
    SimulatorOptions options;
    options.log_limit = 2;
    auto& server = start(options);
    auto client = this->client();
    for (const auto* text : {"one", "two", "three"}) EXPECT_EQ(post(client, chat(text)).status, 200);
    const auto requests = server.requests();
    ASSERT_EQ(requests.size(), 2U);
    EXPECT_EQ(requests[0].body, chat("two"));
    EXPECT_EQ(requests[1].body, chat("three"));
    EXPECT_EQ(server.received(), 3U);
}

TEST_F(SimulatorServerTest, FailsAllPosts) {
    auto& server = start();
    auto client = this->client();
    server.fail_all(503);
    const auto refused = post(client, "no JSON at all");
    EXPECT_EQ(refused.status, 503);
    EXPECT_TRUE(nlohmann::json::parse(refused.body).at("error").contains("message"));
    EXPECT_EQ(client.get("/v1/models", with_key).status, 200);
    EXPECT_EQ(server.requests().at(0).status, 503);
    server.fail_all(0);
    EXPECT_EQ(post(client, chat("again")).status, 200);
}

TEST_F(SimulatorServerTest, WaitsForWhatHappens) {
    auto& server = start();
    EXPECT_FALSE(server.wait_until([&] { return server.received() == 1; }, 1ms));
    auto client = this->client();
    ask(client, chat("hello"));
    EXPECT_TRUE(server.wait_until([&] { return server.received() == 1; }, limit));
    EXPECT_TRUE(server.wait_until([] { return true; }, 0ms));
}

TEST_F(SimulatorServerTest, StopClosesEveryConnection) {
    auto& server = start();
    auto idle = client();
    auto hanging = client();
    EXPECT_EQ(post(idle, chat("hello")).status, 200);
    ask(hanging, chat("simulate:hang"));
    ASSERT_TRUE(server.wait_until([&] { return server.answering() == 1; }, limit));
    server.stop();
    EXPECT_TRUE(idle.closed_within(test::step_limit));
    EXPECT_TRUE(hanging.closed_within(test::step_limit));
    EXPECT_TRUE(server.wait_until([&] { return server.open_connections() == 0 && server.answering() == 0; }, limit));
    EXPECT_EQ(server.departed(), 0U) << "nobody left";
}

TEST_F(SimulatorServerTest, MayEndBeforeItsSessions) {
    auto& server = start();
    auto client = this->client();
    ask(client, chat("simulate:hang"));
    ASSERT_TRUE(server.wait_until([&] { return server.answering() == 1; }, limit));
    server_.reset();
    EXPECT_TRUE(client.closed_within(test::step_limit));
}

TEST_F(SimulatorServerTest, LoopsMayEndUnderOpenSessions) {
    auto& server = start();
    auto client = this->client();
    ask(client, chat("simulate:stall", true));
    EXPECT_EQ(client.read_head().status, 200);
    loops_.stop();
    server.stop();
    EXPECT_EQ(server.answering(), 1U);
}

TEST_F(SimulatorServerTest, ManyClientsAtOnce) {
    auto& server = start();
    std::vector<test::HttpClient> clients;
    for (int i = 0; i < 50; ++i) clients.push_back(client());
    for (std::size_t i = 0; i < clients.size(); ++i) ask(clients[i], chat("number " + std::to_string(i), i % 2 == 0));
    for (std::size_t i = 0; i < clients.size(); ++i) EXPECT_EQ(clients[i].read().status, 200) << i;
    EXPECT_EQ(server.accepted(), 50U);
    EXPECT_EQ(server.open_connections(), 50U);
}

TEST_F(SimulatorServerTest, TellsItsUrl) {
    auto& server = start();
    EXPECT_NE(server.port(), 0);
    EXPECT_EQ(server.url(), "http://127.0.0.1:" + std::to_string(server.port()));
}

TEST(SimulatorServerStart, FailsForAnUnknownProvider) {
    net::EventLoops loops(1);
    SimulatorOptions options;
    options.provider = "acme";
    EXPECT_FALSE(SimulatorServer(loops, options).start());
}

TEST(SimulatorServerStart, FailsForATakenPort) {
    net::EventLoops loops(1);
    SimulatorServer first(loops, {});
    ASSERT_TRUE(first.start());
    SimulatorOptions options;
    options.port = first.port();
    EXPECT_FALSE(SimulatorServer(loops, options).start());
}

TEST(SimulatorServerStart, FailsForABadHost) {
    net::EventLoops loops(1);
    SimulatorOptions options;
    options.host = "not a host";
    EXPECT_FALSE(SimulatorServer(loops, options).start());
}

}  // namespace
}  // namespace smg::simulator
