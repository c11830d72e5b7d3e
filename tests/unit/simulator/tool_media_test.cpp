// The simulated models see what a tool shows: a test that sends a picture in a tool's result can tell whether it arrived.
#include <gtest/gtest.h>

#include "unit/simulator/provider_calls.hpp"

namespace smg::simulator {
namespace {

constexpr std::string_view answer = "The tools answered: camera: done with an image (image/png, 3 bytes).";

std::string said(const std::string& provider, const std::string& target, const std::string& body) {
    SimulatorOptions options;
    options.provider = provider;
    SimulatedProvider simulated(options);
    const auto fields = fields_of({{"Authorization", "Bearer k"},
                                   {"x-api-key", "k"},
                                   {"x-goog-api-key", "k"},
                                   {"anthropic-version", "2023-06-01"},
                                   {"Content-Type", "application/json"}});
    return call(simulated, "POST", target, fields, body).reply.content();
}

TEST(ToolMedia, IsSeenInAMessagesResult) {
    const auto text = said("anthropic", "/v1/messages", R"({"model":"claude-sonnet-4-20250514","max_tokens":99,"messages":[
        {"role":"user","content":"look"},
        {"role":"assistant","content":[{"type":"tool_use","id":"toolu_1","name":"camera","input":{}}]},
        {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":[{"type":"text","text":"done"},
            {"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}}]}]}],
        "tools":[{"name":"camera","input_schema":{"type":"object"}}]})");
    EXPECT_NE(text.find(answer), std::string::npos) << text;
}

TEST(ToolMedia, IsSeenInAResponsesOutput) {
    const auto text = said("openai", "/v1/responses", R"({"model":"gpt-4o","store":false,"input":[{"role":"user","content":"look"},
        {"type":"function_call","call_id":"call_1","name":"camera","arguments":"{}"},
        {"type":"function_call_output","call_id":"call_1","output":[{"type":"input_text","text":"done"},
            {"type":"input_image","image_url":"data:image/png;base64,AAAA"}]}]})");
    EXPECT_NE(text.find(answer), std::string::npos) << text;
}

std::string gemini_said(const std::string& result, const std::string& beside) {
    const std::string contents = R"({"contents":[{"role":"user","parts":[{"text":"look"}]},
        {"role":"model","parts":[{"functionCall":{"name":"camera","args":{}}}]},{"role":"user","parts":[{"functionResponse":{"name":"camera",
        "response":{"result":"done"})";
    return said("gemini", "/v1beta/models/gemini-2.5-flash:generateContent", contents + result + "}}" + beside + "]}]}");
}

TEST(ToolMedia, IsSeenInAFunctionResponseAndBesideIt) {
    const std::string picture = R"({"inlineData":{"mimeType":"image/png","data":"AAAA"}})";
    for (const auto& text : {gemini_said(",\"parts\":[" + picture + "]", ""), gemini_said("", "," + picture)})
        EXPECT_NE(text.find(answer), std::string::npos) << text;
    EXPECT_EQ(gemini_said("", "").find("image"), std::string::npos);
}

}  // namespace
}  // namespace smg::simulator
