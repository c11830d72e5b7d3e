/// A coding agent at work: fifty requests of one conversation with parallel tools, thinking, pictures in tool results and a compaction in the
/// middle, through the formats to providers of other formats. The simulated providers are strict: signatures, pairing and order must be right.
/// And a provider's prompt cache must keep hitting: what was sent before stands again at the beginning of what is sent next.
#include <gtest/gtest.h>

#include "support/running_gateway.hpp"

namespace smg::test {
namespace {

constexpr int rounds = 25;  ///< of two requests each: one that ends in calls, one that brings their results
constexpr int compaction_after = 12;
const std::string picture = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

Json schema() { return {{"type", "object"}, {"properties", {{"city", {{"type", "string"}}}}}}; }

/// What of an upstream request is the conversation, in the order in which a prompt is made of it.
Json turns_of(const Json& request) {
    for (const auto* name : {"messages", "contents", "input"})
        if (request.contains(name)) return request.at(name);
    return Json::array();
}
Json frame_of(Json request) {
    for (const auto* name : {"messages", "contents", "input", "max_tokens"}) request.erase(name);
    return request;
}

class AgentLoop : public testing::Test {
protected:
    AgentLoop() {
        for (const auto& [provider, key] : std::map<std::string, std::string>{
                 {"openai", "sk-proj-stored"}, {"anthropic", "sk-ant-api03-stored"}, {"gemini", "AIza-stored-0123456789"}})
            gateway.add_worker({{"url", providers[provider].url()}, {"provider", provider}, {"api_key", key}});
    }
    /// Everything sent to the provider since the last look, generation requests alone.
    std::vector<Json> sent_to(const std::string& provider) {
        std::vector<Json> bodies;
        for (const auto& request : providers[provider].requests())
            if (request.method == "POST") {
                EXPECT_EQ(request.status, 200) << request.body;
                bodies.push_back(Json::parse(request.body));
            }
        return bodies;
    }
    /// Consecutive requests share all of the earlier one, but where the client itself began anew.
    static void expect_growing_prefix(const std::vector<Json>& requests) {
        ASSERT_EQ(requests.size(), 2U * rounds);
        for (std::size_t n = 1; n < requests.size(); ++n) {
            if (n == 2U * compaction_after) continue;
            EXPECT_EQ(frame_of(requests[n - 1]), frame_of(requests[n])) << "request " << n;
            const auto before = turns_of(requests[n - 1]);
            const auto after = turns_of(requests[n]);
            ASSERT_GT(after.size(), before.size()) << "request " << n;
            for (std::size_t i = 0; i < before.size(); ++i) ASSERT_EQ(after[i], before[i]) << "request " << n << ", turn " << i;
        }
    }
    Providers providers;
    RunningGateway gateway;
};

/// What the client says of a tool's result; every third one holds a picture.
class MessagesAgent {
public:
    MessagesAgent(const RunningGateway& gateway, std::string model) : gateway_(gateway), model_(std::move(model)) {}

    void run() {
        for (int round = 0; round < rounds; ++round) {
            if (round == compaction_after) messages_ = Json::array();
            const std::string summary = round == compaction_after ? "Summary of what was done so far. " : "";
            add("user", Json::array({{{"type", "text"}, {"text", summary + "the weather in parallel, round " + std::to_string(round)}}}));
            const auto called = ask();
            ASSERT_EQ(called.value("stop_reason", ""), "tool_use") << called;
            Json results = Json::array();
            for (const auto& block : called.at("content"))
                if (block.at("type") == "tool_use") results.push_back(result_of(block.at("id"), results.size() + static_cast<std::size_t>(round)));
            ASSERT_EQ(results.size(), 2U) << called;
            add("user", results);
            const auto told = ask();
            ASSERT_EQ(told.value("stop_reason", ""), "end_turn") << told;
        }
    }

private:
    void add(const std::string& role, const Json& content) { messages_.push_back({{"role", role}, {"content", content}}); }
    static Json result_of(const Json& id, std::size_t number) {
        Json content = Json::array({{{"type", "text"}, {"text", "sunny " + std::to_string(number)}}});
        if (number % 3 == 0) content.push_back({{"type", "image"}, {"source", {{"type", "base64"}, {"media_type", "image/png"}, {"data", picture}}}});
        return {{"type", "tool_result"}, {"tool_use_id", id}, {"content", content}};
    }
    /// Asks, and takes the answer into the history as it came, thinking and its signatures included.
    Json ask() {
        const Json body = {{"model", model_},
                           {"max_tokens", 8000},
                           {"system", "You are an agent."},
                           {"thinking", {{"type", "enabled"}, {"budget_tokens", 4000}}},
                           {"tools",
                            {{{"name", "get_weather"}, {"description", "d"}, {"input_schema", schema()}},
                             {{"name", "get_time"}, {"description", "d"}, {"input_schema", schema()}}}},
                           {"messages", messages_}};
        const auto answer = gateway_.post("/v1/messages", body);
        EXPECT_EQ(answer.status, 200) << answer.body;
        if (answer.status != 200) return Json::object();
        auto said = Json::parse(answer.body);
        add("assistant", said.at("content"));
        return said;
    }

    const RunningGateway& gateway_;
    const std::string model_;
    Json messages_ = Json::array();
};

class ChatAgent {
public:
    ChatAgent(const RunningGateway& gateway, std::string model) : gateway_(gateway), model_(std::move(model)) {}

    void run() {
        begin("");
        for (int round = 0; round < rounds; ++round) {
            if (round == compaction_after) begin("Summary of what was done so far. ");
            Json content = Json::array({{{"type", "text"}, {"text", "the weather in parallel, round " + std::to_string(round)}}});
            if (round % 3 == 0) content.push_back({{"type", "image_url"}, {"image_url", {{"url", "data:image/png;base64," + picture}}}});
            messages_.push_back({{"role", "user"}, {"content", content}});
            const auto called = ask();
            ASSERT_TRUE(called.contains("tool_calls")) << called;
            ASSERT_EQ(called.at("tool_calls").size(), 2U) << called;
            for (const auto& call : called.at("tool_calls"))
                messages_.push_back({{"role", "tool"}, {"tool_call_id", call.at("id")}, {"content", "sunny " + std::to_string(round)}});
            const auto told = ask();
            ASSERT_FALSE(told.contains("tool_calls")) << told;
        }
    }

private:
    void begin(const std::string& summary) { messages_ = Json::array({{{"role", "system"}, {"content", "You are an agent. " + summary}}}); }
    Json ask() {
        Json tools = Json::array();
        for (const auto* name : {"get_weather", "get_time"})
            tools.push_back({{"type", "function"}, {"function", {{"name", name}, {"description", "d"}, {"parameters", schema()}}}});
        const Json body = {
            {"model", model_}, {"max_completion_tokens", 8000}, {"reasoning_effort", "medium"}, {"tools", std::move(tools)}, {"messages", messages_}};
        const auto answer = gateway_.post("/v1/chat/completions", body);
        EXPECT_EQ(answer.status, 200) << answer.body;
        if (answer.status != 200) return Json::object();
        auto message = Json::parse(answer.body).at("choices").at(0).at("message");
        messages_.push_back(message);
        return message;
    }

    const RunningGateway& gateway_;
    const std::string model_;
    Json messages_ = Json::array();
};

TEST_F(AgentLoop, MessagesToOpenAiOverResponses) {
    MessagesAgent(gateway, "gpt-5.4").run();
    expect_growing_prefix(sent_to("openai"));
}

TEST_F(AgentLoop, MessagesToOpenAiOverChat) {
    MessagesAgent(gateway, "gpt-5").run();
    expect_growing_prefix(sent_to("openai"));
}

TEST_F(AgentLoop, MessagesToGemini25) {
    MessagesAgent(gateway, "gemini-2.5-flash").run();
    expect_growing_prefix(sent_to("gemini"));
}

TEST_F(AgentLoop, MessagesToGemini3WhoseCallsAreSigned) {
    MessagesAgent(gateway, "gemini-3-pro-preview").run();
    expect_growing_prefix(sent_to("gemini"));
}

TEST_F(AgentLoop, ChatToAnthropic) {
    ChatAgent(gateway, "claude-sonnet-4-5").run();
    expect_growing_prefix(sent_to("anthropic"));
}

TEST_F(AgentLoop, ChatToGemini25) {
    ChatAgent(gateway, "gemini-2.5-flash").run();
    expect_growing_prefix(sent_to("gemini"));
}

TEST_F(AgentLoop, ChatToGemini3WhoseCallsAreSigned) {
    ChatAgent(gateway, "gemini-3-pro-preview").run();
    expect_growing_prefix(sent_to("gemini"));
}

}  // namespace
}  // namespace smg::test
