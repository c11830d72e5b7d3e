#include <gtest/gtest.h>

#include <algorithm>

#include "gateway/answer_stream.hpp"
#include "gateway/event_splitter.hpp"

namespace smg::gateway {
namespace {

using providers::ApiFormat;

const std::string chat_stream =
    "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}],\"usage\":null}\n\n"
    "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"},\"finish_reason\":null}],\"usage\":null}\n\n"
    "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":null}\n\n"
    "data: {\"id\":\"c\",\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2,\"total_tokens\":5}}\n\n"
    "data: [DONE]\n\n";

const std::string messages_stream =
    "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[],"
    "\"model\":\"claude\",\"stop_reason\":null,\"usage\":{\"input_tokens\":9,\"output_tokens\":1}}}\n\n"
    "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n"
    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hi\"}}\n\n"
    "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":4}}\n\n"
    "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";

const std::string gemini_stream =
    "data: "
    "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"Hi\"}],\"role\":\"model\"}}],\"usageMetadata\":{\"promptTokenCount\":3,"
    "\"totalTokenCount\":3}}\r\n\r\n"
    "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"!\"}],\"role\":\"model\"},\"finishReason\":\"STOP\"}],"
    "\"usageMetadata\":{\"promptTokenCount\":3,\"candidatesTokenCount\":2,\"totalTokenCount\":5}}\r\n\r\n";

std::string relayed(AnswerStream& stream, std::string_view text, std::size_t cut) {
    std::string out(stream.feed(text.substr(0, cut)));
    out += stream.feed(text.substr(cut));
    out += stream.end();
    return out;
}

struct Format {
    ApiFormat format;
    const std::string* stream;
    std::uint64_t input;
    std::uint64_t output;
};

class PassingStream : public ::testing::TestWithParam<Format> {};

TEST_P(PassingStream, EveryByteAtEverySplit) {
    const auto& text = *GetParam().stream;
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        const auto stream = passing_stream(GetParam().format, {}, false);
        ASSERT_EQ(relayed(*stream, text, cut), text) << cut;
        EXPECT_TRUE(stream->complete());
        EXPECT_TRUE(stream->output_seen());
        EXPECT_FALSE(stream->error());
        EXPECT_EQ(stream->usage().input, GetParam().input);
        EXPECT_EQ(stream->usage().output, GetParam().output);
    }
}

TEST_P(PassingStream, AnEndWithoutTheLastWordIsToldAsAnError) {
    const auto& text = *GetParam().stream;
    const auto stream = passing_stream(GetParam().format, {}, false);
    const auto half = text.substr(0, text.find("\n\n") == std::string::npos ? text.find("\r\n\r\n") + 4 : text.find("\n\n") + 2);
    std::string out(stream->feed(half));
    EXPECT_EQ(out, half);
    const auto told = std::string(stream->end());
    EXPECT_FALSE(stream->complete());
    EXPECT_NE(told.find("error"), std::string::npos);
    EXPECT_EQ(told.find("[DONE]"), std::string::npos);
    EXPECT_EQ(told.find("message_stop"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Formats, PassingStream,
                         ::testing::Values(Format{ApiFormat::openai_chat, &chat_stream, 3, 2},
                                           Format{ApiFormat::anthropic_messages, &messages_stream, 9, 4},
                                           Format{ApiFormat::gemini, &gemini_stream, 3, 2}));

TEST(PassingStreamUsage, TheChunkThatTheClientDidNotAskForIsTakenOut) {
    const std::string expected =
        "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}]}\n\n"
        "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"},\"finish_reason\":null}]}\n\n"
        "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
        "data: [DONE]\n\n";
    for (std::size_t cut = 0; cut <= chat_stream.size(); ++cut) {
        const auto stream = passing_stream(ApiFormat::openai_chat, {}, true);
        ASSERT_EQ(relayed(*stream, chat_stream, cut), expected) << cut;
        EXPECT_EQ(stream->usage().output, 2U);
    }
}

TEST(PassingStreamUsage, CountsBesideChoicesStay) {
    const std::string text =
        "data: "
        "{\"choices\":[{\"delta\":{\"content\":\"x\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1}}\n\n";
    const auto stream = passing_stream(ApiFormat::openai_chat, {}, true);
    EXPECT_EQ(relayed(*stream, text, text.size()), text);
}

TEST(PassingStreamUsage, IsFoundWhereverItStands) {
    // Words nearly like it come before it, and it stands at every place of what is looked at in one step.
    for (std::size_t before = 0; before < 70; ++before) {
        const auto note = std::string(before, 'x') + R"(usage\"user\"finish_reasons\")";
        const auto event = "data: {\"id\":\"" + note + "\",\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}]";
        const auto stream = passing_stream(ApiFormat::openai_chat, {}, true);
        const auto text = event + ",\"usage\":null}\n\ndata: [DONE]\n\n";
        EXPECT_EQ(relayed(*stream, text, text.size()), event + "}\n\ndata: [DONE]\n\n") << before;
        EXPECT_TRUE(stream->complete()) << before;
        EXPECT_TRUE(stream->output_seen()) << before;
    }
}

TEST(PassingStreamErrors, AProvidersErrorIsNoSecondTimeTold) {
    const std::string text = "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n";
    const auto stream = passing_stream(ApiFormat::anthropic_messages, {}, false);
    EXPECT_EQ(relayed(*stream, text, text.size()), text);
    ASSERT_TRUE(stream->error());
    EXPECT_EQ(stream->error()->message, "Overloaded");
    EXPECT_FALSE(stream->complete());
}

TEST(PassingStreamErrors, NoKeepAliveInsideAnEvent) {
    const auto stream = passing_stream(ApiFormat::openai_chat, {}, false);
    EXPECT_EQ(stream->keep_alive(), ": keep-alive\n");
    const auto large = "data: " + std::string(300 * 1024, 'x');
    EXPECT_EQ(stream->feed(large), large);
    EXPECT_EQ(stream->keep_alive(), "");
}

const std::string responses_stream =
    "event: response.created\ndata: {\"type\":\"response.created\",\"sequence_number\":0,\"response\":{\"id\":\"resp_real\","
    "\"object\":\"response\",\"created_at\":1700000001,\"status\":\"in_progress\",\"model\":\"gpt-5.4-2026\",\"output\":[]}}\n\n"
    "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"sequence_number\":6,\"item_id\":\"msg_1\","
    "\"output_index\":0,\"content_index\":0,\"delta\":\"Hi\"}\n\n";
const std::string responses_end =
    "event: response.completed\ndata: {\"type\":\"response.completed\",\"sequence_number\":7,\"response\":{\"id\":\"resp_real\","
    "\"status\":\"completed\",\"output\":[],\"usage\":{\"input_tokens\":3,\"output_tokens\":2,\"total_tokens\":5}}}\n\n";

std::string without_names(std::string text) {
    for (auto at = text.find("event: "); at != std::string::npos; at = text.find("event: ")) text.erase(at, text.find('\n', at) + 1 - at);
    return text;
}

TEST(PassingStreamErrors, ABrokenResponseIsEndedAsTheOneThatItWas) {
    const auto stream = passing_stream(ApiFormat::openai_responses, {}, false);
    EXPECT_EQ(stream->feed(responses_stream), responses_stream);
    EXPECT_EQ(stream->answer_id(), "resp_real");
    const auto told = std::string(stream->end());
    EXPECT_EQ(told.find("response.created"), std::string::npos) << told;
    EXPECT_TRUE(told.starts_with("event: error\ndata: {\"type\":\"error\",\"sequence_number\":7,")) << told;
    const auto failed = told.find("event: response.failed\ndata: {\"type\":\"response.failed\",\"sequence_number\":8,");
    ASSERT_NE(failed, std::string::npos) << told;
    for (const auto* said : {R"("id":"resp_real")", R"("model":"gpt-5.4-2026")", R"("created_at":1700000001)", R"("status":"failed")"})
        EXPECT_NE(told.find(said, failed), std::string::npos) << said << " in " << told;
}

TEST(PassingStreamKinds, EventsWithoutANameAreKnownByTheirType) {
    for (const auto& [format, text] : {std::pair(ApiFormat::anthropic_messages, without_names(messages_stream)),
                                       std::pair(ApiFormat::openai_responses, without_names(responses_stream + responses_end))}) {
        const auto stream = passing_stream(format, {}, false);
        EXPECT_EQ(relayed(*stream, text, text.size() / 2), text);
        EXPECT_TRUE(stream->complete()) << text;
        EXPECT_FALSE(stream->error());
        EXPECT_TRUE(stream->usage().output.has_value());
    }
}

TEST(PassingStreamKinds, LinesMayEndInCrAlone) {
    auto text = chat_stream;
    std::replace(text.begin(), text.end(), '\n', '\r');
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        const auto stream = passing_stream(ApiFormat::openai_chat, {}, false);
        ASSERT_EQ(relayed(*stream, text, cut), text) << cut;
        EXPECT_TRUE(stream->complete()) << cut;
        EXPECT_EQ(stream->usage().output, 2U);
    }
}

TEST(JsonArray, EventsBecomeElements) {
    const auto stream = json_array_stream(passing_stream(ApiFormat::gemini, {}, false));
    const auto out = relayed(*stream, gemini_stream, 40);
    EXPECT_TRUE(out.starts_with("[{\"candidates\"")) << out;
    EXPECT_TRUE(out.ends_with("}\r\n]\r\n")) << out;
    EXPECT_NE(out.find("},\r\n{\"candidates\""), std::string::npos) << out;
    EXPECT_TRUE(stream->complete());
}

TEST(JsonArray, BeginsWithTheFirstOutput) {
    const auto stream = json_array_stream(passing_stream(ApiFormat::gemini, {}, false));
    const auto first = gemini_stream.substr(0, gemini_stream.find("\r\n\r\n") + 4);
    const auto out = std::string(stream->feed(first));
    EXPECT_TRUE(out.starts_with("[{")) << out;
    EXPECT_TRUE(stream->begun());
}

TEST(JsonArray, AnElementTooLongToBeHeldGoesOutWhole) {
    const auto image = std::string(3 * EventSplitter::limit, 'A');
    const auto part = R"({"inlineData":{"mimeType":"image/png","data":")" + image + R"("}})";
    const auto element = R"({"candidates":[{"content":{"parts":[)" + part + R"(]},"finishReason":"STOP"}]})";
    const auto event = "data: " + element + "\r\n\r\n";
    const auto stream = json_array_stream(passing_stream(ApiFormat::gemini, {}, false));
    std::string out;
    for (std::size_t at = 0; at < event.size(); at += 32 * 1024) out += stream->feed(std::string_view(event).substr(at, 32 * 1024));
    out += stream->end();
    EXPECT_EQ(out, "[" + element + "\r\n]\r\n");
}

TEST(JsonArray, ACutInsideAnElementIsSaidInAnother) {
    const auto stream = json_array_stream(passing_stream(ApiFormat::gemini, {}, false));
    std::string out(stream->feed("data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"" + std::string(2 * EventSplitter::limit, 'x')));
    codec::ProviderError error;
    error.status = 502;
    error.message = "the provider broke off";
    out += stream->fail(error);
    EXPECT_TRUE(out.starts_with("[{\"error\":{")) << out.substr(0, 200);
    EXPECT_TRUE(out.ends_with("\r\n]\r\n"));
}

}  // namespace
}  // namespace smg::gateway
