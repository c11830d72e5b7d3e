#include "net/acceptor.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <mutex>
#include <thread>

#include "support/loop_runner.hpp"

namespace smg::net {
namespace {

bool has_ipv6() {
    asio::io_context context;
    tcp::acceptor probe(context);
    error_code code;
    probe.open(tcp::v6(), code);
    if (!code) probe.bind({asio::ip::address_v6::loopback(), 0}, code);
    return !code;
}

/// Loops on threads of their own, and what they were handed.
class AcceptorTest : public testing::Test {
protected:
    static constexpr std::size_t loop_count = 3;

    ~AcceptorTest() override { loops_.stop(); }

    void start() {
        acceptor_.start([this](EventLoop& loop, tcp::socket socket) {
            const std::scoped_lock lock(mutex_);
            ++dealt_[&loop];
            threads_[&loop].push_back(std::this_thread::get_id());
            right_loop_ = right_loop_ && &socket.get_executor().context() == &loop.context();
            sockets_.push_back(std::move(socket));
        });
        loops_.start();
    }
    std::size_t accepted() {
        const std::scoped_lock lock(mutex_);
        return sockets_.size();
    }
    /// A client's connection, and the wait until it was dealt.
    bool visit(const tcp::endpoint& endpoint) {
        const auto before = accepted();
        clients_.emplace_back(client_loop_.context());
        error_code code;
        clients_.back().connect(endpoint, code);
        return !code && test::run_until(client_loop_, [&] { return accepted() > before; });
    }

    EventLoop client_loop_;
    EventLoops loops_{loop_count};
    Acceptor acceptor_{loops_};
    std::mutex mutex_;
    std::map<EventLoop*, std::size_t> dealt_;
    std::map<EventLoop*, std::vector<std::thread::id>> threads_;
    bool right_loop_ = true;
    std::vector<tcp::socket> sockets_;
    std::vector<tcp::socket> clients_;
};

TEST_F(AcceptorTest, PortZeroIsOnePortForAllAddresses) {
    std::vector<std::string> hosts{"127.0.0.1"};
    if (has_ipv6()) hosts.emplace_back("::1");
    hosts.emplace_back("127.0.0.2");
    ASSERT_TRUE(acceptor_.listen(hosts, 0));
    EXPECT_NE(acceptor_.port(), 0);
    ASSERT_EQ(acceptor_.endpoints().size(), hosts.size());
    start();
    for (const auto& endpoint : acceptor_.endpoints()) {
        EXPECT_EQ(endpoint.port(), acceptor_.port());
        EXPECT_TRUE(visit(endpoint)) << endpoint.address().to_string();
    }
}

TEST_F(AcceptorTest, LocalhostIsBothFamilies) {
    ASSERT_TRUE(acceptor_.listen({"localhost"}, 0));
    EXPECT_EQ(acceptor_.endpoints().size(), has_ipv6() ? 2U : 1U);
    start();
    for (const auto& endpoint : acceptor_.endpoints()) {
        EXPECT_TRUE(endpoint.address().is_loopback());
        EXPECT_TRUE(visit(endpoint));
    }
}

TEST_F(AcceptorTest, UnspecifiedAddressesOfBothFamiliesStandSideBySide) {
    if (!has_ipv6()) GTEST_SKIP() << "the machine has no IPv6";
    ASSERT_TRUE(acceptor_.listen({"0.0.0.0", "::"}, 0));
    start();
    EXPECT_TRUE(visit({asio::ip::address_v4::loopback(), acceptor_.port()}));
    EXPECT_TRUE(visit({asio::ip::address_v6::loopback(), acceptor_.port()}));
}

TEST_F(AcceptorTest, ConnectionsAreDealtInTurnEachToItsLoopsThread) {
    ASSERT_TRUE(acceptor_.listen({"127.0.0.1"}, 0));
    start();
    for (std::size_t i = 0; i < 4 * loop_count; ++i) ASSERT_TRUE(visit(acceptor_.endpoints()[0]));
    const std::scoped_lock lock(mutex_);
    EXPECT_TRUE(right_loop_);
    ASSERT_EQ(dealt_.size(), loop_count);
    for (const auto& [loop, count] : dealt_) EXPECT_EQ(count, 4U);
    for (const auto& [loop, threads] : threads_)
        for (const auto& thread : threads) EXPECT_EQ(thread, threads.front());
}

TEST_F(AcceptorTest, TakenPortIsAnErrorThatNamesIt) {
    ASSERT_TRUE(acceptor_.listen({"127.0.0.1"}, 0));
    Acceptor second(loops_);
    const auto taken = second.listen({"127.0.0.1"}, acceptor_.port());
    ASSERT_FALSE(taken);
    EXPECT_NE(taken.error().message.find("127.0.0.1:" + std::to_string(acceptor_.port())), std::string::npos) << taken.error().message;
}

TEST_F(AcceptorTest, StopClosesTheDoor) {
    ASSERT_TRUE(acceptor_.listen({"127.0.0.1"}, 0));
    start();
    ASSERT_TRUE(visit(acceptor_.endpoints()[0]));
    acceptor_.stop();
    EXPECT_TRUE(test::run_until(client_loop_, [&] {
        tcp::socket late(client_loop_.context());
        error_code code;
        late.connect(acceptor_.endpoints()[0], code);
        return code == asio::error::connection_refused;
    }));
}

TEST_F(AcceptorTest, WhoConnectedBeforeTheEndIsDealtBeforeItHasStopped) {
    ASSERT_TRUE(acceptor_.listen({"127.0.0.1"}, 0));
    start();
    EXPECT_FALSE(acceptor_.stopped());
    constexpr std::size_t visitors = 50;
    for (std::size_t i = 0; i < visitors; ++i) {
        clients_.emplace_back(client_loop_.context());
        clients_.back().connect(acceptor_.endpoints()[0]);
    }
    acceptor_.stop();
    while (!acceptor_.stopped()) std::this_thread::yield();
    EXPECT_EQ(accepted(), visitors);
}

TEST_F(AcceptorTest, MayBeGoneBeforeTheLoopsEnd) {
    {
        Acceptor early(loops_);
        ASSERT_TRUE(early.listen({"127.0.0.1"}, 0));
        early.start([](EventLoop&, tcp::socket) {});
        early.stop();
    }
    loops_.start();
    loops_.stop();
}

}  // namespace
}  // namespace smg::net
