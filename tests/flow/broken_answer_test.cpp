/// A 200 that turns out to be no answer, or breaks off: what the client gets, and what the log, the metrics and the breaker say.
#include <gtest/gtest.h>

#include "support/request_log.hpp"
#include "support/two_played_workers.hpp"

namespace smg::test {
namespace {

using std::chrono::milliseconds;

const std::string good = R"({"id":"x","object":"chat.completion","created":1,"model":"gpt-4o","choices":[]})";

class BrokenAnswer : public TwoPlayedWorkers {
protected:
    using TwoPlayedWorkers::TwoPlayedWorkers;
    double errors(const std::string& type, double at_least = 1) const {
        return gateway.metric("smg_worker_errors_total", {"error_type=\"" + type + "\""}, at_least);
    }
    /// The line of the last request, once it is there.
    Json line(std::size_t count = 1) const {
        (void)gateway.metric("smg_http_responses_total", {"path=\"/v1/chat/completions\""}, static_cast<double>(count));
        std::vector<Json> lines;
        for (const auto& each : log.lines())
            if (each.value("endpoint", "") == "chat") lines.push_back(each);
        return lines.size() == count ? lines.back() : Json(lines);
    }

    const RequestLog log;
};

const std::vector<std::string> no_answers{
    "HTTP/1.1 204 No Content\r\n\r\n",
    sized_answer(200, ""),
    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    sized_answer(200, R"({"a":)"),
    sized_answer(200, "<html>captive portal</html>", "text/html"),
};

TEST_F(BrokenAnswer, AUnaryOneIsA502AndAFailure) {
    double count = 0;
    for (const auto& answer : no_answers) {
        auto client = ask(false);
        auto provider = taken(first);
        provider.send(answer);
        const auto told = client.read();
        EXPECT_EQ(told.status, 502) << answer;
        EXPECT_EQ(told.field("x-smg-error-code"), "upstream_error") << answer;
        EXPECT_EQ(errors("malformed", ++count), count) << answer;
        provider.close();
    }
    EXPECT_FALSE(second.contacted_within(milliseconds(50))) << "it may be billed";
}

TEST_F(BrokenAnswer, AStreamMoves) {
    double count = 0;
    for (const auto& answer : no_answers) {
        auto client = ask(true);
        auto broken = taken(first);
        broken.send(answer);
        broken.close();
        auto provider = taken(second);
        provider.send(std::string(stream_head) + chunk(chat_event("from the second")) + chunk(chat_event("", "stop")) + chunk(done_event) +
                      std::string(end_of_chunks));
        const auto told = client.read();
        EXPECT_EQ(told.status, 200) << answer;
        EXPECT_EQ(told.field("x-smg-worker"), "second") << answer;
        EXPECT_EQ(gateway.metric("smg_worker_errors_total", {}, ++count), count) << answer;
        provider.close();
    }
}

TEST_F(BrokenAnswer, TruncatedJsonThatHasBeenPassedOnIsAFailureStill) {
    auto client = ask(false);
    auto provider = taken(first);
    const std::string half = R"({"id":"x","choices":[{"message":{"content":")" + std::string(200'000, 'y');
    provider.send("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: " + std::to_string(half.size()) + "\r\n\r\n" +
                  half.substr(0, 1000));
    EXPECT_EQ(client.read_head().status, 200);
    provider.send(half.substr(1000));
    EXPECT_EQ(client.read_body(), half);
    EXPECT_EQ(errors("cut"), 1);
    EXPECT_EQ(line().at("outcome"), "upstream_cut");
    EXPECT_EQ(line().at("ended_by"), "provider");
}

TEST_F(BrokenAnswer, AStreamThatIsCutAfterOutputIsCounted) {
    auto client = ask(true);
    auto provider = taken(first);
    provider.send(std::string(stream_head) + chunk(chat_event("one")));
    EXPECT_EQ(client.read_head().status, 200);
    provider.close();
    (void)client.read_body();
    EXPECT_EQ(errors("cut"), 1);
    EXPECT_EQ(line().at("outcome"), "upstream_cut");
}

TEST_F(BrokenAnswer, AnErrorEventAfterOutputIsCountedByItsClass) {
    auto client = ask(true);
    auto provider = taken(first);
    provider.send(std::string(stream_head) + chunk(chat_event("one")) +
                  chunk("data: {\"error\":{\"message\":\"overloaded\",\"type\":\"server_error\",\"param\":null,\"code\":\"overloaded\"}}\n\n") +
                  std::string(end_of_chunks));
    EXPECT_EQ(client.read().status, 200);
    EXPECT_EQ(errors("overloaded"), 1);
}

TEST_F(BrokenAnswer, AUnaryAnswerThatIsCutIsCounted) {
    auto client = ask(false);
    auto provider = taken(first);
    provider.send("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{\"id\"");
    EXPECT_EQ(client.read_head().status, 200);
    provider.close();
    EXPECT_EQ(errors("cut"), 1);
    EXPECT_EQ(line().at("outcome"), "upstream_cut");
}

class SilentAnswer : public BrokenAnswer {
protected:
    static config::Config impatient() {
        auto config = test_config();
        config.idle_timeout = milliseconds(150);
        return config;
    }
    SilentAnswer() : BrokenAnswer(impatient()) {}
};

TEST_F(SilentAnswer, TheGatewaysOwnTimeoutIsNotTheProvidersCut) {
    auto streaming = ask(true);
    auto provider = taken(first);
    provider.send(std::string(stream_head) + chunk(chat_event("one")));
    EXPECT_EQ(streaming.read_head().status, 200);
    EXPECT_NE(streaming.read_body().find("\"error\""), std::string::npos);
    EXPECT_EQ(line().at("outcome"), "timeout");
    EXPECT_EQ(line().at("ended_by"), "gateway");
    EXPECT_EQ(errors("timeout"), 1);
    EXPECT_EQ(gateway.metric("smg_stream_outcomes_total", {"outcome=\"timeout\""}), 1);
    EXPECT_EQ(gateway.metric("smg_stream_outcomes_total", {"outcome=\"upstream_cut\""}, 0), 0);

    auto unary = ask(false, {{"X-SMG-Timeout-Ms", "1500"}});
    auto slow = taken(first);
    slow.send("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{\"id\"");
    EXPECT_EQ(unary.read_head().status, 200);
    EXPECT_EQ(errors("timeout", 2), 2);
    EXPECT_EQ(line(2).at("outcome"), "timeout");
    EXPECT_EQ(line(2).at("ended_by"), "gateway");
}

TEST_F(SilentAnswer, ATimeoutBeforeAStreamsOutputIsTheGatewaysToo) {
    auto client = ask(true);
    auto hung = taken(first);
    hung.send(stream_head);
    auto hung_too = taken(second);
    hung_too.send(stream_head);
    EXPECT_EQ(client.read().status, 504);
    EXPECT_EQ(line().at("outcome"), "timeout");
    EXPECT_EQ(line().at("ended_by"), "gateway");
}

TEST_F(BrokenAnswer, WhatIsPassedRawMayBeEmpty) {
    auto client = gateway.client();
    client.send_request("DELETE", "/openai/v1/files/f1", "", {{"Authorization", "Bearer sk-proj-caller"}});
    auto provider = taken(first);
    provider.send("HTTP/1.1 204 No Content\r\n\r\n");
    EXPECT_EQ(client.read().status, 204);
    EXPECT_EQ(errors("malformed", 0), 0);
}

}  // namespace
}  // namespace smg::test
