#include "fleet/store.hpp"

#include <filesystem>

#include "fixture.hpp"
#include "fleet/dynamic_workers.hpp"
#include "fleet/schedule.hpp"

namespace smg::fleet::test {
namespace {

class StoreTest : public FleetTest {
protected:
    StoreTest() {
        path_ = std::string(testing::TempDir()) + testing::UnitTest::GetInstance()->current_test_info()->name() + ".db";
        forget();
    }
    ~StoreTest() override { forget(); }
    void forget() const {
        for (const auto* end : {"", "-wal"}) std::filesystem::remove(path_ + end);
    }
    [[nodiscard]] std::unique_ptr<Store> open(workers::Registry& registry) const {
        auto opened = Store::open(path_, Secret(), registry);
        if (!opened) throw std::runtime_error(opened.error().message);
        return std::move(*opened);
    }
    /// What a restart would bring, as `id:name:priority:key`.
    [[nodiscard]] std::string restored() const {
        workers::Registry other(providers::Catalog::built_in());
        EXPECT_TRUE(open(other)->restore());
        std::string all;
        for (const auto& worker : other.snapshot()->workers())
            all += worker->id + ":" + worker->spec->name + ":" + std::to_string(worker->spec->priority) + ":" + worker->spec->api_key.reveal() + " ";
        return all;
    }
    std::string path_;
};

TEST_F(StoreTest, WhatIsKeptIsWhatTheRegistrySays) {
    auto store = open(registry_);
    const auto first = add(external("openai", {{"name", "one"}}));
    const auto second = add(external("anthropic", {{"name", "two"}, {"priority", 7}}));
    ASSERT_TRUE(run(loop(), store->keep(loop(), first)));
    ASSERT_TRUE(run(loop(), store->keep(loop(), second)));
    ASSERT_TRUE(registry_.update(first, spec_of(external("openai", {{"name", "one"}, {"priority", 99}})), false, 0));
    ASSERT_TRUE(run(loop(), store->keep(loop(), first)));
    store->close();
    EXPECT_EQ(restored(), first + ":one:99:" + secret_key + " " + second + ":two:7:" + secret_key + " ");
}

TEST_F(StoreTest, AWorkerThatGoesIsGone) {
    auto store = open(registry_);
    const auto id = add(external("openai"));
    ASSERT_TRUE(run(loop(), store->keep(loop(), id)));
    ASSERT_TRUE(registry_.drain(id, 0));
    ASSERT_TRUE(run(loop(), store->keep(loop(), id)));
    store->close();
    EXPECT_EQ(restored(), "") << "though it is still draining";
}

TEST_F(StoreTest, OnlyDynamicWorkersAreKept) {
    auto store = open(registry_);
    const auto added = registry_.add(spec_of(external("openai")), "file", 0);
    ASSERT_TRUE(run(loop(), store->keep(loop(), (*added)->id)));
    store->close();
    EXPECT_EQ(restored(), "");
}

TEST_F(StoreTest, AClosedOneKeepsNothingUntilItIsReopened) {
    auto store = open(registry_);
    const auto id = add(external("openai", {{"name", "one"}}));
    store->close();
    EXPECT_EQ(run(loop(), store->keep(loop(), id)).error().failure, Failure::service_unavailable);
    EXPECT_EQ(restored(), "");
    ASSERT_TRUE(store->reopen());
    EXPECT_TRUE(run(loop(), store->keep(loop(), id)));
    store->close();
    EXPECT_EQ(restored(), id + ":one:50:" + secret_key + " ");
}

TEST_F(StoreTest, AConfiguredWorkerOfTheSameUrlAndNameWins) {
    {
        auto store = open(registry_);
        ASSERT_TRUE(run(loop(), store->keep(loop(), add(external("openai", {{"priority", 1}})))));
    }
    workers::Registry other(providers::Catalog::built_in());
    ASSERT_TRUE(other.add(spec_of(external("openai", {{"priority", 2}})), "file", 0));
    EXPECT_TRUE(open(other)->restore());
    ASSERT_EQ(other.snapshot()->workers().size(), 1U);
    EXPECT_EQ(other.snapshot()->workers().front()->spec->priority, 2);
    EXPECT_NE(restored(), "") << "it stays stored";
}

TEST_F(StoreTest, WorkersAreHandedOnAsText) {
    const auto id = add(external("openai", {{"name", "one"}, {"headers", {{"x-team", "blue"}}}}));
    const auto text = to_text(dynamic_workers(*registry_.snapshot()));
    workers::Registry other(providers::Catalog::built_in());
    restore_workers(other, stored_workers_from(text).value(), "api");
    const auto worker = other.snapshot()->by_id(id);
    ASSERT_TRUE(worker);
    EXPECT_EQ(worker->spec->headers.at(0).second.reveal(), "blue");
    EXPECT_EQ(worker->source, "api");
    for (const auto* bad : {"", "{}", "[1]", R"([{"id":1,"spec":"{}"}])"}) EXPECT_FALSE(stored_workers_from(bad)) << bad;
}

TEST_F(StoreTest, AWorkerWhoseProviderIsGoneFailsVisiblyAndStaysStored) {
    const std::string stored = R"({"url":"https://llm.acme.example/v1","provider":"acme","api_key":"k","name":"a"})";
    restore_workers(registry_, {{"id-1", stored}}, "store");
    const auto worker = registry_.snapshot()->by_id("id-1");
    ASSERT_TRUE(worker);
    EXPECT_EQ(worker->status, workers::Status::failed);
    EXPECT_EQ(worker->status_reason.find("provider `acme` is not known"), 0U) << worker->status_reason;
    EXPECT_EQ(json::parse(spec_to_keep(*worker).value()).value("provider", ""), "acme");
    EXPECT_EQ(json::parse(spec_to_keep(*worker).value()).value("api_key", ""), "k");
    EXPECT_EQ(next_task(*worker, {}, {}, {}, 0).task, Task::nothing) << "its key is shown to nobody";
}

}  // namespace
}  // namespace smg::fleet::test
