#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/workers/fixture.hpp"

namespace smg::workers {
namespace {

using test::Fleet;
using test::models_of;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> ids(const Resolution& resolution) {
    std::vector<std::string> all;
    for (const auto& serving : resolution.servings) all.push_back(serving.worker->id);
    return all;
}

constexpr const char* openai = R"({"url":"https://api.openai.com/v1","api_key":"k"})";
constexpr const char* anthropic = R"({"url":"https://api.anthropic.com/v1","api_key":"k"})";

TEST(Resolve, Exact_lists_first) {
    Fleet fleet;
    const auto a = fleet.ready(openai, models_of({"gpt-4o"}));
    const auto b = fleet.ready(R"({"url":"https://openrouter.ai","api_key":"k"})", models_of({"gpt-4o", "openai/gpt-4o"}));
    const auto c = fleet.ready(R"({"url":"https://api.openai.com/v1","name":"c"})");
    const auto snapshot = fleet.registry.snapshot();
    EXPECT_THAT(ids(snapshot->resolve("gpt-4o")), ElementsAre(a, b));
    EXPECT_EQ(snapshot->resolve("gpt-4o").servings[0].basis, Basis::discovered);
    EXPECT_EQ(snapshot->resolve("gpt-4o").named->name, "openai");
    EXPECT_THAT(ids(snapshot->resolve("openai/gpt-4o")), ElementsAre(b));  // ids may contain slashes
    // A discovered list is knowledge, not a fence.
    const auto unlisted = snapshot->resolve("gpt-5.9-new");
    EXPECT_THAT(ids(unlisted), ElementsAre(a, c));
    EXPECT_EQ(unlisted.servings[0].basis, Basis::named);
    EXPECT_TRUE(unlisted.missed_lists);
    EXPECT_FALSE(snapshot->resolve("gpt-4o").missed_lists);
}

TEST(Resolve, Declared_models_are_a_fence) {
    Fleet fleet;
    const auto a = fleet.ready(
        R"({"url":"https://api.openai.com/v1","api_key":"k","models":[{"id":"fast","aliases":["quick"],"upstream_model":"gpt-4o-mini"}]})",
        models_of({"gpt-4o"}));
    const auto snapshot = fleet.registry.snapshot();
    EXPECT_THAT(ids(snapshot->resolve("gpt-4o")), IsEmpty());
    const auto fast = snapshot->resolve("quick");
    EXPECT_THAT(ids(fast), ElementsAre(a));
    EXPECT_EQ(fast.servings[0].upstream_model, "gpt-4o-mini");
    EXPECT_EQ(fast.servings[0].basis, Basis::declared);
    EXPECT_FALSE(fast.named);
}

TEST(Resolve, Prefix_of_provider_or_worker) {
    Fleet fleet;
    const auto a = fleet.ready(openai, models_of({"gpt-4o"}));
    const auto b = fleet.ready(anthropic, models_of({"claude-sonnet-4"}));
    const auto c = fleet.ready(R"({"url":"http://127.0.0.1:8000","name":"box"})", models_of({"meta/llama", "qwen"}));
    const auto snapshot = fleet.registry.snapshot();
    for (const auto* spelled : {"claude/claude-sonnet-4", "Anthropic/claude-sonnet-4", "anthropic/claude-new"}) {
        const auto found = snapshot->resolve(spelled);
        EXPECT_THAT(ids(found), ElementsAre(b)) << spelled;
        EXPECT_EQ(found.named->name, "anthropic");
    }
    EXPECT_EQ(snapshot->resolve("openai/gpt-4o").servings[0].upstream_model, "gpt-4o");
    EXPECT_THAT(ids(snapshot->resolve("openai/claude-sonnet-4")), ElementsAre(a));
    EXPECT_THAT(ids(snapshot->resolve("box/qwen")), ElementsAre(c));
    EXPECT_EQ(snapshot->resolve("box/meta/llama").servings[0].upstream_model, "meta/llama");
    EXPECT_THAT(ids(snapshot->resolve("meta/llama")), ElementsAre(c));
    EXPECT_THAT(ids(snapshot->resolve("nobody/llama")), IsEmpty());
    EXPECT_THAT(ids(snapshot->resolve("xai/grok-4")), IsEmpty());
}

TEST(Resolve, Models_slash_is_stripped) {
    Fleet fleet;
    const auto a = fleet.ready(R"({"url":"https://generativelanguage.googleapis.com","api_key":"k"})", models_of({"gemini-2.5-pro"}));
    const auto snapshot = fleet.registry.snapshot();
    for (const auto* spelled : {"models/gemini-2.5-pro", "gemini-2.5-pro", "google/gemini-2.5-pro", "gemini/models/gemini-2.5-pro"}) {
        EXPECT_THAT(ids(snapshot->resolve(spelled)), ElementsAre(a)) << spelled;
        EXPECT_EQ(snapshot->resolve(spelled).servings[0].upstream_model, "gemini-2.5-pro") << spelled;
    }
    EXPECT_EQ(snapshot->resolve("models/gemini-9").servings[0].upstream_model, "gemini-9");
}

TEST(Resolve, Nobodys_name_goes_to_compatible_workers_without_a_list) {
    Fleet fleet;
    const auto a = fleet.ready(R"({"url":"http://127.0.0.1:8000"})");
    fleet.ready(R"({"url":"http://127.0.0.1:8001"})", models_of({"qwen"}));
    fleet.ready(R"({"url":"http://127.0.0.1:8002","models":["x"]})");
    fleet.ready(R"({"url":"https://api.openai.com"})");
    const auto snapshot = fleet.registry.snapshot();
    EXPECT_THAT(ids(snapshot->resolve("llama-3")), ElementsAre(a));
    EXPECT_EQ(snapshot->resolve("llama-3").servings[0].basis, Basis::catch_all);
    EXPECT_THAT(ids(snapshot->resolve("meta-llama/llama-3")), ElementsAre(a));
    EXPECT_THAT(ids(snapshot->resolve("claude-sonnet-4")), IsEmpty());  // a provider's pattern names it
}

TEST(Resolve, Aliases_of_the_gateway) {
    Fleet fleet(Registry::Aliases{{"fast", "gpt-4o-mini"}, {"gpt-4", "claude-sonnet-4"}});
    const auto a = fleet.ready(openai, models_of({"gpt-4o-mini", "gpt-4"}));
    const auto b = fleet.ready(anthropic, models_of({"claude-sonnet-4"}));
    const auto fast = fleet.registry.snapshot()->resolve("fast");
    EXPECT_THAT(ids(fast), ElementsAre(a));
    EXPECT_EQ(fast.servings[0].upstream_model, "gpt-4o-mini");
    EXPECT_EQ(fast.alias_of, "fast");
    EXPECT_EQ(fast.model, "fast");
    EXPECT_THAT(ids(fleet.registry.snapshot()->resolve("gpt-4")), ElementsAre(b));
    fleet.registry.set_aliases({});
    EXPECT_THAT(ids(fleet.registry.snapshot()->resolve("gpt-4")), ElementsAre(a));
}

TEST(Resolve, Only_one_worker) {
    Fleet fleet;
    fleet.ready(openai, models_of({"gpt-4o"}));
    const auto b = fleet.ready(R"({"url":"https://api.openai.com/v1","name":"b"})");
    const auto snapshot = fleet.registry.snapshot();
    EXPECT_THAT(ids(snapshot->resolve("gpt-4o", snapshot->by_id(b).get())), ElementsAre(b));
}

TEST(Resolve, Pending_could_serve) {
    Fleet fleet;
    const auto a = fleet.add(openai);
    EXPECT_TRUE(fleet.registry.snapshot()->pending_could_serve("gpt-4o"));
    EXPECT_FALSE(fleet.registry.snapshot()->pending_could_serve("claude-x"));
    fleet.ready(R"({"url":"https://api.openai.com/v1","name":"b"})");
    EXPECT_FALSE(fleet.registry.snapshot()->pending_could_serve("gpt-4o"));
    (void)fleet.registry.apply(a, StatusEvent::register_failed, "no", 1);
    EXPECT_FALSE(fleet.registry.snapshot()->pending_could_serve("gpt-4o"));
    fleet.add(R"({"url":"http://127.0.0.1:8000"})");
    EXPECT_TRUE(fleet.registry.snapshot()->pending_could_serve("llama"));
}

TEST(Snapshot, Workers_by_spelling) {
    Fleet fleet;
    const auto a = fleet.ready(openai);
    const auto b = fleet.ready(R"({"url":"https://api.x.ai","name":"grokker"})");
    const auto snapshot = fleet.registry.snapshot();
    EXPECT_EQ(snapshot->by_spelling("0")->id, a);
    EXPECT_EQ(snapshot->by_spelling("1")->id, b);
    EXPECT_EQ(snapshot->by_spelling("grokker")->id, b);
    EXPECT_EQ(snapshot->by_spelling(a)->id, a);
    for (const auto* none : {"2", "", "-1", "0x", "Grokker"}) EXPECT_FALSE(snapshot->by_spelling(none)) << none;
}

TEST(Snapshot, Known_models_are_the_union) {
    Fleet fleet(Registry::Aliases{{"fast", "gpt-4o"}, {"dangling", "nothing"}});
    fleet.ready(openai, models_of({"o3", "gpt-4o"}));
    fleet.ready(
        R"({"url":"https://api.x.ai","name":"x","api_key":"k",
            "models":[{"id":"grok-4","aliases":["g"],"display_name":"Grok 4","context_length":9}]})");
    const auto failed = fleet.add(anthropic);
    (void)fleet.registry.apply(failed, StatusEvent::register_failed, "no", 1);
    const auto sick = fleet.ready(R"({"url":"http://127.0.0.1:8000"})", models_of({"qwen", "gpt-4o"}));
    (void)fleet.registry.apply(sick, StatusEvent::unhealthy, "503", 1);
    const auto known = fleet.registry.snapshot()->known_models();
    std::vector<std::string> names;
    for (const auto& model : known) names.push_back(model.id);
    EXPECT_THAT(names, ElementsAre("fast", "g", "gpt-4o", "grok-4", "o3", "qwen"));
    EXPECT_EQ(known[2].provider, "openai");
    EXPECT_EQ(known[3].display_name, "Grok 4");
    EXPECT_EQ(known[3].owned_by, "xai");
    EXPECT_EQ(known[3].context_length, 9U);
}

TEST(Snapshot, One_known_model) {
    Fleet fleet(Registry::Aliases{{"fast", "gpt-4o"}});
    fleet.ready(openai, models_of({"gpt-4o"}));
    const auto snapshot = fleet.registry.snapshot();
    for (const auto* id : {"gpt-4o", "openai/gpt-4o", "fast"}) {
        const auto model = snapshot->known_model(id);
        ASSERT_TRUE(model) << id;
        EXPECT_EQ(model->id, id);
        EXPECT_EQ(model->provider, "openai");
    }
    EXPECT_FALSE(snapshot->known_model("gpt-9"));
    EXPECT_FALSE(snapshot->known_model("claude-3"));
}

TEST(Snapshot, Nearest_models) {
    Fleet fleet;
    fleet.ready(openai, models_of({"gpt-4o", "gpt-4o-mini", "o3", "whisper-1"}));
    EXPECT_THAT(fleet.registry.snapshot()->nearest_models("gpt4o"), ElementsAre("gpt-4o"));
    EXPECT_THAT(fleet.registry.snapshot()->nearest_models("completely-different-thing"), IsEmpty());
    EXPECT_THAT(fleet.registry.snapshot()->nearest_models(std::string(1000, 'x')), IsEmpty());
}

TEST(Worker, Labels_and_habits) {
    Fleet fleet;
    const auto local = fleet.worker(fleet.ready(R"({"url":"http://127.0.0.1:8000","runtime_type":"vllm"})"));
    EXPECT_EQ(local->router_type(), "http");
    EXPECT_EQ(local->backend_type(), "regular");
    EXPECT_TRUE(local->takes_stream_usage_option());
    EXPECT_EQ(local->label(), local->id);
    const auto plain = fleet.worker(fleet.ready(R"({"url":"http://127.0.0.1:8001","name":"p"})"));
    EXPECT_FALSE(plain->takes_stream_usage_option());
    EXPECT_EQ(plain->label(), "p");
    const auto claude = fleet.worker(fleet.ready(anthropic));
    EXPECT_EQ(claude->router_type(), "anthropic");
    EXPECT_EQ(claude->backend_type(), "external");
    EXPECT_EQ(claude->capabilities("claude-opus-4-1").max_output_tokens, 32000U);
    EXPECT_FALSE(claude->takes_stream_usage_option());
}

}  // namespace
}  // namespace smg::workers
