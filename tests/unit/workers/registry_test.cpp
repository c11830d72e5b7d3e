#include "workers/registry.hpp"

#include <gtest/gtest.h>

#include <regex>
#include <thread>

#include "unit/workers/fixture.hpp"
#include "workers/worker_id.hpp"
#include "workers/worker_json.hpp"

namespace smg::workers {
namespace {

using test::Fleet;
using test::models_of;
using test::spec_of;

constexpr const char* openai_with_key = R"({"url":"https://api.openai.com/v1","api_key":"sk-1"})";

TEST(Registry, A_worker_is_pending_until_examined) {
    Fleet fleet;
    const auto id = fleet.add(openai_with_key);
    EXPECT_EQ(fleet.worker(id)->status, Status::pending);
    EXPECT_EQ(fleet.worker(id)->job->job_type, "AddWorker");
    EXPECT_EQ(fleet.worker(id)->job->status, "pending");
    ASSERT_TRUE(fleet.registry.apply(id, StatusEvent::registered, "", 5, models_of({"gpt-4o"})).has_value());
    EXPECT_TRUE(fleet.worker(id)->ready());
    EXPECT_FALSE(fleet.worker(id)->job.has_value());
    EXPECT_TRUE(fleet.worker(id)->listed("gpt-4o"));
}

TEST(Registry, Bring_your_own_is_ready_at_once) {
    Fleet fleet;
    EXPECT_TRUE(fleet.worker(fleet.add(R"({"url":"https://api.openai.com/v1"})"))->ready());
    EXPECT_EQ(fleet.worker(fleet.add(R"({"url":"http://127.0.0.1:8000"})"))->status, Status::pending);
}

TEST(Registry, A_failure_stays_visible_with_its_reason) {
    Fleet fleet;
    const auto id = fleet.add(openai_with_key);
    (void)fleet.registry.apply(id, StatusEvent::register_failed, "the provider answered 401", 7);
    const auto worker = fleet.worker(id);
    EXPECT_EQ(worker->status, Status::failed);
    EXPECT_EQ(worker->status_reason, "the provider answered 401");
    EXPECT_EQ(worker->job->status, "failed");
    EXPECT_EQ(worker->job->message, "the provider answered 401");
    EXPECT_EQ(worker->job->timestamp, 7);
    (void)fleet.registry.apply(id, StatusEvent::retry_started, "", 8);
    (void)fleet.registry.apply(id, StatusEvent::register_failed, "no route", 9);
    EXPECT_EQ(fleet.worker(id)->status_reason, "no route");
}

TEST(Registry, The_same_url_and_name) {
    Fleet fleet;
    const auto id = fleet.add(openai_with_key);
    const auto again = [&] { return fleet.registry.add(spec_of(R"({"url":"https://API.openai.com","api_key":"sk-2","priority":3})"), "api", 2); };
    EXPECT_EQ(again().error().failure, RegistryFailure::create_in_progress);
    (void)fleet.registry.apply(id, StatusEvent::registered, "", 3);
    EXPECT_EQ(again().error().failure, RegistryFailure::already_exists);
    EXPECT_EQ(error_code(again().error().failure), "WORKER_ALREADY_EXISTS");
    EXPECT_EQ(http_status(again().error().failure), 409);
    EXPECT_TRUE(fleet.registry.add(spec_of(R"({"url":"https://api.openai.com","name":"second"})"), "api", 2).has_value());
    EXPECT_EQ(fleet.registry.snapshot()->workers().size(), 2U);
}

TEST(Registry, Over_a_failed_worker_it_replaces_it_and_keeps_the_id) {
    Fleet fleet;
    const auto id = fleet.add(openai_with_key);
    (void)fleet.registry.apply(id, StatusEvent::register_failed, "no", 3);
    const auto replaced = fleet.registry.add(spec_of(R"({"url":"https://api.openai.com/v1","api_key":"sk-2"})"), "api", 4);
    ASSERT_TRUE(replaced.has_value());
    EXPECT_EQ((*replaced)->id, id);
    EXPECT_EQ((*replaced)->status, Status::pending);
    EXPECT_EQ((*replaced)->status_reason, "");
    EXPECT_EQ(fleet.worker(id)->spec->api_key.reveal(), "sk-2");
    EXPECT_EQ(fleet.registry.snapshot()->workers().size(), 1U);
}

TEST(Registry, Draining_takes_a_worker_out_and_its_place_is_free) {
    Fleet fleet;
    const auto id = fleet.ready(openai_with_key, models_of({"gpt-4o"}));
    (void)fleet.registry.drain(id, 5);
    EXPECT_EQ(fleet.worker(id)->status, Status::draining);
    EXPECT_TRUE(fleet.registry.snapshot()->resolve("gpt-4o").servings.empty());
    EXPECT_NE(fleet.add(openai_with_key), id);
    EXPECT_TRUE(fleet.registry.remove(id).has_value());
    EXPECT_FALSE(fleet.worker(id));
    EXPECT_EQ(fleet.registry.remove(id).error().failure, RegistryFailure::not_found);
    EXPECT_EQ(fleet.registry.apply(id, StatusEvent::registered, "", 5).error().failure, RegistryFailure::not_found);
}

TEST(Registry, Updates) {
    Fleet fleet;
    const auto id = fleet.ready(openai_with_key, models_of({"gpt-4o"}));
    const auto before = fleet.worker(id);
    auto spec = *before->spec;
    spec.priority = 90;
    ASSERT_TRUE(fleet.registry.update(id, spec, false, 6, before->version).has_value());
    EXPECT_TRUE(fleet.worker(id)->ready());
    EXPECT_TRUE(fleet.worker(id)->discovered);
    EXPECT_EQ(fleet.worker(id)->counters, before->counters);
    EXPECT_EQ(before->spec->priority, 50);  // the old record is as it was
    EXPECT_EQ(fleet.registry.update(id, spec, false, 6, before->version).error().failure, RegistryFailure::create_in_progress);
    spec.api_key = Secret("sk-new");
    (void)fleet.registry.update(id, spec, true, 7);
    EXPECT_EQ(fleet.worker(id)->status, Status::pending);
    EXPECT_FALSE(fleet.worker(id)->discovered);
    spec.api_key = Secret();
    (void)fleet.registry.update(id, spec, true, 8);
    EXPECT_TRUE(fleet.worker(id)->ready());
}

TEST(Registry, A_key_that_becomes_absent_forgets_what_it_saw) {
    Fleet fleet;
    const auto id = fleet.ready(openai_with_key, models_of({"gpt-secret-preview"}));
    auto spec = *fleet.worker(id)->spec;
    spec.api_key = Secret();
    (void)fleet.registry.update(id, spec, false, 8);
    EXPECT_FALSE(fleet.worker(id)->discovered);
}

TEST(Registry, Snapshots_do_not_change_and_listeners_are_told) {
    Fleet fleet;
    int told = 0;
    fleet.registry.on_change([&] { ++told; });
    SnapshotCache cache(fleet.registry);
    const auto empty = cache.get();
    const auto id = fleet.add(openai_with_key);
    EXPECT_EQ(told, 1);
    EXPECT_TRUE(empty->workers().empty());
    EXPECT_EQ(cache.get()->workers().size(), 1U);
    const auto* same = cache.get().get();
    EXPECT_EQ(cache.get().get(), same);
    (void)fleet.registry.apply("nobody", StatusEvent::registered, "", 1);
    EXPECT_EQ(told, 1);
    (void)fleet.registry.set_models(id, models_of({"a"}));
    EXPECT_EQ(told, 2);
}

TEST(Registry, An_index_that_is_lent_on_stays_right) {
    Fleet fleet;
    const auto a = fleet.ready(openai_with_key, models_of({"gpt-4o"}));
    const auto serves = [&](const char* model) { return fleet.registry.snapshot()->resolve(model).servings.size(); };
    (void)fleet.registry.apply(a, StatusEvent::unhealthy, "503", 1);
    EXPECT_EQ(fleet.registry.snapshot()->resolve("gpt-4o").servings.at(0).worker->status, Status::not_ready);
    const auto b = fleet.add(R"({"url":"https://api.openai.com/v1","name":"b","api_key":"k"})");  // pending: no list yet
    EXPECT_EQ(serves("gpt-4o"), 1U);
    (void)fleet.registry.apply(b, StatusEvent::registered, "", 1, models_of({"gpt-4o", "o3"}));
    EXPECT_EQ(serves("gpt-4o"), 2U);
    (void)fleet.registry.set_models(b, models_of({"o3"}));
    EXPECT_EQ(serves("gpt-4o"), 1U);
    (void)fleet.registry.drain(a, 1);
    EXPECT_EQ(fleet.registry.snapshot()->resolve("gpt-4o").servings.at(0).basis, Basis::named);
    (void)fleet.registry.remove(a);
    EXPECT_EQ(fleet.registry.snapshot()->resolve("o3").servings.at(0).worker->id, b);
    (void)fleet.registry.remove(b);
    EXPECT_EQ(serves("o3"), 0U);
    fleet.ready(R"({"url":"http://127.0.0.1:8000","models":["m"]})");
    EXPECT_EQ(serves("m"), 1U);
}

TEST(Registry, Many_threads) {
    Registry registry(providers::Catalog::built_in());
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&registry, t] {
            for (int i = 0; i < 25; ++i) {
                (void)registry.add(spec_of(R"({"url":"http://127.0.0.1:)" + std::to_string(1000 + t * 100 + i) + "\"}"), "api", 1);
                (void)registry.snapshot()->resolve("gpt-4o");
            }
        });
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(registry.snapshot()->workers().size(), 100U);
    EXPECT_EQ(registry.version(), 100U);
}

TEST(Registry, Ids_are_random_uuids) {
    const std::regex uuid("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
    const auto first = random_uuid();
    EXPECT_TRUE(std::regex_match(first, uuid)) << first;
    EXPECT_NE(first, random_uuid());
}

TEST(InFlight, Counts_to_the_last_byte_once) {
    auto counters = std::make_shared<Counters>();
    {
        InFlight one(counters);
        InFlight moved = std::move(one);
        EXPECT_EQ(counters->in_flight.load(), 1);
        moved.release();
        moved.release();
        EXPECT_EQ(counters->in_flight.load(), 0);
        moved = InFlight(counters);
        EXPECT_EQ(counters->in_flight.load(), 1);
    }
    EXPECT_EQ(counters->in_flight.load(), 0);
    EXPECT_EQ(counters->processed.load(), 2U);
}

TEST(Counters, The_later_pause_wins) {
    Counters counters;
    const auto start = Clock::time_point(std::chrono::seconds(100));
    counters.cool_until(start + std::chrono::seconds(5));
    counters.cool_until(start + std::chrono::seconds(2));
    EXPECT_TRUE(counters.cooling(start + std::chrono::seconds(4)));
    EXPECT_FALSE(counters.cooling(start + std::chrono::seconds(5)));
}

TEST(WorkerInfo, Shows_all_and_no_secret) {
    Fleet fleet;
    const auto id =
        fleet.ready(R"({"url":"https://api.openai.com/v1","api_key":"hunter2","name":"n","headers":{"X-A":"hunter3"}})", models_of({"gpt-4o", "o3"}));
    fleet.worker(id)->counters->in_flight = 3;
    const auto info = worker_to_json(*fleet.worker(id));
    EXPECT_EQ(info.dump().find("hunter"), std::string::npos);
    EXPECT_EQ(info["id"], id);
    EXPECT_EQ(info["url"], "https://api.openai.com/v1");
    EXPECT_EQ(info["provider"], "openai");
    EXPECT_EQ(info["model_id"], "gpt-4o");
    EXPECT_EQ(info["models"].size(), 2U);
    EXPECT_EQ(info["is_healthy"], true);
    EXPECT_EQ(info["status"], "ready");
    EXPECT_EQ(info["load"], 3);
    EXPECT_EQ(info["circuit_breaker"]["state"], "closed");
    EXPECT_FALSE(info.contains("job_status"));
    EXPECT_FALSE(info.contains("status_reason"));
    // get, edit, put
    auto edited = info;
    edited["priority"] = 99;
    const auto put = replaced_spec(*fleet.worker(id)->spec, edited, test::catalog());
    ASSERT_TRUE(put.has_value()) << put.error().message;
    EXPECT_EQ(put->priority, 99);
    EXPECT_FALSE(put->models.has_value());
    EXPECT_EQ(put->api_key.reveal(), "hunter2");
}

TEST(WorkerInfo, The_list_with_its_stats) {
    Fleet fleet;
    fleet.ready(openai_with_key, models_of({"gpt-4o", "o3"}));
    const auto failed = fleet.add(R"({"url":"https://api.anthropic.com","api_key":"k"})");
    (void)fleet.registry.apply(failed, StatusEvent::register_failed, "401", 3);
    fleet.add(R"({"url":"https://api.x.ai","api_key":"k"})");
    const auto list = workers_to_json(*fleet.registry.snapshot());
    EXPECT_EQ(list["total"], 3);
    EXPECT_EQ(list["workers"].size(), 3U);
    EXPECT_EQ(list["workers"][1]["status"], "failed");
    EXPECT_EQ(list["workers"][1]["job_status"]["message"], "401");
    EXPECT_EQ(list["workers"][2]["status"], "pending");
    EXPECT_EQ(list["stats"]["healthy_workers"], 1);
    EXPECT_EQ(list["stats"]["total_models"], 2);
    EXPECT_EQ(list["stats"]["prefill_count"], 0);
    const auto filtered = workers_to_json(*fleet.registry.snapshot(), "gpt-4o");
    EXPECT_EQ(filtered["total"], 1);
    EXPECT_EQ(workers_to_json(*fleet.registry.snapshot(), "llama")["total"], 0);
}

TEST(Registry, A_pause_is_the_keys_that_ran_into_it) {
    Fleet fleet;
    const auto now = Clock::now();
    const auto id = fleet.ready(openai_with_key);
    const auto& counters = *fleet.worker(id)->counters;
    const auto pause = [&] {
        fleet.worker(id)->counters->cool_until(now + std::chrono::hours(1));
        fleet.worker(id)->counters->cooled_by_quota = true;
    };
    pause();
    auto spec = *fleet.worker(id)->spec;
    spec.priority = 7;
    (void)fleet.registry.update(id, spec, false, 6);
    EXPECT_TRUE(counters.cooling(now)) << "the same key";
    spec.api_key = Secret("sk-new");
    (void)fleet.registry.update(id, spec, true, 7);
    EXPECT_FALSE(counters.cooling(now) || counters.cooled_by_quota);
    pause();
    (void)fleet.registry.apply(id, StatusEvent::register_failed, "no", 8);
    ASSERT_TRUE(fleet.registry.add(spec, "api", 9));
    EXPECT_TRUE(counters.cooling(now)) << "replaced, with the same key";
    (void)fleet.registry.apply(id, StatusEvent::register_failed, "no", 10);
    spec.api_key = Secret("sk-third");
    ASSERT_TRUE(fleet.registry.add(spec, "api", 11));
    EXPECT_FALSE(counters.cooling(now) || counters.cooled_by_quota);
}

TEST(Registry, What_cannot_be_used_is_seen_and_waits_for_another_spec) {
    Fleet fleet;
    auto spec = spec_of(R"({"url":"https://llm.acme.example/v1","api_key":"k","name":"a"})");
    spec.provider = "acme";
    const auto added = fleet.registry.add_unusable(spec, "store", "provider `acme` is not known", 5, "w9");
    ASSERT_TRUE(added);
    const auto info = worker_to_json(**added);
    EXPECT_EQ(info["id"], "w9");
    EXPECT_EQ(info["status"], "failed");
    EXPECT_EQ(info["status_reason"], "provider `acme` is not known");
    EXPECT_EQ(info["provider"], "acme");
    EXPECT_EQ(info["job_status"]["status"], "failed");
    (void)fleet.registry.apply("w9", StatusEvent::unhealthy, "no", 6);
    EXPECT_EQ(fleet.worker("w9")->cause, Cause::configuration);
    spec.provider.clear();
    ASSERT_TRUE(fleet.registry.update("w9", spec, true, 7));
    EXPECT_EQ(fleet.worker("w9")->status, Status::pending);
}

}  // namespace
}  // namespace smg::workers
