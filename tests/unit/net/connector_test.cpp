#include "net/connector.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "support/loop_runner.hpp"

namespace smg::net {
namespace {

using namespace std::chrono_literals;
using Connected = Result<tcp::socket>;

/// Addresses to connect to: one that answers, one that refuses, and one that says nothing.
class ConnectorTest : public testing::Test {
protected:
    ConnectorTest() : answering_(loop_.context(), at("127.0.0.1")), silent_(loop_.context()) {
        refusing_ = at("127.0.0.1");
        {
            // Bound and closed again: nobody listens there.
            const tcp::acceptor closed(loop_.context(), at("127.0.0.3"));
            refusing_ = closed.local_endpoint();
        }
        // Linux drops the SYN of whoever comes when the accept queue is full. A queue of length 0 holds one connection.
        silent_.open(tcp::v4());
        silent_.bind(at("127.0.0.2"));
        silent_.listen(0);
        for (int i = 0; i < 4; ++i) {
            queued_.emplace_back(loop_.context());
            queued_.back().open(tcp::v4());
            queued_.back().native_non_blocking(true);
            const auto endpoint = silent_.local_endpoint();
            ::connect(queued_.back().native_handle(), endpoint.data(), static_cast<socklen_t>(endpoint.size()));  // Asio's own would wait
        }
    }
    static tcp::endpoint at(const char* address, std::uint16_t port = 0) { return {asio::ip::make_address(address), port}; }
    Awaitable<Connected> start(std::vector<tcp::endpoint> endpoints, Duration timeout = 20s, AddressRule rule = {}) {
        return connect(loop_, std::move(endpoints), std::move(rule), timeout, cancellation_);
    }
    Connected connect_to(std::vector<tcp::endpoint> endpoints, Duration timeout = 20s, AddressRule rule = {}) {
        return test::run(loop_, start(std::move(endpoints), timeout, std::move(rule)));
    }

    EventLoop loop_;
    Cancellation cancellation_;
    tcp::acceptor answering_;
    tcp::acceptor silent_;
    tcp::endpoint refusing_;
    std::vector<tcp::socket> queued_;
};

TEST_F(ConnectorTest, ConnectsToTheFirstThatAnswers) {
    auto socket = connect_to({answering_.local_endpoint()});
    ASSERT_TRUE(socket);
    EXPECT_EQ(socket->remote_endpoint(), answering_.local_endpoint());
}

TEST_F(ConnectorTest, RefusedThenTheNextAtOnce) {
    const auto began = std::chrono::steady_clock::now();
    auto socket = connect_to({refusing_, refusing_, refusing_, refusing_, refusing_, refusing_, refusing_, refusing_, answering_.local_endpoint()});
    ASSERT_TRUE(socket);
    EXPECT_EQ(socket->remote_endpoint(), answering_.local_endpoint());
    EXPECT_LT(std::chrono::steady_clock::now() - began, 8 * 250ms) << "a refusal waits for no delay between attempts";
}

TEST_F(ConnectorTest, SilentThenTheNextAfterTheAttemptDelay) {
    const auto began = std::chrono::steady_clock::now();
    auto socket = connect_to({silent_.local_endpoint(), answering_.local_endpoint()});
    ASSERT_TRUE(socket) << socket.error().message;
    EXPECT_EQ(socket->remote_endpoint(), answering_.local_endpoint());
    EXPECT_GE(std::chrono::steady_clock::now() - began, 250ms);
}

TEST_F(ConnectorTest, SilentAndRefusedStillWaitsForTheSilentOne) {
    const auto socket = connect_to({silent_.local_endpoint(), refusing_}, 600ms);
    ASSERT_FALSE(socket);
    EXPECT_EQ(socket.error().failure, Failure::upstream_timeout);
}

TEST_F(ConnectorTest, AllRefused) {
    const auto socket = connect_to({refusing_, refusing_});
    ASSERT_FALSE(socket);
    EXPECT_EQ(socket.error().failure, Failure::upstream_error);
    EXPECT_NE(socket.error().message.find("refused"), std::string::npos) << socket.error().message;
}

TEST_F(ConnectorTest, NoAddress) {
    const auto socket = connect_to({});
    ASSERT_FALSE(socket);
    EXPECT_EQ(socket.error().failure, Failure::upstream_error);
}

TEST_F(ConnectorTest, TimeOut) {
    const auto socket = connect_to({silent_.local_endpoint()}, 60ms);
    ASSERT_FALSE(socket);
    EXPECT_EQ(socket.error().failure, Failure::upstream_timeout);
}

TEST_F(ConnectorTest, CancellationEndsItAtOnce) {
    test::Running<Connected> connecting(loop_, start({silent_.local_endpoint()}));
    test::run_ready(loop_);
    ASSERT_FALSE(connecting.done());
    cancellation_.request();
    test::run_ready(loop_);
    ASSERT_TRUE(connecting.done());
    const auto socket = connecting.get();
    ASSERT_FALSE(socket);
    EXPECT_EQ(socket.error().failure, Failure::upstream_error);
    EXPECT_FALSE(connect_to({answering_.local_endpoint()})) << "cancelled before it began";
}

TEST_F(ConnectorTest, ForbiddenAddressesAreNotTried) {
    const auto port = answering_.local_endpoint().port();
    std::vector<asio::ip::address> asked;
    const AddressRule rule = [&](const asio::ip::address& address) {
        asked.push_back(address);
        return address != asio::ip::make_address("127.0.0.1");
    };
    const auto refused = connect_to({at("127.0.0.1", port), at("169.254.169.254", port)}, 20s, rule);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("not allowed"), std::string::npos);
    EXPECT_EQ(asked, std::vector{asio::ip::make_address("127.0.0.1")}) << "what is never allowed is not up to the rule";
    const auto allowed = connect_to({at("169.254.169.254", port), at("0.0.0.0", port), answering_.local_endpoint()});
    ASSERT_TRUE(allowed);
    EXPECT_EQ(allowed->remote_endpoint(), answering_.local_endpoint());
}

TEST(IsConnectable, TheAddressesThatAreNever) {
    for (const char* never : {"0.0.0.0", "0.1.2.3", "169.254.0.1", "169.254.169.254", "224.0.0.1", "239.255.255.255", "255.255.255.255", "::",
                              "ff02::1", "fe80::1", "fd00:ec2::254", "::ffff:169.254.169.254", "::ffff:0.0.0.0", "::ffff:224.0.0.1"})
        EXPECT_FALSE(is_connectable(asio::ip::make_address(never))) << never;
    for (const char* fine : {"127.0.0.1", "::1", "10.0.0.1", "192.168.1.1", "172.16.0.1", "8.8.8.8", "2001:db8::1", "fd00::1", "::ffff:10.0.0.1"})
        EXPECT_TRUE(is_connectable(asio::ip::make_address(fine))) << fine;
}

}  // namespace
}  // namespace smg::net
