// Parts that only the provider they were made for can read: refused where they stand, before another provider answers a different question.
#include "codec/foreign_state.hpp"

#include <gtest/gtest.h>

#include "codec/anthropic_messages/anthropic_messages.hpp"
#include "codec/gemini/gemini.hpp"
#include "codec/openai_responses/openai_responses.hpp"

namespace smg::codec {
namespace {

std::string responses(const std::string& items) { return R"({"model":"m","input":[)" + items + "]}"; }
std::string messages(const std::string& blocks) { return R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":[)" + blocks + "]}]}"; }
std::string contents(const std::string& parts) { return R"({"contents":[{"role":"user","parts":[)" + parts + "]}]}"; }

/// The field that is refused; empty when nothing is.
std::string refused_field(const Result<Conversation>& conversation) {
    EXPECT_TRUE(conversation) << (conversation ? "" : conversation.error().message);
    if (!conversation) return "it was not even read";
    const auto checked = check_foreign_state(*conversation);
    if (checked) return {};
    EXPECT_EQ(checked.error().failure, Failure::invalid_request);
    EXPECT_FALSE(checked.error().message.empty());
    return checked.error().param;
}

TEST(ForeignState, ItemsOfHostedToolsAreRefusedWhereTheyStand) {
    const std::string said = R"({"role":"user","content":"x"},)";
    for (const std::string type : {"web_search_call", "file_search_call", "code_interpreter_call", "image_generation_call", "computer_call",
                                   "computer_call_output", "mcp_call", "mcp_approval_response", "local_shell_call", "compaction", "zz"})
        EXPECT_EQ(refused_field(responses::decode_request(responses(said + R"({"id":"x","type":")" + type + "\"}"))), "input[1]") << type;
}

TEST(ForeignState, WhatHasAMeaningEverywhereIsNot) {
    const auto items =
        R"({"role":"user","content":"x"},{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"e"},)"
        R"({"type":"function_call","call_id":"c","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"c","output":"y"},)"
        R"({"type":"message","role":"assistant","content":[{"type":"output_text","text":"z"}]})";
    EXPECT_EQ(refused_field(responses::decode_request(responses(items))), "");
}

TEST(ForeignState, BlocksThatOnlyAnthropicReadsAreRefused) {
    EXPECT_EQ(refused_field(messages::decode_request(messages(R"({"type":"text","text":"x"},{"type":"container_upload","file_id":"file_1"})"))),
              "messages[0].content[1]");
    EXPECT_EQ(refused_field(messages::decode_request(messages(R"({"type":"wat"})"))), "messages[0].content[0]");
}

TEST(ForeignState, BlocksThatSayWhatTheyAreInWordsPass) {
    const auto found = R"({"type":"search_result","source":"s","title":"t","content":[{"type":"text","text":"x"}]})";
    EXPECT_EQ(refused_field(messages::decode_request(messages(found))), "");
}

TEST(ForeignState, WhatAModelsToolsOfItsProviderDidStaysWithIt) {
    const auto history = R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"x"},{"role":"assistant","content":[)"
                         R"({"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{}}]},{"role":"user","content":"y"}]})";
    EXPECT_EQ(refused_field(messages::decode_request(history)), "");
}

TEST(ForeignState, PartsThatOnlyGeminiReadsAreRefused) {
    EXPECT_EQ(refused_field(google::decode_request(contents(R"({"text":"x"},{"wat":{}})"))), "contents[0].parts[1]");
}

TEST(ForeignState, FilesThatOnlyGeminiCanFetchAreRefused) {
    for (const std::string uri : {"https://generativelanguage.googleapis.com/v1beta/files/x", "gs://bucket/x.png"})
        EXPECT_EQ(refused_field(google::decode_request(contents(R"({"fileData":{"mimeType":"image/png","fileUri":")" + uri + "\"}}"))),
                  "contents[0].parts[0]")
            << uri;
    EXPECT_EQ(refused_field(google::decode_request(contents(R"({"fileData":{"mimeType":"image/png","fileUri":"https://example.com/x.png"}})"))), "");
}

}  // namespace
}  // namespace smg::codec
