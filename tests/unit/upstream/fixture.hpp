#pragma once
/// A pool on the test's own loop, and an upstream that a second thread plays by hand.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <thread>

#include "support/loop_runner.hpp"
#include "support/raw_upstream.hpp"
#include "upstream/exchange.hpp"
#include "upstream/pool.hpp"
#include "upstream/whole_answer.hpp"

namespace smg::upstream::testing {

class UpstreamTest : public ::testing::Test {
protected:
    UpstreamTest() : UpstreamTest(PoolLimits()) {}
    explicit UpstreamTest(PoolLimits limits) : pool_(loop_, environment(), limits, counters_) {}
    ~UpstreamTest() override {
        if (player_.joinable()) player_.join();
    }

    static Environment environment() {
        Environment made;
        made.dns = std::make_shared<net::DnsCache>();
        made.tls = *net::TlsClientContext::create("");
        return made;
    }

    /// Plays the upstream's part on a thread of its own; what it throws fails the test.
    void play(std::function<void(test::RawUpstream&)> part) {
        player_ = std::thread([this, part = std::move(part)] {
            try {
                part(server_);
            } catch (const std::exception& error) { ADD_FAILURE() << error.what(); }
        });
    }
    void finish_play() { player_.join(); }

    [[nodiscard]] Peer peer() const {
        Peer made;
        made.host = "127.0.0.1";
        made.port = server_.port();
        return made;
    }

    static std::string head(std::size_t length = 0) {
        return "POST /v1/x HTTP/1.1\r\nhost: test\r\ncontent-length: " + std::to_string(length) + "\r\n\r\n";
    }

    /// One request and its whole answer.
    Result<WholeAnswer> ask(const std::string& body = {}) {
        return test::run(loop_, fetch(pool_, peer(), head(body.size()), body, timeouts_, 64 << 20, cancellation_));
    }

    test::RawUpstream server_;
    net::EventLoop loop_;
    PoolCounters counters_;
    Timeouts timeouts_;
    net::Cancellation cancellation_;
    Pool pool_;
    std::thread player_;
};

}  // namespace smg::upstream::testing
