// What cannot be written for another provider is named as the client wrote it, whichever codec finds it.
#include <gtest/gtest.h>

#include "unit/codec/edge_case_testing.hpp"

namespace smg::codec {
namespace {

using namespace edge_testing;

struct Case {
    const Codec& (*from)();
    const Codec& (*to)();
    const char* body;
    const char* field;
};

const Case cases[] = {
    // Chat
    {openai_chat, anthropic_messages,
     R"({"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"x"},
         {"type":"input_audio","input_audio":{"data":"aGk=","format":"wav"}}]}]})",
     "messages[0].content[1].input_audio"},
    {openai_chat, anthropic_messages,
     R"({"model":"m","messages":[{"role":"user","content":"x"},{"role":"assistant","content":"y","reasoning_content":"r","tool_calls":[
         {"id":"a","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"b","type":"function","function":{"name":"f","arguments":"{"}}]},
         {"role":"tool","tool_call_id":"a","content":"R"},{"role":"tool","tool_call_id":"b","content":"R"}]})",
     "messages[1].tool_calls[1].function.arguments"},
    {openai_chat, gemini,
     R"({"model":"m","messages":[{"role":"user","content":"x"},{"role":"assistant","tool_calls":[
         {"id":"a","type":"function","function":{"name":"f","arguments":"{"}}]},{"role":"tool","tool_call_id":"a","content":"R"}]})",
     "messages[1].tool_calls[0].function.arguments"},
    {openai_chat, anthropic_messages, R"({"model":"m","messages":[{"role":"user","content":"x"},{"role":"tool","tool_call_id":"z","content":"R"}]})",
     "messages[1].tool_call_id"},
    {openai_chat, gemini, R"({"model":"m","messages":[{"role":"user","content":"x"},{"role":"tool","tool_call_id":"z","content":"R"}]})",
     "messages[1].tool_call_id"},
    {openai_chat, openai_responses,
     R"({"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"x"},
         {"type":"input_audio","input_audio":{"data":"aGk=","format":"wav"}}]}]})",
     "messages[0].content[1]"},
    {openai_chat, gemini, R"({"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://a/b.png"}}]}]})",
     "messages[0].content[0]"},
    // Messages
    {anthropic_messages, openai_chat,
     R"({"model":"m","max_tokens":9,"system":"S","messages":[{"role":"user","content":[{"type":"text","text":"x"},
         {"type":"document","source":{"type":"url","url":"https://a/b.pdf"}}]}]})",
     "messages[0].content[1]"},
    {anthropic_messages, gemini,
     R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"x"},
         {"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{}}]},
         {"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":[{"type":"text","text":"R"},
         {"type":"image","source":{"type":"url","url":"https://a/b.png"}}]}]}]})",
     "messages[2].content[0].content[1]"},
    {anthropic_messages, gemini, R"({"model":"m","max_tokens":9,"system":"S","messages":[{"role":"user","content":[{"type":"tool_result",
        "tool_use_id":"z"}]}]})",
     "messages[0].content[0].tool_use_id"},
    // Responses: several items may be one turn, and one item several parts
    {openai_responses, gemini,
     R"({"model":"m","instructions":"S","input":[{"role":"user","content":"x"},{"role":"user","content":[{"type":"input_text","text":"y"},
         {"type":"input_image","image_url":"https://a/b.png"}]}]})",
     "input[1].content[1]"},
    {openai_responses, anthropic_messages,
     R"({"model":"m","input":[{"role":"user","content":"x"},{"type":"function_call","call_id":"a","name":"f","arguments":"{}"},
         {"type":"function_call","call_id":"b","name":"f","arguments":"{"},{"type":"function_call_output","call_id":"a","output":"R"},
         {"type":"function_call_output","call_id":"b","output":"R"}]})",
     "input[2].arguments"},
    {openai_responses, anthropic_messages,
     R"({"model":"m","input":[{"role":"user","content":"x"},{"type":"function_call_output","call_id":"z","output":"R"}]})", "input[1].call_id"},
    {openai_responses, gemini,
     R"({"model":"m","input":[{"role":"user","content":"x"},{"type":"function_call","call_id":"a","name":"f","arguments":"{}"},
         {"type":"function_call_output","call_id":"a","output":[{"type":"input_text","text":"R"},
             {"type":"input_image","image_url":"https://a/b.png"}]}]})",
     "input[2].output[1]"},
    // Gemini
    {gemini, anthropic_messages,
     R"({"systemInstruction":{"parts":[{"text":"S"}]},"contents":[{"role":"user","parts":[{"text":"x"},
         {"inlineData":{"mimeType":"audio/wav","data":"aGk="}}]}]})",
     "contents[0].parts[1]"},
    {gemini, openai_chat, R"({"contents":[{"role":"user","parts":[{"text":"x"},{"inlineData":{"mimeType":"video/mp4","data":"aGk="}}]}]})",
     "contents[0].parts[1]"},
};

TEST(ClientField, IsTheClientsOwnName) {
    for (const auto& [from, to, body, field] : cases) {
        const auto conversation = from().decode_request(body);
        ASSERT_TRUE(conversation) << conversation.error().message << "\n" << body;
        const auto encoded = to().encode_request(*conversation, target());
        ASSERT_FALSE(encoded) << to().name() << " took " << body;
        EXPECT_EQ(encoded.error().param, field) << to().name() << ": " << encoded.error().message;
    }
}

}  // namespace
}  // namespace smg::codec
