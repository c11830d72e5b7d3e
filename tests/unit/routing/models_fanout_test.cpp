#include "routing/models_fanout.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/workers/fixture.hpp"

namespace smg::routing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using workers::StatusEvent;
using workers::test::Fleet;

std::vector<std::string> asked(const Fleet& fleet, std::string_view token, ModelsFanout mode = ModelsFanout::all) {
    std::vector<std::string> ids;
    for (const auto& worker : plan_models_fanout(*fleet.registry.snapshot(), token, mode).workers) ids.push_back(worker->id);
    return ids;
}

struct ModelsFanoutPlan : testing::Test {
    ModelsFanoutPlan() {
        openai = fleet.ready(R"({"url":"https://api.openai.com/v1","api_key":"k"})");
        fleet.ready(R"({"url":"https://api.openai.com/v1","name":"second","api_key":"k2"})");
        anthropic = fleet.ready(R"({"url":"https://api.anthropic.com/v1"})");
        vendor = fleet.ready(R"({"url":"https://llm.example/v1","provider":"openai-compatible"})");
        fleet.ready(R"({"url":"http://127.0.0.1:8000"})");
        const auto failed = fleet.add(R"({"url":"https://api.x.ai/v1","api_key":"k"})");
        (void)fleet.registry.apply(failed, StatusEvent::register_failed, "no", 1);
    }
    Fleet fleet;
    std::string openai, anthropic, vendor;
};

TEST_F(ModelsFanoutPlan, A_known_form_goes_to_its_provider_alone_each_url_once) {
    EXPECT_THAT(asked(fleet, "sk-proj-x"), ElementsAre(openai));
    EXPECT_THAT(asked(fleet, "sk-ant-x"), ElementsAre(anthropic));
    EXPECT_THAT(asked(fleet, "sk-ant-x", ModelsFanout::matched), ElementsAre(anthropic));
    EXPECT_THAT(asked(fleet, "xai-x"), IsEmpty());  // its worker failed
    EXPECT_EQ(plan_models_fanout(*fleet.registry.snapshot(), "xai-x", ModelsFanout::all).known->name, "xai");
}

TEST_F(ModelsFanoutPlan, An_unknown_form_goes_to_every_healthy_external_worker_or_to_none) {
    EXPECT_THAT(asked(fleet, "sk-unknown"), ElementsAre(openai, anthropic, vendor));
    EXPECT_FALSE(plan_models_fanout(*fleet.registry.snapshot(), "sk-unknown", ModelsFanout::all).known);
    EXPECT_THAT(asked(fleet, "sk-unknown", ModelsFanout::matched), IsEmpty());
    EXPECT_THAT(asked(fleet, "sk-unknown", ModelsFanout::off), IsEmpty());
}

TEST_F(ModelsFanoutPlan, A_placeholder_goes_nowhere) {
    for (const auto* token : {"", "EMPTY", "dummy"}) EXPECT_THAT(asked(fleet, token), IsEmpty()) << token;
}

TEST_F(ModelsFanoutPlan, Out_of_service_is_left_out_but_for_a_refused_stored_key) {
    (void)fleet.registry.apply(openai, StatusEvent::key_refused, "401", 1);
    (void)fleet.registry.apply(anthropic, StatusEvent::unhealthy, "503", 1);
    EXPECT_THAT(asked(fleet, "sk-unknown"), ElementsAre(openai, vendor));
}

}  // namespace
}  // namespace smg::routing
