#include "fleet/registrar.hpp"

#include <filesystem>
#include <fstream>

#include "fixture.hpp"

namespace smg::fleet::test {
namespace {

using workers::Status;

constexpr auto one_model = R"({"data":[{"id":"gpt-4o"}]})";

class RegistrarTest : public FleetTest {
protected:
    static RegistrarOptions quick() {
        RegistrarOptions options;
        options.cadence.first_retry = 20ms;
        options.cadence.last_retry = 80ms;
        options.cadence.drain_recheck = 10ms;
        options.health.drain_settle = std::chrono::seconds(0);
        options.health.interval = std::chrono::seconds(0);  // the shortest there is
        options.health.failure_threshold = 2;
        return options;
    }
    ~RegistrarTest() override {
        if (!registrar_) return;
        registrar_->stop();
        EXPECT_TRUE(run_until(loop(), [this] { return registrar_->stopped(); })) << "a coroutine is left over";
    }
    void start(RegistrarOptions options = quick()) {
        registrar_ = std::make_unique<Registrar>(loops_, registry_, pools_, std::move(options));
        registrar_->start();
    }
    std::size_t asked(const std::string& target) const {
        std::size_t count = 0;
        for (const auto& head : upstream_.received()) count += head.target == target ? 1U : 0U;
        return count;
    }
    /// Whatever an operator can read about the worker.
    std::string shown(const std::string& id) const { return workers::worker_to_json(*worker(id)).dump(); }

    std::unique_ptr<Registrar> registrar_;
};

TEST_F(RegistrarTest, AnExternalWorkerIsReadyWithItsList) {
    upstream_.answer(200, one_model);
    start();
    const auto id = add(external("openai"));
    EXPECT_EQ(worker(id)->status, Status::pending);
    ASSERT_TRUE(reaches(id, Status::ready));
    EXPECT_EQ(ids_of(*worker(id)->discovered), std::vector<std::string>{"gpt-4o"});
    EXPECT_FALSE(worker(id)->job);
}

TEST_F(RegistrarTest, WorkersFromBeforeTheStartAreSeenToo) {
    upstream_.answer(200, one_model);
    const auto id = add(external("openai"));
    start();
    EXPECT_TRUE(reaches(id, Status::ready));
}

TEST_F(RegistrarTest, WithoutAKeyNothingIsAsked) {
    upstream_.answer(200, one_model);
    start();
    const auto id = add({{"url", upstream_.url()}, {"provider", "openai"}});
    EXPECT_EQ(worker(id)->status, Status::ready);
    const auto other = add(external("xai", {{"name", "keyed"}}));
    ASSERT_TRUE(reaches(other, Status::ready));
    EXPECT_EQ(worker(id)->discovered, nullptr);
    EXPECT_EQ(asked("/v1/models"), 1U) << "the other's";
}

TEST_F(RegistrarTest, AFailureStaysVisibleAndIsTriedAgain) {
    upstream_.answer(401, json({{"error", {{"message", std::string("bad key ") + secret_key}}}}).dump());
    start();
    const auto id = add(external("openai"));
    ASSERT_TRUE(reaches(id, Status::failed));
    ASSERT_TRUE(worker(id)->job);
    EXPECT_EQ(worker(id)->job->status, "failed");
    EXPECT_NE(worker(id)->job->message.find("/v1/models answered 401: bad key [redacted]"), std::string::npos) << worker(id)->job->message;
    EXPECT_EQ(shown(id).find(secret_key), std::string::npos);
    ASSERT_TRUE(run_until(loop(), [&] { return asked("/v1/models") >= 3; }));
    EXPECT_EQ(worker(id)->status, Status::failed) << "not pending while it is tried again: callers would wait for it";
    upstream_.answer(200, one_model);
    ASSERT_TRUE(reaches(id, Status::ready));
    EXPECT_TRUE(worker(id)->status_reason.empty());
}

TEST_F(RegistrarTest, AnUnreachableUpstreamIsAFailureInWords) {
    start();
    const auto id = add(external("openai", {{"url", "http://127.0.0.1:1"}}));
    ASSERT_TRUE(reaches(id, Status::failed));
    EXPECT_TRUE(worker(id)->status_reason.starts_with("GET http://127.0.0.1:1/v1/models: ")) << worker(id)->status_reason;
}

TEST_F(RegistrarTest, DeclaredModelsNeedNoListButAKeyThatHolds) {
    upstream_.answer(404, "no list here");
    start();
    const auto declared = add(external("openai-compatible", {{"models", {"m"}}}));
    EXPECT_TRUE(reaches(declared, Status::ready));
    const auto undeclared = add(external("openai-compatible", {{"name", "b"}}));
    EXPECT_TRUE(reaches(undeclared, Status::failed));
    upstream_.answer(401, "no");
    const auto refused = add(external("openai-compatible", {{"name", "c"}, {"models", {"m"}}}));
    EXPECT_TRUE(reaches(refused, Status::failed));
}

TEST_F(RegistrarTest, WhatWasFoundOutWithTheOldKeyDoesNotCount) {
    // The first key's list hangs; the second's is there.
    upstream_.script([](const http::RequestHead& head) -> std::optional<ScriptedReply> {
        if (head.fields.get("authorization") == "Bearer second-key") return ScriptedReply(200, R"({"data":[{"id":"second"}]})");
        return std::nullopt;
    });
    start();
    const auto id = add(external("openai"));
    ASSERT_TRUE(run_until(loop(), [&] { return asked("/v1/models") == 1; }));
    ASSERT_TRUE(registry_.update(id, spec_of(external("openai", {{"api_key", "second-key"}})), true, 1001));
    ASSERT_TRUE(reaches(id, Status::ready));
    EXPECT_EQ(ids_of(*worker(id)->discovered), std::vector<std::string>{"second"});
}

TEST_F(RegistrarTest, AnExaminationCountsForTheSpecThatWasExaminedAlone) {
    const auto id = add(external("openai"));
    const auto examined = worker(id)->spec;
    ASSERT_TRUE(registry_.update(id, spec_of(external("openai", {{"api_key", "second-key"}})), true, 1001));
    const auto stale = registry_.apply(id, workers::StatusEvent::registered, "", 1002, nullptr, examined.get());
    ASSERT_FALSE(stale);
    EXPECT_EQ(stale.error().failure, workers::RegistryFailure::create_in_progress);
    EXPECT_FALSE(registry_.set_models(id, nullptr, examined.get()));
    EXPECT_EQ(worker(id)->status, Status::pending);
    EXPECT_TRUE(registry_.apply(id, workers::StatusEvent::registered, "", 1003, nullptr, worker(id)->spec.get()));
}

TEST_F(RegistrarTest, ALocalWorkerIsReadyByItsHealth) {
    upstream_.script([](const http::RequestHead& head) { return head.target == "/base/health" ? ScriptedReply(204, "") : ScriptedReply(404, ""); });
    start();
    const auto id = add(local({{"url", upstream_.url("/base/v1")}}));
    ASSERT_TRUE(reaches(id, Status::ready));
    EXPECT_EQ(worker(id)->discovered, nullptr);
}

TEST_F(RegistrarTest, OrByItsListWithTheModels) {
    upstream_.script([](const http::RequestHead& head) {
        return head.target == "/v1/models" ? ScriptedReply(200, R"({"data":[{"id":"llama"}]})") : ScriptedReply(404, "");
    });
    start();
    const auto id = add(local());
    ASSERT_TRUE(reaches(id, Status::ready));
    EXPECT_EQ(ids_of(*worker(id)->discovered), std::vector<std::string>{"llama"});
}

TEST_F(RegistrarTest, ARefusedListIsLifeABrokenOneIsNot) {
    int status = 403;
    upstream_.script([&status](const http::RequestHead& head) { return ScriptedReply(head.target == "/health" ? 404 : status, ""); });
    start();
    EXPECT_TRUE(reaches(add(local()), Status::ready));
    status = 500;
    const auto broken = add(local({{"name", "b"}}));
    ASSERT_TRUE(reaches(broken, Status::failed));
    EXPECT_EQ(worker(broken)->status_reason.find("GET " + upstream_.url("/health") + " answered 404; GET " + upstream_.url("/v1/models")), 0U)
        << worker(broken)->status_reason;
}

TEST_F(RegistrarTest, DisabledHealthChecksTakeALocalWorkerAsItIs) {
    upstream_.answer(500, "");
    start();
    EXPECT_TRUE(reaches(add(local({{"health", {{"disable_health_check", true}}}})), Status::ready));
}

TEST_F(RegistrarTest, ThresholdsTakeALocalWorkerOutAndBringItBack) {
    bool healthy = true;
    upstream_.script([&healthy](const http::RequestHead& head) {
        return head.target == "/health" && healthy ? ScriptedReply(200, "ok") : ScriptedReply(503, "loading");
    });
    start();
    const auto id = add(local({{"health", {{"failure_threshold", 3}, {"success_threshold", 2}}}}));
    ASSERT_TRUE(reaches(id, Status::ready));
    healthy = false;
    const auto before = asked("/health");
    ASSERT_TRUE(reaches(id, Status::not_ready));
    EXPECT_EQ(asked("/health") - before, 3U);
    EXPECT_EQ(worker(id)->cause, workers::Cause::health);
    EXPECT_NE(worker(id)->status_reason.find("answered 503"), std::string::npos);
    healthy = true;
    const auto out = asked("/health");
    ASSERT_TRUE(reaches(id, Status::ready));
    EXPECT_EQ(asked("/health") - out, 2U);
}

TEST_F(RegistrarTest, ThresholdsTakeAnExternalOneOutByItsListCallAndBringItBack) {
    upstream_.answer(200, one_model);
    start();
    const auto id = add(external("openai", {{"health", {{"failure_threshold", 3}, {"success_threshold", 2}}}}));
    ASSERT_TRUE(reaches(id, Status::ready));
    upstream_.answer(503, "down");
    const auto before = asked("/v1/models");
    ASSERT_TRUE(reaches(id, Status::not_ready));
    EXPECT_EQ(asked("/v1/models") - before, 3U);
    EXPECT_EQ(worker(id)->cause, workers::Cause::health);
    EXPECT_NE(worker(id)->status_reason.find("answered 503"), std::string::npos) << worker(id)->status_reason;
    upstream_.answer(200, one_model);
    const auto out = asked("/v1/models");
    ASSERT_TRUE(reaches(id, Status::ready));
    EXPECT_EQ(asked("/v1/models") - out, 2U);
}

TEST_F(RegistrarTest, ALimitedListCallSaysNothingAgainstAnExternalOne) {
    upstream_.answer(200, one_model);
    start();
    const auto id = add(external("openai"));
    ASSERT_TRUE(reaches(id, Status::ready));
    upstream_.answer(429, "slower");
    const auto before = asked("/v1/models");
    ASSERT_TRUE(run_until(loop(), [&] { return asked("/v1/models") >= before + 4; }));
    EXPECT_EQ(worker(id)->status, Status::ready);
}

TEST_F(RegistrarTest, ACheckThatFindsTheKeyRefusedTakesItOutAtOnce) {
    upstream_.answer(200, one_model);
    start();
    const auto id = add(external("openai"));
    ASSERT_TRUE(reaches(id, Status::ready));
    upstream_.answer(401, "revoked");
    ASSERT_TRUE(reaches(id, Status::not_ready));
    EXPECT_EQ(worker(id)->cause, workers::Cause::key_refused);
}

TEST_F(RegistrarTest, ACheckBringsTheNewList) {
    upstream_.answer(200, one_model);
    start();
    const auto id = add(external("openai"));
    ASSERT_TRUE(reaches(id, Status::ready));
    upstream_.answer(200, R"({"data":[{"id":"gpt-4o"},{"id":"gpt-5"}]})");
    EXPECT_TRUE(run_until(loop(), [&] { return worker(id)->discovered->size() == 2; }));
}

TEST_F(RegistrarTest, WhoLeavesSaysWhy) {
    upstream_.answer(200, one_model);
    auto options = quick();
    std::vector<std::string> reasons;
    options.on_gone = [&reasons](const workers::Worker& gone) { reasons.emplace_back(workers::name_of(gone.departure)); };
    options.health.remove_unhealthy = true;
    start(options);
    const auto gone = [&](std::size_t count) { return run_until(loop(), [&] { return reasons.size() == count; }); };
    const auto deleted = add(external("openai"));
    ASSERT_TRUE(reaches(deleted, Status::ready));
    ASSERT_TRUE(registrar_->drain(deleted));
    ASSERT_TRUE(gone(1));
    const auto unnamed = add(external("openai"));
    ASSERT_TRUE(reaches(unnamed, Status::ready));
    ASSERT_TRUE(registrar_->drain(unnamed, workers::Departure::reload));
    ASSERT_TRUE(registrar_->drain(unnamed)) << "the first reason stands";
    ASSERT_TRUE(gone(2));
    const auto sick = add(external("openai"));
    ASSERT_TRUE(reaches(sick, Status::ready));
    upstream_.answer(500, "");
    ASSERT_TRUE(gone(3));
    const auto failed = add(external("openai"));
    ASSERT_TRUE(reaches(failed, Status::failed));
    ASSERT_TRUE(registrar_->drain(failed, workers::Departure::reload));
    ASSERT_TRUE(gone(4));
    EXPECT_EQ(reasons, (std::vector<std::string>{"deleted", "reload", "unhealthy", "reload"}));
}

TEST_F(RegistrarTest, AMissedModelReadsTheListAnewOnceInAWhile) {
    upstream_.answer(200, one_model);
    auto options = quick();
    options.cadence.missed_list = 1h;
    options.health.enabled = false;  // a check reads the list too
    start(options);
    const auto id = add(external("openai"));
    ASSERT_TRUE(reaches(id, Status::ready));
    registrar_->refresh(*worker(id));
    smg::test::run_ready(loop());
    EXPECT_EQ(asked("/v1/models"), 1U) << "it was read just now";
    worker(id)->counters->list_asked_ns -= std::chrono::nanoseconds(2h).count();
    upstream_.answer(200, R"({"data":[{"id":"gpt-4o"},{"id":"gpt-5"}]})");
    registrar_->refresh(*worker(id));
    registrar_->refresh(*worker(id));
    ASSERT_TRUE(run_until(loop(), [&] { return worker(id)->discovered->size() == 2; }));
    EXPECT_EQ(asked("/v1/models"), 2U);
}

TEST_F(RegistrarTest, TheSameListAgainIsNoChange) {
    upstream_.answer(200, one_model);
    auto options = quick();
    options.cadence.relist = 50ms;
    start(options);
    const auto id = add(external("openai"));
    ASSERT_TRUE(reaches(id, Status::ready));
    const auto version = registry_.version();
    ASSERT_TRUE(run_until(loop(), [&] { return asked("/v1/models") >= 3; }));
    EXPECT_EQ(registry_.version(), version);
}

TEST_F(RegistrarTest, AKeyThatIsRefusedLaterTakesItOutUntilItIsTakenAgain) {
    upstream_.answer(200, one_model);
    auto options = quick();
    options.cadence.relist = 50ms;
    options.health.enabled = false;
    start(options);
    const auto id = add(external("openai"));
    ASSERT_TRUE(reaches(id, Status::ready));
    upstream_.answer(500, "without checks a list that fails is no reason");
    const auto before = asked("/v1/models");
    ASSERT_TRUE(run_until(loop(), [&] { return asked("/v1/models") >= before + 2; }));
    EXPECT_EQ(worker(id)->status, Status::ready);
    upstream_.answer(401, "revoked");
    ASSERT_TRUE(reaches(id, Status::not_ready));
    EXPECT_EQ(worker(id)->cause, workers::Cause::key_refused);
    upstream_.answer(200, one_model);
    ASSERT_TRUE(reaches(id, Status::ready));
}

TEST_F(RegistrarTest, AnAdminKeyGoesToItsProvidersOwnHostsAlone) {
    upstream_.answer(200, one_model);
    auto options = quick();
    options.admin_keys.push_back({"openai", Secret("the-admin-key"), "OPENAI_ADMIN_KEY"});
    start(options);
    ASSERT_TRUE(reaches(add(external("openai")), Status::ready));
    for (const auto& head : upstream_.received())
        for (const auto& field : head.fields) EXPECT_EQ(field.value.find("the-admin-key"), std::string::npos);
}

TEST_F(RegistrarTest, DrainingWaitsForOpenRequests) {
    upstream_.answer(200, one_model);
    start();
    const auto id = add(external("openai"));
    ASSERT_TRUE(reaches(id, Status::ready));
    workers::InFlight open(worker(id)->counters);
    ASSERT_TRUE(registrar_->drain(id));
    EXPECT_EQ(worker(id)->status, Status::draining);
    const auto soon = std::chrono::steady_clock::now() + 60ms;
    ASSERT_TRUE(run_until(loop(), [&] { return std::chrono::steady_clock::now() > soon; }));
    ASSERT_TRUE(worker(id)) << "a request is open";
    open.release();
    EXPECT_TRUE(run_until(loop(), [&] { return !worker(id); }));
}

TEST_F(RegistrarTest, AndForTheSettleTime) {
    upstream_.answer(200, one_model);
    start();
    const auto id = add(external("openai", {{"health", {{"drain_settle_secs", 0.2}}}}));
    ASSERT_TRUE(reaches(id, Status::ready));
    const auto began = std::chrono::steady_clock::now();
    ASSERT_TRUE(registrar_->drain(id));
    ASSERT_TRUE(run_until(loop(), [&] { return !worker(id); }));
    EXPECT_GE(std::chrono::steady_clock::now() - began, 200ms);
}

TEST_F(RegistrarTest, OneThatNeverServedIsGoneAtOnce) {
    start();
    const auto id = add(external("openai"));  // the upstream says nothing
    ASSERT_TRUE(run_until(loop(), [&] { return asked("/v1/models") == 1; }));
    ASSERT_TRUE(registrar_->drain(id));
    EXPECT_FALSE(worker(id));
    const auto again = registrar_->drain(id);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().failure, workers::RegistryFailure::not_found);
}

TEST_F(RegistrarTest, AWorkerThatComesBackUnderItsIdIsLookedAfter) {
    upstream_.answer(200, one_model);
    start();
    const auto id = add(external("openai"));
    ASSERT_TRUE(reaches(id, Status::ready));
    ASSERT_TRUE(registry_.remove(id));
    ASSERT_TRUE(registry_.add(spec_of(external("openai")), "store", 1002, id));
    EXPECT_TRUE(reaches(id, Status::ready));
}

TEST_F(RegistrarTest, StoppingEndsWhatWaits) {
    start();
    add(external("openai"));                                              // hangs in its list call
    add({{"url", upstream_.url()}, {"provider", "xai"}, {"name", "b"}});  // sleeps
    ASSERT_TRUE(run_until(loop(), [&] { return asked("/v1/models") == 1; }));
    EXPECT_FALSE(registrar_->stopped());
    registrar_->stop();
    EXPECT_TRUE(run_until(
        loop(), [this] { return registrar_->stopped(); }, 5s));
    add(external("anthropic", {{"name", "c"}}));
    smg::test::run_ready(loop());
    EXPECT_EQ(upstream_.received().size(), 1U) << "nothing new begins";
}

TEST(RegistrarOnItsThreads, StopsFromOutsideAndMayNeverHaveRun) {
    net::EventLoops loops(2);
    workers::Registry registry(providers::Catalog::built_in());
    upstream::Pools pools(loops, environment());
    Registrar idle(loops, registry, pools, RegistrarOptions());
    {
        Registrar registrar(loops, registry, pools, RegistrarOptions());
        registrar.start();
        (void)registry.add(spec_of({{"url", "http://127.0.0.1:1"}}), "api", 1000);
        loops.start();
        registrar.stop();
        EXPECT_TRUE(registrar.wait_stopped(20s));
    }
    loops.stop();
    EXPECT_FALSE(idle.wait_stopped(1ms)) << "nobody stopped it";
}

TEST_F(RegistrarTest, AWorkerWhoseKeyFileIsMissingFailsUntilItIsThere) {
    upstream_.answer(200, one_model);
    const auto path = std::string(testing::TempDir()) + "registrar-key-file";
    std::filesystem::remove(path);
    start();
    // As it comes out of the store: the file is looked for, and not found.
    auto spec = external("openai", {{"api_key_file", path}});
    spec.erase("api_key");
    const auto id = add(spec);
    ASSERT_TRUE(reaches(id, Status::failed));
    EXPECT_NE(worker(id)->status_reason.find("api_key_file `" + path + "` cannot be read"), std::string::npos) << worker(id)->status_reason;
    EXPECT_EQ(upstream_.received().size(), 0U);
    std::ofstream(path) << secret_key << "\n";
    ASSERT_TRUE(reaches(id, Status::ready));
    EXPECT_EQ(worker(id)->spec->api_key.reveal(), secret_key);
    EXPECT_EQ(ids_of(*worker(id)->discovered).size(), 1U);
    std::filesystem::remove(path);
}

}  // namespace
}  // namespace smg::fleet::test
