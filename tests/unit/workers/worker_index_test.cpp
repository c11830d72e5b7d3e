#include "workers/worker_index.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "unit/workers/fixture.hpp"

namespace smg::workers {
namespace {

using test::Fleet;
using test::models_of;
using test::spec_of;

TEST(ShardedMap, AVersionKeepsWhatItHadWhenTheNextOneChanges) {
    ShardedMap<std::string> first;
    for (int i = 0; i < 5000; ++i) first.change("key" + std::to_string(i), [&](std::string& value) { value = std::to_string(i); });
    auto second = first;
    second.change("key7", [](std::string& value) { value = "other"; });
    second.change("key8", [](std::string& value) { value.clear(); });
    second.change("fresh", [](std::string& value) { value = "new"; });
    EXPECT_EQ(*first.find("key7"), "7");
    EXPECT_EQ(*first.find("key8"), "8");
    EXPECT_EQ(first.find("fresh"), nullptr);
    EXPECT_EQ(*second.find("key7"), "other");
    EXPECT_EQ(second.find("key8"), nullptr) << "what is empty is not kept";
    EXPECT_EQ(*second.find("fresh"), "new");
    std::size_t count = 0;
    second.for_each([&](const std::string& key, const std::string& value) {
        EXPECT_TRUE(key == "fresh" || key == "key7" || key == "key" + value) << key;
        return ++count < 100'000;
    });
    EXPECT_EQ(count, 5000U);
}

/// Everything that can be asked of a snapshot about these names.
std::string told(const Snapshot& snapshot) {
    std::string all;
    for (const std::string model : {"m1", "m2", "m3", "alias", "gpt-4o", "claude-x", "nobody", "openai/gpt-4o", "openai/m1", "n1/m1", "n2/other",
                                    "models/gpt-4o", "anthropic/x"}) {
        const auto resolution = snapshot.resolve(model);
        all += model + (resolution.named ? " (" + resolution.named->name + ")" : "") + (resolution.missed_lists ? " missed" : "") + ":";
        for (const auto& each : resolution.servings)
            all += " " + each.worker->id + "=" + each.upstream_model + "/" + std::to_string(static_cast<int>(each.basis));
        all += "\n";
    }
    for (const std::string spelling : {"n1", "n2", "0", "3", "w1", "w9", ""}) {
        const auto worker = snapshot.by_spelling(spelling);
        all += spelling + " is " + (worker ? worker->id : "nobody") + "\n";
    }
    for (const auto& worker : snapshot.workers()) {
        const auto same = snapshot.by_url_and_name(worker->identity.url_key, worker->spec->name);
        all += worker->id + " at " + (same ? same->id : "nobody") + (snapshot.by_id(worker->id) == worker ? "" : " LOST") + "\n";
    }
    return all;
}

/// Whatever happens to a registry, its snapshot says what one says that is made anew of the same workers.
TEST(WorkerIndex, ChangesLeadWhereAFreshOneWouldBe) {
    std::mt19937 random(7);
    Fleet fleet(Registry::Aliases{{"alias", "m1"}});
    const auto any = [&](std::size_t count) { return random() % count; };
    const std::vector<std::string> urls{"https://api.openai.com", "https://api.anthropic.com", "http://10.0.0.1:8000", "http://10.0.0.2:8000"};
    const auto spec = [&](const std::string& name) {
        std::string text = R"({"url":")" + urls[any(urls.size())] + R"(","name":")" + name + R"(","api_key":"k")";
        const auto lists = any(6);
        if (lists < 2) text += R"(,"models":["m1",{"id":"m2","aliases":["m3"]}])";
        if (lists == 2) text += R"(,"models":[])";
        return text + "}";
    };
    std::vector<std::string> ids;
    for (int step = 0; step < 600; ++step) {
        const auto name = "n" + std::to_string(any(12));
        const auto id = ids.empty() ? std::string() : ids[any(ids.size())];
        switch (any(6)) {
            case 0:
            case 1:
                if (const auto added = fleet.registry.add(spec_of(spec(name)), "api", 1)) ids.push_back((*added)->id);
                break;
            case 2:
                if (const auto before = fleet.worker(id)) {
                    auto changed = *before->spec;
                    changed.models = spec_of(spec(name)).models;
                    (void)fleet.registry.update(id, std::move(changed), any(2) == 0, 2);
                }
                break;
            case 3: (void)fleet.registry.apply(id, StatusEvent::registered, "", 3, any(2) == 0 ? models_of({"gpt-4o", "m3"}) : nullptr); break;
            case 4: (void)fleet.registry.drain(id, 4); break;
            case 5:
                if (any(2) == 0 && fleet.registry.remove(id)) std::erase(ids, id);
                break;
        }
        const auto snapshot = fleet.registry.snapshot();
        const Snapshot fresh(snapshot->workers(), providers::Catalog::built_in(),
                             std::make_shared<const Snapshot::Aliases>(Snapshot::Aliases{{"alias", "m1"}}), 1);
        ASSERT_EQ(told(*snapshot), told(fresh)) << "after step " << step;
    }
    EXPECT_GT(ids.size(), 5U) << "nothing was put to the test";
}

TEST(WorkerIndex, SlotsOfThoseWhoHaveGoneAreGivenUpInTheEnd) {
    Fleet fleet;
    const auto stays = fleet.add(R"({"url":"https://api.openai.com","name":"stays"})");
    for (int i = 0; i < 2100; ++i) {
        const auto id = fleet.add(R"({"url":"https://api.openai.com","models":["m"]})");
        ASSERT_EQ(fleet.registry.snapshot()->resolve("m").servings.size(), 1U);
        ASSERT_TRUE(fleet.registry.remove(id));
    }
    EXPECT_EQ(fleet.registry.snapshot()->by_spelling("stays")->id, stays);
    EXPECT_TRUE(fleet.registry.snapshot()->resolve("m").servings.empty() ||
                fleet.registry.snapshot()->resolve("m").servings.front().worker->id == stays);
}

/// More workers of one model than a request looks at.
class Crowd : public testing::Test {
protected:
    static constexpr int count = 1000;
    Crowd() {
        for (int i = 0; i < count; ++i)
            fleet.add(R"({"url":"https://api.openai.com","name":"n)" + std::to_string(i) + R"(","models":["m"],"priority":)" +
                      std::to_string(i % 2 == 0 ? 50 : 60) + R"(,"labels":{)" + (i == 300 ? R"("policy":"least_load")" : "") + "}}");
    }
    Resolution look(const Look& at) {
        const Sampling sampling = [at](auto) { return at; };
        return fleet.registry.snapshot()->resolve("m", nullptr, &sampling);
    }
    std::vector<std::string> ids_at(const Look& at) {
        std::vector<std::string> ids;
        for (const auto& each : look(at).servings) ids.push_back(each.worker->id);
        return ids;
    }
    /// For each of many keys, whom it would see.
    std::vector<std::vector<std::string>> of_keys() {
        std::vector<std::vector<std::string>> all;
        for (std::uint64_t key = 0; key < keys; ++key) all.push_back(ids_at({key * 0x9e3779b97f4a7c15ULL, true}));
        return all;
    }
    /// How many of the keys see others than before.
    int moved_since(const std::vector<std::vector<std::string>>& before) {
        const auto now = of_keys();
        int moved = 0;
        for (std::size_t i = 0; i < now.size(); ++i) moved += now[i] == before[i] ? 0 : 1;
        return moved;
    }
    static constexpr int keys = 5000;
    /// A key sees `few` of the 500 preferred: so many keys see a given one.
    static constexpr int see_one = keys * static_cast<int>(Look::few) / (count / 2);
    Fleet fleet;
};

TEST_F(Crowd, IsWholeWhereNobodySamples) { EXPECT_EQ(fleet.registry.snapshot()->resolve("m").servings.size(), std::size_t{count}); }

TEST_F(Crowd, SomeOfTheHighestPriorityAreLookedAt) {
    for (const auto width : {Look::few, Look::wide}) {
        for (const bool keyed : {true, false}) {
            const auto some = look({12345, keyed, width});
            EXPECT_TRUE(some.sampled);
            EXPECT_EQ(some.servings.size(), width);
            for (const auto& each : some.servings) EXPECT_EQ(each.worker->spec->priority, 60);
            EXPECT_EQ(some.policy, PolicyKind::least_load) << "the label of one that is not among them";
        }
    }
}

TEST_F(Crowd, EachIsSeenAsOftenAsTheOthers) {
    std::map<std::string, int> seen;
    for (std::uint64_t point = 0; point < 500; ++point)
        for (const auto& id : ids_at({point})) ++seen[id];
    EXPECT_EQ(seen.size(), 500U);
    for (const auto& [id, times] : seen) EXPECT_EQ(times, static_cast<int>(Look::few));
}

TEST_F(Crowd, OnlyTheKeysThatSawItMoveWhenOneGoesAndComesBack) {
    const auto before = of_keys();
    const auto id = fleet.registry.snapshot()->by_spelling("n501")->id;
    ASSERT_TRUE(fleet.registry.drain(id, 0));
    const auto moved = moved_since(before);
    EXPECT_GT(moved, see_one / 2);
    EXPECT_LT(moved, see_one * 2) << "of " << keys;
    ASSERT_TRUE(fleet.registry.remove(id));
    EXPECT_EQ(moved_since(before), moved);
}

TEST_F(Crowd, FewKeysMoveWhenOneJoins) {
    const auto before = of_keys();
    fleet.add(R"({"url":"https://api.openai.com","name":"new","models":["m"],"priority":60})");
    const auto moved = moved_since(before);
    EXPECT_GT(moved, 0);
    EXPECT_LT(moved, see_one * 2) << "of " << keys;
}

TEST_F(Crowd, AChangeOfAWorkerMovesNoKey) {
    const auto before = of_keys();
    const auto id = fleet.registry.snapshot()->by_spelling("n501")->id;
    auto spec = *fleet.registry.snapshot()->by_id(id)->spec;
    spec.weight = 3;
    ASSERT_TRUE(fleet.registry.update(id, spec, false, 0));
    EXPECT_EQ(moved_since(before), 0);
    spec.priority = 40;
    ASSERT_TRUE(fleet.registry.update(id, spec, false, 0));
    EXPECT_GT(moved_since(before), 0) << "it is preferred no more";
    spec.priority = 60;
    ASSERT_TRUE(fleet.registry.update(id, spec, false, 0));
    EXPECT_EQ(moved_since(before), 0);
}

TEST_F(Crowd, IsNoneAnyMoreWhenMostHaveGone) {
    for (int i = 0; i < count - 100; ++i) ASSERT_TRUE(fleet.registry.remove(fleet.registry.snapshot()->by_spelling("n" + std::to_string(i))->id));
    const auto all = look({});
    EXPECT_FALSE(all.sampled);
    EXPECT_EQ(all.servings.size(), 100U);
}

TEST_F(Crowd, OneOfThemAloneIsFoundDirectly) {
    const auto snapshot = fleet.registry.snapshot();
    const auto worker = snapshot->by_spelling("n617");
    const auto resolution = snapshot->resolve("m", worker.get());
    ASSERT_EQ(resolution.servings.size(), 1U);
    EXPECT_EQ(resolution.servings.front().worker, worker);
}

}  // namespace
}  // namespace smg::workers
