#include "gateway/bare_json.hpp"

#include <gtest/gtest.h>

#include "gateway/answer_stream.hpp"

namespace smg::gateway {
namespace {

using providers::ApiFormat;

struct Stated {
    ApiFormat upstream;
    const char* body;
    int status;
    const char* words;
};

const std::vector<Stated> errors = {
    {ApiFormat::openai_chat,
     "\n{\"error\": {\"message\": \"Rate \\\"limit\\\" }] reached\",\n\n \"type\": \"requests\", \"code\": \"rate_limit_exceeded\"}}", 429,
     "limit"},
    {ApiFormat::openai_chat, R"({"error":{"message":"No endpoints","code":404}})", 404, "No endpoints"},
    {ApiFormat::openai_chat, R"({"code":"invalid-argument","error":"Incorrect API key provided"})", 401, "Incorrect API key"},
    {ApiFormat::openai_responses, R"({"error":{"message":"Busy","type":"server_error","code":null}})", 500, "Busy"},
    {ApiFormat::anthropic_messages, R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})", 503, "Overloaded"},
    {ApiFormat::gemini, R"([{"error":{"code":503,"message":"The model is overloaded","status":"UNAVAILABLE"}}])", 503, "overloaded"},
};

/// Whatever the content type said, the words, the class and the status are the provider's.
TEST(BareJson, AnErrorUnderAStatusOfSuccessIsTheProvidersError) {
    for (const auto& [upstream, body, status, words] : errors)
        for (const bool same : {true, false}) {
            const auto client = same || upstream != ApiFormat::openai_chat ? (same ? upstream : ApiFormat::openai_chat) : ApiFormat::gemini;
            const std::string_view text = body;
            for (std::size_t cut = 0; cut <= text.size(); ++cut) {
                const auto stream = same ? passing_stream(client, {}, false)
                                         : translating_stream(providers::codec_of(upstream), {}, providers::codec_of(client), {});
                std::string out(stream->feed(text.substr(0, cut)));
                out += stream->feed(text.substr(cut));
                ASSERT_TRUE(stream->error()) << body << " at " << cut;
                EXPECT_EQ(stream->error()->status, status) << body;
                EXPECT_NE(stream->error()->message.find(words), std::string::npos) << stream->error()->message;
                EXPECT_FALSE(stream->begun()) << "another worker may be asked";
                EXPECT_NE(out.find(words), std::string::npos) << out;
                EXPECT_NE(out.find("data: "), std::string::npos) << "an event, as the client expects";
            }
        }
}

const std::string whole_answer =
    R"({"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"m","choices":[{"index":0,"message":{"role":"assistant",
        "content":"Hi {\"}",)"
    R"("tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]},"finish_reason":"tool_calls"}],)"
    R"("usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}})";

TEST(BareJson, AWholeAnswerIsToldAsAStream) {
    for (const auto client : {ApiFormat::openai_chat, ApiFormat::anthropic_messages}) {
        codec::ClientView view;
        view.include_usage = true;
        const auto stream = client == ApiFormat::openai_chat
                                ? passing_stream(client, view, false)
                                : translating_stream(codec::openai_chat(), {}, providers::codec_of(client), view);
        std::string out(stream->feed(std::string_view(whole_answer).substr(0, 100)));
        EXPECT_EQ(out, "");
        out += stream->feed(std::string_view(whole_answer).substr(100));
        EXPECT_TRUE(stream->complete());
        EXPECT_TRUE(stream->output_seen());
        EXPECT_EQ(stream->usage().total, 5U);
        EXPECT_NE(out.find(R"(Hi {\"})"), std::string::npos) << out;
        EXPECT_NE(out.find(R"({\"a\":1})"), std::string::npos) << out;
        EXPECT_NE(out.find(client == ApiFormat::openai_chat ? "data: [DONE]" : "message_stop"), std::string::npos) << out;
        EXPECT_EQ(stream->end(), "");
    }
}

TEST(BareJson, EventsUnderWhateverContentTypeAreEvents) {
    BareJson bare;
    EXPECT_FALSE(bare.take("\r\n"));
    EXPECT_FALSE(bare.take(": comment\n\n"));
    EXPECT_FALSE(bare.take("{not at the beginning"));
}

TEST(BareJson, WhatIsNeitherIsAMalformedAnswer) {
    for (const std::string body : {R"({"detail":"hello"})", R"({"id":3])", "[]"}) {
        const auto stream = passing_stream(ApiFormat::openai_chat, {}, false);
        const std::string out(stream->feed(body));
        ASSERT_TRUE(stream->error()) << body;
        EXPECT_EQ(stream->error()->status, 502) << body;
        EXPECT_NE(out.find("could not be read"), std::string::npos) << out;
    }
    const auto cut = passing_stream(ApiFormat::openai_chat, {}, false);
    EXPECT_EQ(cut->feed(R"({"error":{"message":"half)"), "");
    EXPECT_FALSE(cut->end().empty());
    EXPECT_EQ(cut->error()->status, 502);
}

TEST(StatedError, IsNotFoundInAnAnswer) {
    EXPECT_FALSE(stated_error(codec::openai_responses(), R"({"id":"resp_1","error":null,"output":[]})"));
    EXPECT_FALSE(stated_error(codec::openai_chat(), whole_answer));
    EXPECT_FALSE(stated_error(codec::openai_chat(), "not JSON"));
    EXPECT_TRUE(stated_error(codec::openai_chat(), R"({"error":"text"})"));
}

}  // namespace
}  // namespace smg::gateway
