#include "net/byte_stream.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "unit/net/stream_pair.hpp"

namespace smg::net {
namespace {

class ByteStreamTest : public testing::TestWithParam<bool> {
protected:
    void send(ByteStream& stream, const std::string& text) {
        if (!stream.send({text})) {
            EXPECT_FALSE(test::run(loop_, flush(stream.shared_from_this())));
        }
    }
    Received read(const std::shared_ptr<ByteStream>& stream) { return test::run(loop_, read_once(stream)); }

    EventLoop loop_;
    StreamPair pair_{loop_, GetParam()};
    std::shared_ptr<ByteStream> near_ = pair_.near;
    std::shared_ptr<ByteStream> far_ = pair_.far;
};

INSTANTIATE_TEST_SUITE_P(, ByteStreamTest, testing::Bool(), [](const auto& tested) { return tested.param ? "Tls" : "Plain"; });

TEST_P(ByteStreamTest, BytesGoBothWays) {
    EXPECT_EQ(near_->is_tls(), GetParam());
    send(*near_, "hello");
    EXPECT_EQ(test::run(loop_, read_bytes(far_, 5)).text, "hello");
    send(*far_, "hi");
    EXPECT_EQ(test::run(loop_, read_bytes(near_, 2)).text, "hi");
    EXPECT_EQ(near_->peer().address(), asio::ip::address_v4::loopback());
}

TEST_P(ByteStreamTest, ReadWaitsForBytes) {
    test::Running<Received> reading(loop_, read_once(near_));
    test::run_ready(loop_);
    EXPECT_FALSE(reading.done());
    send(*far_, "now");
    EXPECT_EQ(reading.get().text, "now");
}

TEST_P(ByteStreamTest, PiecesArriveInOrder) {
    const std::string head = "head";
    const std::string tail = "tail";
    if (!near_->send({head, "", tail})) {
        EXPECT_FALSE(test::run(loop_, flush(near_)));
    }
    EXPECT_EQ(test::run(loop_, read_bytes(far_, 8)).text, "headtail");
}

TEST_P(ByteStreamTest, PeerThatDoesNotReadMakesSendKeepTheRest) {
    const auto piece = pattern(256 * 1024);
    std::size_t sent = 0;
    test::Running<error_code>* flushing = nullptr;
    // The kernel's buffers take some megabytes; then a flush stands still.
    for (int i = 0; i < 1000 && flushing == nullptr; ++i) {
        sent += piece.size();
        if (near_->send({piece})) continue;
        auto attempt = std::make_unique<test::Running<error_code>>(loop_, flush(near_));
        for (int turn = 0; turn < 50 && !attempt->done(); ++turn) test::run_ready(loop_);
        if (attempt->done()) continue;
        flushing = attempt.release();
    }
    const std::unique_ptr<test::Running<error_code>> owner(flushing);
    ASSERT_NE(flushing, nullptr) << "the kernel took all of it";
    test::Running<Received> reading(loop_, read_bytes(far_, sent));
    EXPECT_FALSE(flushing->get());
    const auto received = reading.get().text;
    ASSERT_EQ(received.size(), sent);
    for (std::size_t at = 0; at < sent; at += piece.size()) ASSERT_EQ(received.compare(at, piece.size(), piece), 0) << at;
}

TEST_P(ByteStreamTest, FlushEndsWithAnErrorWhenThePeerIsGone) {
    const auto piece = pattern(1024 * 1024);
    far_->close();
    error_code code;
    for (int i = 0; i < 100 && !code; ++i)
        if (!near_->send({piece})) code = test::run(loop_, flush(near_));
    EXPECT_TRUE(code);
    EXPECT_FALSE(near_->send({piece})) << "a broken stream stays broken";
}

TEST_P(ByteStreamTest, WriteTakesALargeMessage) {
    const auto head = pattern(1000);
    const auto body = pattern(9 * 1024 * 1024);
    test::Running<error_code> writing(loop_, write_text(near_, head, body));
    const auto received = test::run(loop_, read_bytes(far_, head.size() + body.size()));
    EXPECT_FALSE(writing.get());
    EXPECT_TRUE(received.text == head + body);
}

TEST_P(ByteStreamTest, WriteWithoutBody) {
    EXPECT_FALSE(test::run(loop_, write_text(near_, "only a head", "")));
    EXPECT_EQ(test::run(loop_, read_bytes(far_, 11)).text, "only a head");
}

TEST_P(ByteStreamTest, CloseIsReadAsEof) {
    send(*far_, "last words");
    far_->close();
    EXPECT_EQ(test::run(loop_, read_bytes(near_, 10)).text, "last words");
    EXPECT_EQ(read(near_).code, asio::error::eof);
}

TEST_P(ByteStreamTest, ShutdownSendEndsOneDirection) {
    send(*near_, "bye");
    near_->shutdown_send();
    EXPECT_EQ(test::run(loop_, read_bytes(far_, 3)).text, "bye");
    EXPECT_EQ(read(far_).code, asio::error::eof);
    EXPECT_TRUE(near_->is_open());
}

TEST_P(ByteStreamTest, ShutdownSendLeavesTheOtherDirectionOpen) {
    near_->shutdown_send();
    EXPECT_EQ(read(far_).code, asio::error::eof);
    EXPECT_EQ(read(far_).code, asio::error::eof) << "and again";
    test::Running<Received> reading(loop_, read_bytes(near_, 1000));
    test::run_ready(loop_);
    const auto text = pattern(1000);
    send(*far_, text);
    EXPECT_TRUE(reading.get().text == text);
    far_->close();
    EXPECT_EQ(read(near_).code, asio::error::eof);
}

TEST_P(ByteStreamTest, CloseEndsAPendingRead) {
    test::Running<Received> reading(loop_, read_once(near_));
    test::run_ready(loop_);
    near_->close();
    EXPECT_EQ(reading.get().code, asio::error::operation_aborted);
    EXPECT_FALSE(near_->is_open());
}

TEST_P(ByteStreamTest, CloseEndsAPendingWrite) {
    test::Running<error_code> writing(loop_, write_text(near_, "", pattern(64 * 1024 * 1024)));
    test::run_ready(loop_);
    ASSERT_FALSE(writing.done());
    near_->close();
    EXPECT_TRUE(writing.get());
}

TEST_P(ByteStreamTest, InterruptEndsAReadAndLeavesTheStreamUsable) {
    test::Running<Received> reading(loop_, read_once(near_));
    test::run_ready(loop_);
    near_->interrupt();
    EXPECT_EQ(reading.get().code, asio::error::operation_aborted);
    send(*far_, "still here");
    EXPECT_EQ(test::run(loop_, read_bytes(near_, 10)).text, "still here");
    send(*near_, "me too");
    EXPECT_EQ(test::run(loop_, read_bytes(far_, 6)).text, "me too");
}

TEST_P(ByteStreamTest, WatchTellsWhenThePeerCloses) {
    int told = 0;
    near_->watch([&] { ++told; });
    test::run_ready(loop_);
    EXPECT_EQ(told, 0);
    far_->close();
    ASSERT_TRUE(test::run_until(loop_, [&] { return told > 0; }));
    test::run_ready(loop_);
    EXPECT_EQ(told, 1);
    EXPECT_EQ(read(near_).code, asio::error::eof);
}

TEST_P(ByteStreamTest, WatchTellsWhenTheConnectionBreaks) {
    bool told = false;
    near_->watch([&] { told = true; });
    const linger at_once{1, 0};  // closing sends RST
    ASSERT_EQ(::setsockopt(far_->native_handle(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), 0);
    far_->close();
    ASSERT_TRUE(test::run_until(loop_, [&] { return told; }));
    EXPECT_TRUE(read(near_).code);
}

TEST_P(ByteStreamTest, WatchTellsOfACloseBehindBytesThatNobodyReads) {
    bool told = false;
    near_->watch([&] { told = true; });
    send(*far_, "pipelined");
    test::run_ready(loop_);
    send(*far_, " and more");
    far_->close();
    ASSERT_TRUE(test::run_until(loop_, [&] { return told; }));
    EXPECT_EQ(test::run(loop_, read_bytes(near_, 18)).text, "pipelined and more");
    EXPECT_EQ(read(near_).code, asio::error::eof);
    EXPECT_EQ(read(near_).code, asio::error::eof) << "and again";
}

TEST_P(ByteStreamTest, BytesThatArriveWhileWatchedAreKept) {
    near_->watch([] { ADD_FAILURE() << "nobody closed"; });
    const auto text = pattern(40'000);
    for (std::size_t at = 0; at < text.size(); at += 10'000) {
        send(*far_, text.substr(at, 10'000));
        test::run_ready(loop_);
    }
    near_->unwatch();
    EXPECT_TRUE(test::run(loop_, read_bytes(near_, text.size())).text == text);
    send(*far_, "next");
    EXPECT_EQ(test::run(loop_, read_bytes(near_, 4)).text, "next");
}

TEST_P(ByteStreamTest, ReadTakesOverFromAPendingWatch) {
    near_->watch([] {});
    test::run_ready(loop_);
    near_->unwatch();
    test::Running<Received> reading(loop_, read_bytes(near_, 6));
    test::run_ready(loop_);
    EXPECT_FALSE(reading.done());
    send(*far_, "abc");
    test::run_ready(loop_);
    send(*far_, "def");
    EXPECT_EQ(reading.get().text, "abcdef");
}

TEST_P(ByteStreamTest, CloseEndsAReadThatWaitsBehindAWatch) {
    near_->watch([] {});
    near_->unwatch();
    test::Running<Received> reading(loop_, read_once(near_));
    test::run_ready(loop_);
    near_->close();
    EXPECT_TRUE(reading.get().code);
}

TEST_P(ByteStreamTest, InterruptEndsAReadThatWaitsBehindAWatch) {
    near_->watch([] {});
    near_->unwatch();
    test::Running<Received> reading(loop_, read_once(near_));
    test::run_ready(loop_);
    near_->interrupt();
    EXPECT_EQ(reading.get().code, asio::error::operation_aborted);
    send(*far_, "later");
    EXPECT_EQ(test::run(loop_, read_bytes(near_, 5)).text, "later");
}

TEST_P(ByteStreamTest, InterruptLeavesAWatchStanding) {
    int told = 0;
    near_->watch([&] { ++told; });
    test::run_ready(loop_);
    near_->interrupt();
    test::run_ready(loop_);
    EXPECT_EQ(told, 0);
    far_->close();
    EXPECT_TRUE(test::run_until(loop_, [&] { return told > 0; }));
}

TEST_P(ByteStreamTest, WatchedFloodIsBounded) {
    near_->watch([] {});
    const auto text = pattern(16 * 1024 * 1024);
    test::Running<error_code> writing(loop_, write_text(far_, "", text));
    for (int turn = 0; turn < 1000; ++turn) test::run_ready(loop_);
    EXPECT_FALSE(writing.done()) << "sixteen megabytes were taken from a peer to whom nobody listens";
    near_->unwatch();
    EXPECT_TRUE(test::run(loop_, read_bytes(near_, text.size())).text == text);
    EXPECT_FALSE(writing.get());
}

TEST_P(ByteStreamTest, UnwatchForgetsTheCallback) {
    bool told = false;
    near_->watch([&] { told = true; });
    near_->unwatch();
    far_->close();
    EXPECT_EQ(read(near_).code, asio::error::eof);
    EXPECT_FALSE(told);
}

TEST_P(ByteStreamTest, WatchAgainWhileTheFirstStillWaits) {
    int first = 0;
    int second = 0;
    near_->watch([&] { ++first; });
    near_->unwatch();
    near_->watch([&] { ++second; });
    far_->close();
    ASSERT_TRUE(test::run_until(loop_, [&] { return second > 0; }));
    EXPECT_EQ(first, 0);
    EXPECT_EQ(second, 1);
}

TEST_P(ByteStreamTest, WatchAfterTheEndTellsAtOnce) {
    bool first = false;
    near_->watch([&] { first = true; });
    far_->close();
    ASSERT_TRUE(test::run_until(loop_, [&] { return first; }));
    bool second = false;
    near_->watch([&] { second = true; });
    EXPECT_TRUE(test::run_until(loop_, [&] { return second; }));
}

TEST_P(ByteStreamTest, WatchCallbackMayDropTheLastReference) {
    auto last = near_;
    near_.reset();
    pair_.near.reset();
    bool told = false;
    auto* stream = last.get();
    stream->watch([&] {
        told = true;
        last.reset();
    });
    far_->close();
    EXPECT_TRUE(test::run_until(loop_, [&] { return told; }));
}

TEST_P(ByteStreamTest, StaleOnceThePeerClosed) {
    EXPECT_FALSE(near_->is_stale());
    far_->close();
    // The kernel delivers the end of a loopback connection before close returns, or a moment later.
    EXPECT_TRUE(test::run_until(loop_, [&] { return near_->is_stale(); }));
}

TEST_P(ByteStreamTest, StaleWhenClosedHere) {
    near_->close();
    EXPECT_TRUE(near_->is_stale());
}

TEST_P(ByteStreamTest, NotStaleAfterAnExchange) {
    send(*near_, "question");
    EXPECT_EQ(test::run(loop_, read_bytes(far_, 8)).text, "question");
    send(*far_, "answer");
    EXPECT_EQ(test::run(loop_, read_bytes(near_, 6)).text, "answer");
    EXPECT_FALSE(near_->is_stale());
}

// What a strict TLS client wants to see before it believes that an answer without a length is whole.
TEST(TlsByteStream, ShutdownSendSendsCloseNotify) {
    EventLoop loop;
    auto sockets = connected_sockets(loop);
    TlsPair contexts;
    auto client = contexts.client->wrap(std::move(sockets.first), "localhost", "key");
    auto server_socket = std::make_unique<TlsSocket>(std::move(sockets.second), *contexts.server);
    test::Running<error_code> accepting(loop, handshake(*server_socket, asio::ssl::stream_base::server));
    ASSERT_FALSE(test::run(loop, handshake(*client, asio::ssl::stream_base::client)));
    ASSERT_FALSE(accepting.get());
    const auto server = std::make_shared<ByteStream>(loop, std::move(server_socket));
    server->shutdown_send();
    error_code code;
    char byte = 0;
    client->next_layer().non_blocking(false);
    client->read_some(asio::buffer(&byte, 1), code);
    EXPECT_EQ(code, asio::error::eof) << code.message() << ": without close_notify it is stream_truncated";
}

TEST(PlainByteStream, StaleWhenBytesArriveThatNobodyAskedFor) {
    EventLoop loop;
    StreamPair pair(loop, false);
    ASSERT_TRUE(pair.far->send({"HTTP/1.1 408 Request Timeout\r\n\r\n"}));
    EXPECT_TRUE(test::run_until(loop, [&] { return pair.near->is_stale(); }));
}

TEST(PlainByteStream, LoopMayEndWhileStreamsWaitInIt) {
    auto loop = std::make_unique<EventLoop>();
    {
        StreamPair pair(*loop, false);
        pair.near->watch([] { ADD_FAILURE(); });
        test::Running<Received> reading(*loop, read_once(pair.far));
        test::run_ready(*loop);
    }
    loop.reset();
}

}  // namespace
}  // namespace smg::net
