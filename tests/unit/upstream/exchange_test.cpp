#include "upstream/exchange.hpp"

#include "unit/upstream/fixture.hpp"

namespace smg::upstream {
namespace {

using namespace std::chrono_literals;
using test::RawUpstream;
using test::sized_answer;

class Exchanges : public testing::UpstreamTest {};

TEST_F(Exchanges, AConnectionServesOneRequestAfterAnother) {
    play([](RawUpstream& upstream) {
        auto connection = upstream.accept();
        for (const auto* body : {"first", "second"}) {
            connection.read();
            connection.send(sized_answer(200, body));
        }
    });
    EXPECT_EQ(ask()->body, "first");
    EXPECT_EQ(ask()->body, "second");
    EXPECT_EQ(counters_.opened.load(), 1U);
    EXPECT_EQ(counters_.reused.load(), 1U);
    EXPECT_EQ(counters_.active.load(), 0);
    EXPECT_EQ(counters_.idle.load(), 1);
}

TEST_F(Exchanges, AReusedConnectionThatDiesUnansweredIsReplacedOnce) {
    play([](RawUpstream& upstream) {
        {
            auto stale = upstream.accept();
            stale.read();
            stale.send(sized_answer(200, "first"));
            stale.read();  // and closes without a byte
        }
        auto fresh = upstream.accept();
        fresh.read();
        fresh.send(sized_answer(200, "second"));
    });
    EXPECT_EQ(ask()->body, "first");
    EXPECT_EQ(ask()->body, "second");
    EXPECT_EQ(counters_.opened.load(), 2U);
}

TEST_F(Exchanges, AFreshConnectionThatDiesIsNotReplaced) {
    play([](RawUpstream& upstream) {
        upstream.accept().read();
        EXPECT_FALSE(upstream.contacted_within(200ms)) << "the upstream may have acted on the first";
    });
    const auto answer = ask("{}");
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().failure, Failure::upstream_error);
    EXPECT_EQ(counters_.active.load(), 0);
}

TEST_F(Exchanges, SilenceBeforeTheFirstByteIsATimeout) {
    timeouts_.first_byte = 60ms;
    play([](RawUpstream& upstream) {
        auto connection = upstream.accept();
        connection.read();
        EXPECT_TRUE(connection.closed_within(5s));
    });
    const auto answer = ask();
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().failure, Failure::upstream_timeout);
}

TEST_F(Exchanges, SilenceInTheBodyIsATimeout) {
    timeouts_.idle = 60ms;
    play([](RawUpstream& upstream) {
        auto connection = upstream.accept();
        connection.read();
        connection.send("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf");
        EXPECT_TRUE(connection.closed_within(5s));
    });
    EXPECT_EQ(ask().error().failure, Failure::upstream_timeout);
}

TEST_F(Exchanges, TheTotalLimitHoldsAlthoughBytesKeepComing) {
    timeouts_.total = 150ms;
    play([](RawUpstream& upstream) {
        auto connection = upstream.accept();
        connection.read();
        connection.send(test::stream_head);
        while (!connection.closed_within(10ms)) connection.send(test::chunk("drop"));
    });
    EXPECT_EQ(ask().error().failure, Failure::upstream_timeout);
}

TEST_F(Exchanges, InterimAnswersArePassedOver) {
    play([](RawUpstream& upstream) {
        auto connection = upstream.accept();
        connection.read();
        connection.send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" + sized_answer(201, "made"));
    });
    const auto answer = ask();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->head.status, 201);
    EXPECT_EQ(answer->body, "made");
}

TEST_F(Exchanges, ChunkedByteByByte) {
    play([](RawUpstream& upstream) {
        auto connection = upstream.accept();
        connection.read();
        const auto text = std::string(test::stream_head) + test::chunk("one ") + test::chunk("two") + std::string(test::end_of_chunks);
        for (const char c : text) connection.send(std::string_view(&c, 1));
    });
    EXPECT_EQ(ask()->body, "one two");
    EXPECT_EQ(counters_.idle.load(), 1);
}

TEST_F(Exchanges, ABodyWithoutAnEndRunsUntilTheConnectionCloses) {
    play([](RawUpstream& upstream) {
        auto connection = upstream.accept();
        connection.read();
        connection.send("HTTP/1.1 200 OK\r\n\r\nall of it");
    });
    EXPECT_EQ(ask()->body, "all of it");
    EXPECT_EQ(counters_.idle.load(), 0);
}

TEST_F(Exchanges, ACutBodyIsAnError) {
    play([](RawUpstream& upstream) {
        auto connection = upstream.accept();
        connection.read();
        connection.send(std::string(test::stream_head) + test::chunk("half"));
    });
    EXPECT_EQ(ask().error().failure, Failure::upstream_error);
}

TEST_F(Exchanges, NoContentHasNoBody) {
    play([](RawUpstream& upstream) {
        auto connection = upstream.accept();
        connection.read();
        connection.send("HTTP/1.1 204 No Content\r\n\r\n");
    });
    EXPECT_EQ(ask()->head.status, 204);
}

TEST_F(Exchanges, WhatFollowsAnAnswerUnaskedEndsTheConnection) {
    play([](RawUpstream& upstream) {
        {
            auto connection = upstream.accept();
            connection.read();
            connection.send(sized_answer(200, "first") + sized_answer(200, "smuggled"));
            EXPECT_TRUE(connection.closed_within(5s));
        }
        auto connection = upstream.accept();
        connection.read();
        connection.send(sized_answer(200, "second"));
    });
    EXPECT_EQ(ask()->body, "first");
    EXPECT_EQ(counters_.idle.load(), 0);
    EXPECT_EQ(ask()->body, "second");
}

TEST_F(Exchanges, ConnectionCloseIsHonoured) {
    play([](RawUpstream& upstream) {
        auto connection = upstream.accept();
        connection.read();
        connection.send(sized_answer(200, "last", "application/json", "connection: close\r\n"));
        EXPECT_TRUE(connection.closed_within(5s));
    });
    EXPECT_EQ(ask()->body, "last");
    EXPECT_EQ(counters_.idle.load(), 0);
}

TEST_F(Exchanges, AnAnswerBeforeTheBodyWasTakenIsHeard) {
    play([](RawUpstream& upstream) {
        auto connection = upstream.accept();
        connection.read_head();
        connection.send(sized_answer(413, "too large", "application/json", "connection: close\r\n"));
    });
    const auto answer = ask(std::string(32 << 20, 'x'));
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->head.status, 413);
}

TEST_F(Exchanges, ACancellationClosesTheConnection) {
    play([](RawUpstream& upstream) {
        auto connection = upstream.accept();
        connection.read();
        connection.send(std::string(test::stream_head) + test::chunk("begun"));
        EXPECT_TRUE(connection.closed_within(5s));
    });
    Exchange exchange(pool_, peer(), timeouts_, cancellation_);
    const auto text = head();
    ASSERT_TRUE(test::run(loop_, exchange.start(text, {})));
    EXPECT_EQ(test::run(loop_, exchange.read())->data, "begun");
    test::Running<Result<Piece>> waiting(loop_, exchange.read());
    test::run_ready(loop_);
    cancellation_.request();
    EXPECT_FALSE(waiting.get());
}

TEST_F(Exchanges, NobodyListens) {
    auto nowhere = peer();
    {
        const RawUpstream gone;
        nowhere.port = gone.port();
    }
    const auto answer = test::run(loop_, fetch(pool_, nowhere, head(), {}, timeouts_, 1024, cancellation_));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().failure, Failure::upstream_error);
    EXPECT_EQ(counters_.active.load(), 0);
}

TEST_F(Exchanges, AnAnswerBeyondTheLimitIsRefused) {
    play([](RawUpstream& upstream) {
        auto connection = upstream.accept();
        connection.read();
        connection.send(sized_answer(200, std::string(2048, 'x')));
    });
    const auto answer = test::run(loop_, fetch(pool_, peer(), head(), {}, timeouts_, 1024, cancellation_));
    EXPECT_EQ(answer.error().failure, Failure::upstream_error);
}

class FullPool : public testing::UpstreamTest {
protected:
    static PoolLimits one() {
        PoolLimits limits;
        limits.max_connections_per_peer = 1;
        return limits;
    }
    FullPool() : UpstreamTest(one()) {}
};

TEST_F(FullPool, AConnectionTooManyIsRefused) {
    play([](RawUpstream& upstream) {
        auto connection = upstream.accept();
        connection.read();
        connection.send(std::string(test::stream_head) + test::chunk("busy"));
        EXPECT_TRUE(connection.closed_within(5s));
    });
    {
        Exchange exchange(pool_, peer(), timeouts_, cancellation_);
        const auto text = head();
        ASSERT_TRUE(test::run(loop_, exchange.start(text, {})));
        EXPECT_EQ(ask().error().failure, Failure::service_unavailable);
    }
    EXPECT_EQ(counters_.active.load(), 0);
}

}  // namespace
}  // namespace smg::upstream
