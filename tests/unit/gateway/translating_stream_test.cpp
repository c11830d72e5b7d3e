#include <gtest/gtest.h>

#include "gateway/answer_stream.hpp"

namespace smg::gateway {
namespace {

const std::string messages_stream =
    "event: message_start\ndata: "
    "{\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[],"
    "\"model\":\"claude-sonnet-4\",\"stop_reason\":null,\"usage\":{\"input_tokens\":9,\"output_tokens\":1}}}\n\n"
    "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n"
    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hi\"}}\n\n"
    "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
    "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":4}}\n\n"
    "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";

std::unique_ptr<AnswerStream> messages_to_chat(bool include_usage = false) {
    codec::ClientView view;
    view.include_usage = include_usage;
    return translating_stream(codec::anthropic_messages(), {}, codec::openai_chat(), view);
}

TEST(TranslatingStream, SameAnswerAtEverySplit) {
    std::string whole;
    for (std::size_t cut = 0; cut <= messages_stream.size(); ++cut) {
        const auto stream = messages_to_chat();
        std::string out(stream->feed(std::string_view(messages_stream).substr(0, cut)));
        out += stream->feed(std::string_view(messages_stream).substr(cut));
        out += stream->end();
        if (cut == 0) whole = out;
        ASSERT_EQ(out, whole) << cut;
        EXPECT_TRUE(stream->complete());
        EXPECT_TRUE(stream->terminated());
        EXPECT_EQ(stream->usage().input, 9U);
        EXPECT_EQ(stream->usage().output, 4U);
    }
    EXPECT_NE(whole.find("\"content\":\"Hi\""), std::string::npos) << whole;
    EXPECT_TRUE(whole.ends_with("data: [DONE]\n\n")) << whole;
}

TEST(TranslatingStream, NothingIsHeldBackOnceItsEventIsWhole) {
    const auto stream = messages_to_chat();
    const auto delta_end = messages_stream.find("\"Hi\"}}\n\n") + 8;
    const std::string out(stream->feed(std::string_view(messages_stream).substr(0, delta_end)));
    EXPECT_NE(out.find("Hi"), std::string::npos);
    EXPECT_TRUE(stream->output_seen());
}

TEST(TranslatingStream, ATruncatedAnswerEndsInAnErrorWithoutTerminator) {
    const auto stream = messages_to_chat();
    const std::string begun(stream->feed(std::string_view(messages_stream).substr(0, messages_stream.find("event: message_delta"))));
    const std::string told(stream->end());
    EXPECT_FALSE(stream->complete());
    EXPECT_TRUE(stream->error());
    EXPECT_NE(told.find("\"error\""), std::string::npos) << told;
    EXPECT_EQ((begun + told).find("[DONE]"), std::string::npos);
    EXPECT_EQ((begun + told).find("\"finish_reason\":\"stop\""), std::string::npos);
}

TEST(TranslatingStream, AProvidersErrorEndsIt) {
    const auto stream = messages_to_chat();
    std::string out(
        stream->feed("event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n"));
    ASSERT_TRUE(stream->error());
    EXPECT_NE(out.find("Overloaded"), std::string::npos);
    EXPECT_EQ(stream->feed(messages_stream), "") << "nothing may follow an error";
    EXPECT_EQ(stream->end(), "");
}

TEST(TranslatingStream, EndsAtAStopSequenceThatTheProviderWasNotTold) {
    codec::RequestMemo memo;
    memo.stop = {"i the"};
    for (std::size_t cut = 0; cut <= messages_stream.size(); ++cut) {
        auto text = messages_stream;
        text.replace(text.find("\"Hi\""), 4, "\"Hi there\"");
        const auto stream = translating_stream(codec::anthropic_messages(), memo, codec::openai_chat(), {});
        std::string out(stream->feed(std::string_view(text).substr(0, cut)));
        out += stream->feed(std::string_view(text).substr(cut));
        ASSERT_TRUE(stream->ended_early());
        EXPECT_TRUE(stream->complete());
        EXPECT_TRUE(stream->terminated());
        EXPECT_NE(out.find("\"content\":\"H\""), std::string::npos) << out;
        EXPECT_EQ(out.find("there"), std::string::npos);
        EXPECT_NE(out.find("\"finish_reason\":\"stop\""), std::string::npos) << out;
        EXPECT_TRUE(out.ends_with("data: [DONE]\n\n")) << out;
        EXPECT_EQ(stream->usage().input, 9U) << "what was seen by then";
        EXPECT_EQ(stream->end(), "");
    }
}

TEST(TranslatingStream, WhatWasHeldBackComesBeforeTheError) {
    codec::RequestMemo memo;
    memo.stop = {"Hi there"};
    const auto stream = translating_stream(codec::anthropic_messages(), memo, codec::openai_chat(), {});
    std::string out(stream->feed(std::string_view(messages_stream).substr(0, messages_stream.find("event: content_block_stop"))));
    EXPECT_EQ(out.find("Hi"), std::string::npos) << out;
    out = stream->fail(codec::ProviderError());
    EXPECT_LT(out.find("\"content\":\"Hi\""), out.find("\"error\"")) << out;
}

TEST(JsonArrayStream, TellsThatTheAnswerHasBegunAndClosesItsBracketAtAStopSequence) {
    codec::RequestMemo memo;
    memo.stop = {"i"};
    const auto stream = json_array_stream(translating_stream(codec::anthropic_messages(), memo, codec::gemini(), {}));
    std::string out(stream->feed(std::string_view(messages_stream).substr(0, messages_stream.find("event: content_block_delta"))));
    EXPECT_FALSE(stream->begun());
    out += stream->feed(std::string_view(messages_stream).substr(messages_stream.find("event: content_block_delta")));
    EXPECT_TRUE(stream->begun());
    EXPECT_TRUE(stream->ended_early());
    EXPECT_TRUE(stream->terminated());
    EXPECT_TRUE(out.starts_with("[{") && out.ends_with("}\r\n]\r\n")) << out;
    EXPECT_NE(out.find("\"finishReason\":\"STOP\""), std::string::npos) << out;
}

TEST(TranslatingStream, FailSpeaksTheClientsFormat) {
    const auto stream = messages_to_chat();
    codec::ProviderError error;
    error.status = 502;
    error.message = "cut";
    const std::string told(stream->fail(error));
    EXPECT_TRUE(told.starts_with("data: {\"error\":")) << told;
}

}  // namespace
}  // namespace smg::gateway
