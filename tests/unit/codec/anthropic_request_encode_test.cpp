#include "unit/codec/anthropic_testing.hpp"

namespace smg::codec {
namespace {

using namespace messages_testing;

Json messages_of(std::string_view chat_messages, const Target& to = target()) { return encode(chat(chat_messages), to).body["messages"]; }

TEST(AnthropicRequestEncode, WritesTheSmallestRequest) {
    EXPECT_EQ(encode(chat(hello)).text, R"({"model":"claude-sonnet-4-5","max_tokens":20000,)"
                                        R"("messages":[{"role":"user","content":[{"type":"text","text":"Hi"}]}]})");
}

TEST(AnthropicRequestEncode, PutsLeadingInstructionsOnTopOneBlockAPart) {
    const auto body = encode(chat(R"([{"role":"system","content":"A"},
        {"role":"developer","content":[{"type":"text","text":"B","cache_control":{"type":"ephemeral"}},{"type":"text","text":" "}]},
        {"role":"user","content":"Hi"}])"))
                          .body;
    EXPECT_EQ(body["system"], Json::parse(R"([{"type":"text","text":"A"},{"type":"text","text":"B","cache_control":{"type":"ephemeral"}}])"));
    EXPECT_EQ(body["messages"].size(), 1U);
}

TEST(AnthropicRequestEncode, WrapsLaterInstructionsIntoTheUserTurn) {
    EXPECT_EQ(messages_of(R"([{"role":"user","content":"Hi"},{"role":"assistant","content":"Ho"},
                              {"role":"system","content":"Be brief."},{"role":"user","content":"Again"}])")[2],
              Json::parse(R"({"role":"user","content":[{"type":"text","text":"<system>Be brief.</system>"},{"type":"text","text":"Again"}]})"));
}

TEST(AnthropicRequestEncode, LeavesLaterInstructionsWhereTheyStandOnModelsThatTakeThem) {
    const auto messages = messages_of(R"([{"role":"user","content":"Hi"},{"role":"system","content":"Be brief."}])", target("claude-opus-4-8"));
    EXPECT_EQ(messages[1], Json::parse(R"({"role":"system","content":[{"type":"text","text":"Be brief."}]})"));
    // Between two user messages it would stand where the API does not take it.
    const auto between =
        messages_of(R"([{"role":"user","content":"Hi"},{"role":"system","content":"S"},{"role":"user","content":"Ho"}])", target("claude-opus-4-8"));
    ASSERT_EQ(between.size(), 1U);
    EXPECT_EQ(between[0]["content"][1]["text"], "<system>S</system>");
}

TEST(AnthropicRequestEncode, MergesTurnsOfOneRole) {
    const auto messages = messages_of(R"([{"role":"user","content":"A"},{"role":"user","content":"B"},{"role":"assistant","content":"C"},
                                          {"role":"assistant","content":"D"}])");
    ASSERT_EQ(messages.size(), 2U);
    EXPECT_EQ(messages[0]["content"].size(), 2U);
    EXPECT_EQ(messages[1]["content"][1]["text"], "D");
}

TEST(AnthropicRequestEncode, DropsBlankTextsAndTurnsWithoutAnything) {
    const auto messages = messages_of(R"([{"role":"user","content":"A"},{"role":"assistant","content":" \n"},
                                          {"role":"user","content":[{"type":"text","text":""},{"type":"text","text":"B"}]}])");
    EXPECT_EQ(messages, Json::parse(R"([{"role":"user","content":[{"type":"text","text":"A"},{"type":"text","text":"B"}]}])"));
}

TEST(AnthropicRequestEncode, RefusesAConversationThatSaysNothing) {
    EXPECT_EQ(refusal(chat(R"([{"role":"system","content":"S"},{"role":"user","content":" "}])")).param, "messages[1].content");
    EXPECT_EQ(encode(chat(R"([{"role":"system","content":"S"},{"role":"user","content":""}])")).body["messages"][0]["content"][0]["text"], ".")
        << "what frameworks send that have only instructions";
}

TEST(AnthropicRequestEncode, LetsSomebodySpeakFirst) {
    EXPECT_EQ(messages_of(R"([{"role":"assistant","content":"Ho"},{"role":"user","content":"Hi"}])")[0]["content"][0]["text"], ".");
    EXPECT_EQ(messages_of(R"([{"role":"system","content":"S"}])"), Json::parse(R"([{"role":"user","content":[{"type":"text","text":"."}]}])"));
}

TEST(AnthropicRequestEncode, TrimsThePrefill) {
    EXPECT_EQ(messages_of(R"([{"role":"user","content":"A"},{"role":"assistant","content":"Sure: \n"}])")[1]["content"][0]["text"], "Sure:");
}

constexpr std::string_view two_calls = R"({"role":"assistant","content":"Let me see","tool_calls":[
    {"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\": 12345678901234567890, \"y\":1.0}"}},
    {"id":"b","type":"function","function":{"name":"g","arguments":""}}]})";

TEST(AnthropicRequestEncode, KeepsArgumentsByteForByteAndFillsEmptyOnes) {
    const auto encoded = encode(chat("[{\"role\":\"user\",\"content\":\"A\"}," + std::string(two_calls) +
                                     R"(,{"role":"tool","tool_call_id":"a","content":"1"},{"role":"tool","tool_call_id":"b","content":"2"}])"));
    EXPECT_NE(encoded.text.find(R"({"type":"tool_use","id":"a","name":"f","input":{"x": 12345678901234567890, "y":1.0}})"), std::string::npos)
        << encoded.text;
    EXPECT_NE(encoded.text.find(R"({"type":"tool_use","id":"b","name":"g","input":{}})"), std::string::npos) << encoded.text;
}

TEST(AnthropicRequestEncode, GroupsResultsInCallOrderBeforeAnythingElse) {
    const auto messages = messages_of("[{\"role\":\"user\",\"content\":\"A\"}," + std::string(two_calls) +
                                      R"(,{"role":"tool","tool_call_id":"b","content":"2"},{"role":"user","content":"meanwhile"},
                                          {"role":"tool","tool_call_id":"a","content":[{"type":"text","text":"1"},{"type":"text","text":""}]},
                                          {"role":"user","content":"go on"}])");
    ASSERT_EQ(messages.size(), 3U);
    EXPECT_EQ(messages[2]["content"], Json::parse(R"([{"type":"tool_result","tool_use_id":"a","content":[{"type":"text","text":"1"}]},
        {"type":"tool_result","tool_use_id":"b","content":"2"},{"type":"text","text":"meanwhile"},{"type":"text","text":"go on"}])"));
}

TEST(AnthropicRequestEncode, LeavesAnEmptyResultWithoutContent) {
    const auto messages = messages_of(R"([{"role":"user","content":"A"},
        {"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]},
        {"role":"tool","tool_call_id":"a","content":"","cache_control":{"type":"ephemeral"}}])");
    EXPECT_EQ(messages[2]["content"][0], Json::parse(R"({"type":"tool_result","tool_use_id":"a","cache_control":{"type":"ephemeral"}})"));
}

TEST(AnthropicRequestEncode, CarriesImagesInsideResults) {
    const auto messages = messages_of(R"([{"role":"user","content":"A"},
        {"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]},
        {"role":"tool","tool_call_id":"a","content":[{"type":"image_url","image_url":{"url":"https://x.test/a.png"}}]}])");
    EXPECT_EQ(messages[2]["content"][0]["content"], Json::parse(R"([{"type":"image","source":{"type":"url","url":"https://x.test/a.png"}}])"));
}

TEST(AnthropicRequestEncode, RefusesCallsWithoutResultsAndResultsWithoutCalls) {
    const auto missing = refusal(chat("[{\"role\":\"user\",\"content\":\"A\"}," + std::string(two_calls) +
                                      R"(,{"role":"tool","tool_call_id":"a","content":"1"},{"role":"user","content":"B"}])"));
    EXPECT_EQ(missing.param, "messages[1]");
    EXPECT_NE(missing.message.find("did not have response messages: b"), std::string::npos) << missing.message;
    const auto orphan = refusal(chat(R"([{"role":"user","content":"A"},{"role":"tool","tool_call_id":"z","content":"1"}])"));
    EXPECT_EQ(orphan.param, "messages[1].tool_call_id");
}

TEST(AnthropicRequestEncode, MakesIdsLegalAndUnique) {
    const auto messages = messages_of(R"([{"role":"user","content":"A"},
        {"role":"assistant","tool_calls":[{"id":"call 1","type":"function","function":{"name":"f","arguments":"{}"}}]},
        {"role":"tool","tool_call_id":"call 1","content":"1"},
        {"role":"assistant","tool_calls":[{"id":"call 1","type":"function","function":{"name":"f","arguments":"{}"}}]},
        {"role":"tool","tool_call_id":"call 1","content":"2"}])");
    const auto first = messages[1]["content"][0]["id"].get<std::string>();
    const auto second = messages[3]["content"][0]["id"].get<std::string>();
    EXPECT_TRUE(first.starts_with("smg_")) << first;
    EXPECT_NE(first, second);
    EXPECT_EQ(messages[2]["content"][0]["tool_use_id"], first);
    EXPECT_EQ(messages[4]["content"][0]["tool_use_id"], second);
}

TEST(AnthropicRequestEncode, WrapsArgumentsThatAreNoObject) {
    auto conversation = chat(R"([{"role":"user","content":"A"},
        {"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"[1]"}}]},
        {"role":"tool","tool_call_id":"a","content":"1"}])");
    EXPECT_EQ(encode(conversation).body["messages"][1]["content"][0]["input"], Json::parse(R"({"value":[1]})"));
    std::get<ToolCallPart>(conversation.turns[1].parts.back()).arguments = R"({"x":)";
    EXPECT_EQ(refusal(conversation).param, "messages[1].tool_calls[0].function.arguments");
}

TEST(AnthropicRequestEncode, CarriesDeprecatedFunctionCalls) {
    const auto encoded = encode(chat(R"([{"role":"user","content":"A"},
        {"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{\"x\":1}"}},
        {"role":"function","name":"f","content":"1"}])",
                                     R"("functions":[{"name":"f"}])"));
    EXPECT_EQ(encoded.body["messages"][1]["content"][0]["id"], encoded.body["messages"][2]["content"][0]["tool_use_id"]);
    EXPECT_TRUE(encoded.memo.legacy_functions);
}

TEST(AnthropicRequestEncode, ReplaysOnlyItsOwnSignedThinking) {
    const auto messages = messages_of(R"([{"role":"user","content":"A"},{"role":"assistant","content":"B","reasoning_content":"unsigned",
        "reasoning_details":[{"type":"thinking","text":"mine","signature":"sig","origin":"anthropic"},
                             {"type":"thinking","text":"other","signature":"sig2","origin":"openai"},
                             {"type":"thinking","text":"unsigned","origin":"anthropic"},
                             {"type":"redacted","data":"xyz","origin":"anthropic"}]},{"role":"user","content":"C"}])");
    EXPECT_EQ(messages[1]["content"], Json::parse(R"([{"type":"thinking","thinking":"mine","signature":"sig"},
        {"type":"redacted_thinking","data":"xyz"},{"type":"text","text":"B"}])"));
}

TEST(AnthropicRequestEncode, CarriesCacheMarksOfPartsMessagesAndBreakpoints) {
    const auto encoded = encode(chat(R"([{"role":"user","content":[{"type":"text","text":"A","cache_control":{"type":"ephemeral","ttl":"1h"}}]},
        {"role":"assistant","content":"B","cache_control":{"type":"ephemeral"}},
        {"role":"user","content":[{"type":"text","text":"C","prompt_cache_breakpoint":{"mode":"explicit"}}]}])",
                                     R"("cache_control":{"type":"ephemeral"},"prompt_cache_retention":"24h")"));
    EXPECT_EQ(encoded.body["messages"][0]["content"][0]["cache_control"]["ttl"], "1h");
    EXPECT_EQ(encoded.body["messages"][1]["content"][0]["cache_control"], Json::parse(R"({"type":"ephemeral"})"));
    EXPECT_EQ(encoded.body["messages"][2]["content"][0]["cache_control"], Json::parse(R"({"type":"ephemeral","ttl":"1h"})"));
    EXPECT_EQ(encoded.body["cache_control"], Json::parse(R"({"type":"ephemeral"})"));
    EXPECT_TRUE(encoded.adjusted.empty());
}

// ---- images and files

Json user_part(std::string_view part) {
    return encode(chat(R"([{"role":"user","content":[)" + std::string(part) + "]}]")).body["messages"][0]["content"][0];
}
std::string refused_part(std::string_view part) { return refusal(chat(R"([{"role":"user","content":[)" + std::string(part) + "]}]")).param; }

TEST(AnthropicRequestEncode, CarriesImages) {
    EXPECT_EQ(user_part(R"({"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgoAAAAN"}})"),
              Json::parse(R"({"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw0KGgoAAAAN"}})"));
    EXPECT_EQ(user_part(R"({"type":"image_url","image_url":{"url":"https://x.test/a"},"cache_control":{"type":"ephemeral"}})"),
              Json::parse(R"({"type":"image","source":{"type":"url","url":"https://x.test/a"},"cache_control":{"type":"ephemeral"}})"));
}

TEST(AnthropicRequestEncode, TellsAnImagesTypeByItsBytes) {
    EXPECT_EQ(user_part(R"({"type":"image_url","image_url":{"url":"data:image/png;base64,/9j/4AAQSkZJRg=="}})")["source"]["media_type"],
              "image/jpeg");
    EXPECT_EQ(user_part(R"({"type":"image_url","image_url":{"url":"data:image/jpeg;base64,UklGRiQAAABXRUJQVlA4"}})")["source"]["media_type"],
              "image/webp");
    EXPECT_EQ(user_part(R"({"type":"image_url","image_url":{"url":"data:image/jpg;base64,R0lGODlhAQABAAAA"}})")["source"]["media_type"], "image/gif");
    EXPECT_EQ(user_part(R"({"type":"image_url","image_url":{"url":"data:image/jpg;base64,AAAAAAAAAAAAAAAA"}})")["source"]["media_type"],
              "image/jpeg");
}

TEST(AnthropicRequestEncode, RefusesImagesThatItCannotShow) {
    EXPECT_EQ(refused_part(R"({"type":"image_url","image_url":{"url":"data:image/bmp;base64,AAAA"}})"), "messages[0].content[0].image_url.url");
    EXPECT_EQ(refused_part(R"({"type":"image_url","image_url":{"url":"http://x.test/a"}})"), "messages[0].content[0].image_url.url");
    EXPECT_EQ(refused_part(R"({"type":"image_url","image_url":{"url":"file:///etc/passwd"}})"), "messages[0].content[0].image_url.url");
    EXPECT_EQ(refused_part(R"({"type":"text","text":"x"},{"type":"input_audio","input_audio":{"data":"AAAA","format":"wav"}})"),
              "messages[0].content[1].input_audio");
}

TEST(AnthropicRequestEncode, CarriesFiles) {
    EXPECT_EQ(user_part(R"({"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,JVBERi0="}})"),
              Json::parse(R"({"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBERi0="},"title":"a.pdf"})"));
    EXPECT_EQ(user_part(R"({"type":"file","file":{"filename":"a.csv","file_data":"data:text/csv;base64,YSxiCg=="}})"),
              Json::parse(R"({"type":"document","source":{"type":"text","media_type":"text/plain","data":"a,b\n"},"title":"a.csv"})"));
    EXPECT_EQ(refused_part(R"({"type":"file","file":{"file_id":"file-1"}})"), "messages[0].content[0].file.file_id");
    EXPECT_EQ(refused_part(R"({"type":"file","file":{"file_data":"data:application/zip;base64,AAAA"}})"), "messages[0].content[0].file.file_data");
    EXPECT_EQ(refused_part(R"({"type":"file","file":{"file_data":"data:text/plain;base64,%%"}})"), "messages[0].content[0].file.file_data");
    EXPECT_EQ(refused_part(R"({"type":"file","file":{"file_data":"data:text/plain;base64,//79"}})"), "messages[0].content[0].file.file_data");
}

}  // namespace
}  // namespace smg::codec
