/// The simulated OpenAI's Responses: as strict as the real one, and as talkative.
#include <gtest/gtest.h>

#include "unit/simulator/provider_calls.hpp"

namespace smg::simulator {
namespace {

class SimulatedResponses : public testing::Test {
protected:
    static SimulatorOptions as_openai() {
        SimulatorOptions options;
        options.provider = "openai";
        return options;
    }
    Called send(const std::string& method, const std::string& target, const OrderedJson& body = {}) {
        return call(provider, method, target, fields_of({{"authorization", "Bearer k"}, {"content-type", "application/json"}}),
                    body.is_null() ? std::string() : body.dump());
    }
    Called create(OrderedJson more) {
        OrderedJson body = {{"model", "gpt-5"}, {"input", "Hello"}};
        body.update(more);
        return send("POST", "/v1/responses", body);
    }
    /// The field that an error names.
    std::string refused(const OrderedJson& more) {
        const auto called = create(more);
        EXPECT_EQ(called.status, 400) << called.body;
        const auto param = called.body.value("/error/param"_json_pointer, OrderedJson());
        return param.is_string() ? param.get<std::string>() : std::string();
    }
    SimulatedProvider provider{as_openai()};
};

const OrderedJson weather = {
    {"type", "function"}, {"name", "get_weather"}, {"parameters", {{"type", "object"}, {"properties", OrderedJson::object()}}}};

TEST_F(SimulatedResponses, AnswersWithItemsAndCounts) {
    const auto called = create(OrderedJson::object());
    ASSERT_EQ(called.status, 200) << called.body;
    EXPECT_EQ(called.body["object"], "response");
    EXPECT_EQ(called.body["status"], "completed");
    EXPECT_TRUE(called.body["id"].get<std::string>().starts_with("resp_"));
    const auto& last = called.body["output"].back();
    EXPECT_EQ(last["type"], "message");
    EXPECT_NE(last["content"][0]["text"].get<std::string>().find("You said: Hello"), std::string::npos);
    const auto& usage = called.body["usage"];
    EXPECT_EQ(usage["total_tokens"], usage["input_tokens"].get<int>() + usage["output_tokens"].get<int>());
}

TEST_F(SimulatedResponses, CallsToolsAndTakesTheirOutputs) {
    const auto called = create({{"input", "the weather"}, {"tools", {weather}}, {"store", false}, {"include", {"reasoning.encrypted_content"}}});
    ASSERT_EQ(called.status, 200) << called.body;
    OrderedJson input = {{{"role", "user"}, {"content", "the weather"}}};
    std::string call_id;
    for (const auto& item : called.body["output"]) {
        input.push_back(item);
        if (item["type"] == "function_call") call_id = item["call_id"];
    }
    ASSERT_FALSE(call_id.empty()) << called.body;
    input.push_back({{"type", "function_call_output"}, {"call_id", call_id}, {"output", "sunny"}});
    const auto told = create({{"input", input}, {"tools", {weather}}, {"store", false}});
    EXPECT_EQ(told.status, 200) << told.body;
    // A reasoning item alone, or one that somebody else issued, is refused.
    for (auto& item : input)
        if (item.contains("encrypted_content")) item["encrypted_content"] = "smg1.anthropic.czp4";
    EXPECT_EQ(create({{"input", input}, {"tools", {weather}}, {"store", false}}).status, 400);
}

TEST_F(SimulatedResponses, RefusesWhatTheRealOneRefuses) {
    EXPECT_EQ(refused({{"messages", OrderedJson::array()}}), "messages");
    EXPECT_EQ(refused({{"max_tokens", 9}}), "max_tokens");
    EXPECT_EQ(refused({{"max_output_tokens", 5}}), "max_output_tokens");
    EXPECT_FALSE(refused({{"tools", {{{"type", "function"}, {"function", {{"name", "nested_as_in_chat"}}}}}}}).empty());
    EXPECT_FALSE(refused({{"input", {{{"type", "function_call_output"}, {"call_id", "call_nobody"}, {"output", "x"}}}}}).empty());
}

TEST_F(SimulatedResponses, KeepsWhatIsToBeKept) {
    const auto first = create({{"input", "remember me"}});
    const auto id = first.body["id"].get<std::string>();
    EXPECT_EQ(send("GET", "/v1/responses/" + id).body["id"], id);
    EXPECT_EQ(send("GET", "/v1/responses/" + id + "/input_items").status, 200);
    EXPECT_EQ(create({{"previous_response_id", id}}).status, 200);
    EXPECT_EQ(send("DELETE", "/v1/responses/" + id).status, 200);
    EXPECT_EQ(send("GET", "/v1/responses/" + id).status, 404);
    EXPECT_NE(create({{"previous_response_id", id}}).status, 200);
    const auto unkept = create({{"store", false}}).body["id"].get<std::string>();
    EXPECT_EQ(send("GET", "/v1/responses/" + unkept).status, 404);
}

TEST_F(SimulatedResponses, CountsTokens) {
    const auto called = send("POST", "/v1/responses/input_tokens", {{"model", "gpt-5"}, {"input", "How many?"}});
    ASSERT_EQ(called.status, 200) << called.body;
    EXPECT_EQ(called.body["object"], "response.input_tokens");
    EXPECT_GT(called.body["input_tokens"].get<int>(), 0);
}

TEST_F(SimulatedResponses, StreamsInTheOrderThatSdksDemand) {
    const auto called = create({{"stream", true}, {"input", "the weather"}, {"tools", {weather}}});
    ASSERT_EQ(called.status, 200);
    const auto text = called.reply.content();
    int expected = 0;
    std::string last;
    for (std::size_t at = text.find("data: "); at != std::string::npos; at = text.find("data: ", at + 1)) {
        const auto event = OrderedJson::parse(text.substr(at + 6, text.find('\n', at) - at - 6));
        EXPECT_EQ(event["sequence_number"], expected++);
        last = event["type"];
    }
    EXPECT_GT(expected, 5);
    EXPECT_EQ(last, "response.completed");
}

/// The reason why the gateway speaks Responses for such models.
TEST_F(SimulatedResponses, ChatRefusesTheToolsOfNewModels) {
    const OrderedJson tool = {{"type", "function"}, {"function", {{"name", "f"}}}};
    OrderedJson body = {{"model", "gpt-5.4"}, {"messages", {{{"role", "user"}, {"content", "x"}}}}, {"tools", {tool}}};
    const auto called = send("POST", "/v1/chat/completions", body);
    EXPECT_EQ(called.status, 400);
    EXPECT_NE(called.body["error"]["message"].get<std::string>().find("/v1/responses"), std::string::npos) << called.body;
    body["reasoning_effort"] = "none";
    EXPECT_EQ(send("POST", "/v1/chat/completions", body).status, 200);
}

}  // namespace
}  // namespace smg::simulator
