#include "admin/issuer_keys.hpp"

#include <gtest/gtest.h>

#include "admin/issuer_fetch.hpp"
#include "support/loop_runner.hpp"
#include "support/tokens.hpp"

namespace smg::admin::test {
namespace {

using smg::test::key_set;
using smg::test::run;
using smg::test::run_ready;
using smg::test::Running;
using smg::test::SigningKey;
using namespace std::chrono_literals;

/// Its fetches end when the test says so, on the one loop that the test runs.
class Fetched : public testing::Test {
protected:
    Fetched()
        : keys_(
              loop_,
              [this](net::Cancellation& cancellation) {
                  ++fetches_;
                  return answer(cancellation);
              },
              [this] { return now_; }) {}

    net::Awaitable<Result<JwkSet>> answer(net::Cancellation& cancellation) {
        net::asio::steady_timer held(loop_.context(), net::TimePoint::max());
        const net::Cancellation::Hook hook(cancellation, [&held] { held.cancel(); });
        held_ = &held;
        if (holding_) (void)co_await held.async_wait(net::as_value);
        held_ = nullptr;
        if (there_.empty() || cancellation.requested()) co_return fail(Failure::upstream_error, "away");
        auto set = JwkSet::parse(key_set(there_));
        co_return std::move(*set);
    }
    /// Is a key of that name there, and how often has it been asked for so far?
    std::pair<bool, int> look(const std::string& id) {
        const auto found = run(loop_, keys_.with(id));
        return {found && found->holds(id), fetches_};
    }
    void publish(const std::string& id) { there_.push_back(SigningKey::ec(id).jwk()); }

    net::EventLoop loop_;
    net::TimePoint now_{1000h};
    int fetches_ = 0;
    bool holding_ = false;
    net::asio::steady_timer* held_ = nullptr;
    std::vector<nlohmann::json> there_;
    IssuerKeys keys_;
};

using Seen = std::pair<bool, int>;

TEST_F(Fetched, OnceForTenMinutes) {
    publish("a");
    EXPECT_EQ(look("a"), Seen(true, 1));
    now_ += IssuerKeys::lifetime - 1s;
    EXPECT_EQ(look("a"), Seen(true, 1));
    now_ += 1s;
    EXPECT_EQ(look("a"), Seen(true, 2));
}

TEST_F(Fetched, AnewForAnUnknownKeyButNotAgainAndAgain) {
    publish("a");
    EXPECT_EQ(look("a"), Seen(true, 1));
    publish("b");
    EXPECT_EQ(look("b"), Seen(true, 2));
    publish("c");
    EXPECT_EQ(look("guessed"), Seen(false, 2));
    EXPECT_EQ(look("c"), Seen(false, 2)) << "has to wait for its turn";
    now_ += IssuerKeys::pause;
    EXPECT_EQ(look("c"), Seen(true, 3));
    EXPECT_EQ(look("a"), Seen(true, 3));
}

TEST_F(Fetched, OldKeysStayWhileTheServerIsAway) {
    publish("a");
    EXPECT_EQ(look("a"), Seen(true, 1));
    there_.clear();
    now_ += IssuerKeys::lifetime;
    EXPECT_EQ(look("a"), Seen(true, 2));
    EXPECT_EQ(look("a"), Seen(true, 2));
    now_ += IssuerKeys::pause;
    EXPECT_EQ(look("a"), Seen(true, 3));
    publish("b");
    now_ += IssuerKeys::pause;
    EXPECT_EQ(look("a"), Seen(false, 4)) << "taken back by its issuer";
    EXPECT_EQ(look("b"), Seen(true, 4));
}

TEST_F(Fetched, WithoutAnyKeyItIsTriedAgainSoon) {
    EXPECT_EQ(look("a"), Seen(false, 1));
    EXPECT_EQ(look("a"), Seen(false, 1));
    publish("a");
    now_ += IssuerKeys::pause_without_keys;
    EXPECT_EQ(look("a"), Seen(true, 2));
}

TEST_F(Fetched, OnceForAllWhoWait) {
    publish("a");
    holding_ = true;
    Running first(loop_, keys_.with("a")), second(loop_, keys_.with("a"));
    run_ready(loop_);
    EXPECT_EQ(fetches_, 1);
    EXPECT_FALSE(keys_.idle());
    held_->cancel();
    EXPECT_TRUE(first.get()->holds("a"));
    EXPECT_TRUE(second.get()->holds("a"));
    EXPECT_EQ(fetches_, 1);
    EXPECT_TRUE(keys_.idle());
}

TEST_F(Fetched, WhoHasItsKeyDoesNotWaitForOthers) {
    publish("a");
    EXPECT_EQ(look("a"), Seen(true, 1));
    holding_ = true;
    Running waiting(loop_, keys_.with("b"));
    run_ready(loop_);
    EXPECT_EQ(look("a"), Seen(true, 2));
    EXPECT_FALSE(waiting.done());
    held_->cancel();
    EXPECT_FALSE(waiting.get()->holds("b"));
}

TEST_F(Fetched, StopEndsWhatIsUnderWay) {
    publish("a");
    holding_ = true;
    Running waiting(loop_, keys_.with("a"));
    run_ready(loop_);
    keys_.stop();
    EXPECT_EQ(waiting.get(), nullptr);
    EXPECT_TRUE(keys_.idle());
    EXPECT_EQ(look("a"), Seen(false, 1)) << "and nothing is begun any more";
}

TEST(IssuerSource, IsTheSetOrTheDocumentThatNamesIt) {
    config::JwtSettings settings;
    settings.issuer = "https://login.example/realms/a/";
    auto source = IssuerSource::of(settings);
    EXPECT_TRUE(source->discover);
    EXPECT_EQ(source->url.target(), "/realms/a/.well-known/openid-configuration");
    settings.jwks_uri = "https://keys.example/jwks?p=policy";
    source = IssuerSource::of(settings);
    EXPECT_FALSE(source->discover);
    EXPECT_EQ(source->url.target(), "/jwks?p=policy");
    settings.jwks_uri = "https://keys.example:0/";
    EXPECT_EQ(IssuerSource::of(settings).error().message,
              "--jwt-jwks-uri: \"https://keys.example:0/\" is no URL to fetch from: the URL's port is not one of 1 to 65535");
}

}  // namespace
}  // namespace smg::admin::test
