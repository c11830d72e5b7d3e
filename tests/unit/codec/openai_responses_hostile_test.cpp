#include <random>

#include "openai_responses_testing.hpp"

namespace smg::codec {
namespace {

using namespace responses_testing;

constexpr std::string_view request =
    R"({"model":"m","instructions":"i","input":[{"role":"user","content":[{"type":"input_text","text":"x"},{"type":"input_image",
        "image_url":"data:image/png;base64,QQ=="},
    {"type":"input_file","file_id":"f"}]},{"type":"reasoning","id":"rs","summary":[{"type":"summary_text","text":"s"}],"encrypted_content":"e"},
    {"type":"message","id":"m","role":"assistant","content":[{"type":"output_text","text":"t","annotations":[]},{"type":"refusal","refusal":"r"}]},
    {"type":"function_call","call_id":"c","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"c",
        "output":[{"type":"input_text","text":"o"}]}],
    "tools":[{"type":"function","name":"f","parameters":{},"strict":true},{"type":"custom","name":"c","format":{"type":"grammar",
        "syntax":"s","definition":"d"}}],
    "tool_choice":{"type":"allowed_tools","mode":"auto","tools":[{"type":"function","name":"f"}]},"text":{"format":{"type":"json_schema",
        "name":"n","schema":{}}},
    "reasoning":{"effort":"low","summary":"auto"},"include":["x"],"stream_options":{"a":1},"top_logprobs":2,"metadata":{}})";

constexpr std::string_view response =
    R"({"id":"resp_1","object":"response","created_at":7,"status":"completed","model":"m","output":[{"type":"reasoning","id":"rs",
        "summary":[{"type":"summary_text","text":"s"}],
    "content":[{"type":"reasoning_text","text":"c"}],"encrypted_content":"e"},{"type":"message","id":"m","role":"assistant",
        "content":[{"type":"output_text","text":"t",
    "annotations":[{"type":"url_citation","url":"u"}],"logprobs":[{"token":"t"}]},{"type":"tomorrow","x":1},{"type":"refusal","refusal":"r"}]},
    {"type":"function_call","call_id":"c","name":"f","arguments":"{}"},{"type":"custom_tool_call","call_id":"d","name":"g","input":"i"},
        {"type":"web_search_call","id":"w"}],
    "usage":{"input_tokens":1,"output_tokens":2,"total_tokens":3,"output_tokens_details":{"reasoning_tokens":1}},
        "metadata":{"system_fingerprint":"f"}})";

/// The text with a value, a name or a piece of it gone wrong: still JSON most of the time.
std::string spoiled(std::string_view text, std::mt19937& random) {
    std::string out(text);
    const auto at = random() % out.size();
    constexpr std::string_view words[] = {"null", "1", "[]", "{}", "\"\"", "true", "-1", "\"smg1.gemini.bjo\"", "\"smg1.openai.x\""};
    const auto colon = out.find(':', at);
    switch (random() % 4) {
        case 0: out.erase(at, 1 + random() % 12); break;
        case 1: out[at] = static_cast<char>(random() % 128); break;
        default:
            if (colon != std::string::npos) {
                auto end = colon + 1;
                int depth = 0;
                for (bool in_string = false; end < out.size(); ++end) {
                    const char c = out[end];
                    if (c == '"' && out[end - 1] != '\\') in_string = !in_string;
                    if (in_string) continue;
                    if (c == '{' || c == '[') ++depth;
                    if ((c == ',' || c == '}' || c == ']') && depth == 0) break;
                    if (c == '}' || c == ']') --depth;
                }
                out.replace(colon + 1, end - colon - 1, words[random() % std::size(words)]);
            }
    }
    return out;
}

TEST(OpenAiResponsesHostile, SpoiledRequestsAreReadOrRefused) {
    std::mt19937 random(1);
    std::size_t taken = 0, refused = 0;
    for (int i = 0; i < 1200; ++i) {
        const auto body = spoiled(request, random);
        const auto conversation = openai_responses().decode_request(body);
        if (!conversation) {
            EXPECT_FALSE(conversation.error().message.empty());
            ++refused;
            continue;
        }
        ++taken;
        Target target;
        target.model = "m";
        for (const auto* codec : {&openai_responses(), &openai_chat(), &anthropic_messages(), &gemini()})
            if (const auto encoded = codec->encode_request(*conversation, target)) { EXPECT_TRUE(Json::accept(encoded->body)) << body; }
    }
    EXPECT_GT(taken, 150U);
    EXPECT_GT(refused, 150U);
}

TEST(OpenAiResponsesHostile, SpoiledAnswersAreReadOrRefused) {
    std::mt19937 random(2);
    std::size_t taken = 0;
    for (int i = 0; i < 1200; ++i) {
        const auto answer = openai_responses().decode_response(spoiled(response, random), {});
        if (!answer) continue;
        ++taken;
        for (const auto* codec : {&openai_responses(), &openai_chat(), &anthropic_messages(), &gemini()})
            EXPECT_TRUE(Json::accept(codec->encode_response(*answer, {}))) << codec->encode_response(*answer, {});
    }
    EXPECT_GT(taken, 300U);
}

TEST(OpenAiResponsesHostile, SpoiledStreamsStillObeyTheSdks) {
    StreamEvents events;
    const auto answer = openai_responses().decode_response(response, {});
    ASSERT_TRUE(answer);
    const auto one_line = Json::parse(response).dump();
    const auto stream = encode_stream(decode_stream(sse_of({R"({"type":"response.completed","response":)" + one_line + "}"})));
    ASSERT_EQ(judged(stream)["status"], "completed");
    const auto lines = events_of(stream);
    std::mt19937 random(3);
    std::size_t whole = 0;
    for (int i = 0; i < 600; ++i) {
        const auto decoder = openai_responses().stream_decoder({});
        events.clear();
        const auto bad = random() % lines.size(), twice = random() % lines.size(), gone = random() % lines.size();
        for (std::size_t n = 0; n < lines.size(); ++n) {
            const auto text = lines[n].dump();
            if (n == gone && random() % 2 == 0) continue;
            decoder->on_event("", n == bad ? spoiled(text, random) : text, events);
            if (n == twice) decoder->on_event("", text, events);
        }
        decoder->on_end(events);
        ASSERT_FALSE(events.empty());
        if (!std::holds_alternative<event::Completed>(events.back())) {
            EXPECT_TRUE(std::holds_alternative<event::Failed>(events.back()));
        } else {
            ++whole;
        }
        const auto again = judged(encode_stream(events));
        if (HasFailure()) {
            ADD_FAILURE() << "round " << i << ": " << again.dump().substr(0, 500);
            return;
        }
    }
    EXPECT_GT(whole, 200U);
}

TEST(OpenAiResponsesHostile, ErrorsAreThoseOfOpenAi) {
    const auto error =
        openai_responses().decode_error(429, R"({"error":{"message":"Slow.","type":"requests","param":null,"code":"rate_limit_exceeded"}})");
    EXPECT_EQ(error.status, 429);
    EXPECT_EQ(Json::parse(openai_responses().encode_error(error, "req_1")),
              Json::parse(R"({"error":{"message":"Slow.","type":"requests","param":null,"code":"rate_limit_exceeded"}})"));
    EXPECT_EQ(openai_responses().decode_error(503, "<html>").status, 503);
    EXPECT_EQ(openai_responses().name(), "openai_responses");
}

}  // namespace
}  // namespace smg::codec
