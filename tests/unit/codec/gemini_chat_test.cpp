/// A Chat client in front of Gemini: whole ways through both codecs.
#include <map>

#include "gemini_testing.hpp"
#include "http/sse.hpp"
#include "recordings.hpp"

namespace smg::codec::gemini_testing {
namespace {

using recordings::Endpoint;

Json from_chat(const Json& request, const Target& target = gemini_2_5(), EncodedRequest* out = nullptr) {
    const auto conversation = openai_chat().decode_request(request.dump());
    EXPECT_TRUE(conversation) << (conversation ? "" : conversation.error().message);
    if (!conversation) return {};
    auto request_out = encoded(*conversation, target);
    const auto json = Json::parse(request_out.body);
    if (out) *out = std::move(request_out);
    return json;
}

TEST(GeminiForChat, ARequestWithEverything) {
    EncodedRequest out;
    auto to = gemini_2_5();
    to.capabilities.native_tool_ids = true;  // older models take no format beside functions
    const auto json = from_chat(Json::parse(R"({"model":"gemini-2.5-flash","stream":true,"messages":[
        {"role":"system","content":"Be brief."},
        {"role":"user","content":[{"type":"text","text":"What is it?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,QQ=="}},
            {"type":"file","file":{"file_data":"data:application/pdf;base64,JVBERi0=","filename":"a.pdf"}},
            {"type":"input_audio","input_audio":{"data":"QUJD","format":"wav"}}]}],
        "tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object","properties":{}}}}],
        "tool_choice":"required","reasoning_effort":"low","temperature":0.7,"max_completion_tokens":100,"stop":"END","seed":7,
        "response_format":{"type":"json_schema","json_schema":{"name":"o","schema":{"type":"object"}}}})"),
                                to, &out);
    EXPECT_EQ(nlohmann::json(json),
              nlohmann::json::parse(R"({"systemInstruction":{"parts":[{"text":"Be brief."}]},"contents":[{"role":"user","parts":[
        {"text":"What is it?"},{"inlineData":{"mimeType":"image/png","data":"QQ=="}},{"inlineData":{"mimeType":"application/pdf","data":"JVBERi0="}},
        {"inlineData":{"mimeType":"audio/wav","data":"QUJD"}}]}],
        "tools":[{"functionDeclarations":[{"name":"f","description":"d","parametersJsonSchema":{"type":"object","properties":{}}}]}],
        "toolConfig":{"functionCallingConfig":{"mode":"ANY"}},
        "generationConfig":{"maxOutputTokens":100,"temperature":0.7,"seed":7,"stopSequences":["END"],"responseMimeType":"application/json",
            "responseJsonSchema":{"type":"object"},"thinkingConfig":{"thinkingBudget":1024,"includeThoughts":true}}})"));
    EXPECT_TRUE(out.adjustments.empty()) << out.adjustments.names().front();
}

/// The message that a Chat client sends back is the one that it got.
TEST(GeminiForChat, ACallComesBackWithItsSignatureAndItsResults) {
    const auto answer = gemini().decode_response(R"({"responseId":"r1","candidates":[{"content":{"role":"model","parts":[
        {"functionCall":{"id":"g1","name":"f","args":{"city":"Rome"}},"thoughtSignature":"SIG"},{"functionCall":{"id":"g2","name":"f","args":{}}}]},
        "finishReason":"STOP"}]})",
                                                 {});
    ASSERT_TRUE(answer);
    const auto chat_answer = Json::parse(openai_chat().encode_response(*answer, {}));
    EXPECT_EQ(chat_answer["choices"][0]["finish_reason"], "tool_calls");
    auto message = chat_answer["choices"][0]["message"];
    ASSERT_EQ(message["tool_calls"].size(), 2U);
    auto request = Json::parse(R"({"model":"m","messages":[{"role":"user","content":"x"}]})");
    request["messages"].push_back(message);
    for (const auto* index : {"1", "0"}) {
        const auto& call = message["tool_calls"][static_cast<std::size_t>(*index - '0')];
        request["messages"].push_back({{"role", "tool"}, {"tool_call_id", call["id"]}, {"content", std::string("result ") + index}});
    }
    const auto json = from_chat(request, gemini_3());
    const auto& parts = json["contents"][1]["parts"];
    EXPECT_EQ(parts[0]["thoughtSignature"], "SIG");
    EXPECT_EQ(parts[0]["functionCall"]["id"], "g1");
    EXPECT_EQ(parts[0]["functionCall"]["args"], Json({{"city", "Rome"}}));
    EXPECT_FALSE(parts[1].contains("thoughtSignature"));
    const auto& results = json["contents"][2]["parts"];
    ASSERT_EQ(results.size(), 2U);
    EXPECT_EQ(results[0]["functionResponse"]["response"]["output"], "result 0");
    EXPECT_EQ(results[1]["functionResponse"]["name"], "f");
}

TEST(GeminiForChat, ASignedTextComesBackSigned) {
    const auto answer = gemini().decode_response(
        R"({"candidates":[{"content":{"parts":[{"text":"hm","thought":true},{"text":"Hello","thoughtSignature":"T"}]},"finishReason":"STOP"}]})", {});
    ASSERT_TRUE(answer);
    const auto message = Json::parse(openai_chat().encode_response(*answer, {}))["choices"][0]["message"];
    EXPECT_EQ(message["reasoning_content"], "hm");
    auto request = Json::parse(R"({"model":"m","messages":[{"role":"user","content":"x"}]})");
    request["messages"].push_back(message);
    request["messages"].push_back({{"role", "user"}, {"content", "y"}});
    EXPECT_EQ(from_chat(request, gemini_3())["contents"][1]["parts"], Json::parse(R"([{"text":"Hello","thoughtSignature":"T"}])"));
}

TEST(GeminiForChat, ABlockedPromptAndCitations) {
    const auto blocked = gemini().decode_response(R"({"promptFeedback":{"blockReason":"SAFETY"}})", {});
    ASSERT_TRUE(blocked);
    const auto choice = Json::parse(openai_chat().encode_response(*blocked, {}))["choices"][0];
    EXPECT_EQ(choice["finish_reason"], "content_filter");
    EXPECT_TRUE(choice["message"]["content"].is_null());
    EXPECT_EQ(choice["message"]["refusal"], "SAFETY");
    const auto cited = gemini().decode_response(R"({"candidates":[{"content":{"parts":[{"text":"abc"}]},"finishReason":"STOP","groundingMetadata":{
        "groundingChunks":[{"web":{"uri":"u","title":"t"}}],"groundingSupports":[{"segment":{"endIndex":3},"groundingChunkIndices":[0]}]}}]})",
                                                {});
    ASSERT_TRUE(cited);
    EXPECT_EQ(Json::parse(openai_chat().encode_response(*cited, {}))["choices"][0]["message"]["annotations"][0]["url_citation"]["url"], "u");
}

/// No recorded Chat request makes the encoder write anything but a legal body or an error that names its field.
TEST(GeminiForChat, EveryRecordedChatRequestIsCarriedOrRefusedByName) {
    SMG_NEED_RECORDINGS();
    std::size_t carried = 0;
    for (const auto& recording : recordings::of({}, Endpoint::chat)) {
        if (!recording.has_request() || recording.status != 200) continue;
        const auto conversation = openai_chat().decode_request(recording.request());
        if (!conversation) continue;
        for (const auto& target : {gemini_2_5(), gemini_3()}) {
            const auto out = gemini().encode_request(*conversation, target);
            if (!out) {
                EXPECT_FALSE(out.error().param.empty()) << recording.id << ": " << out.error().message;
                continue;
            }
            ASSERT_TRUE(Json::accept(out->body)) << recording.id;
            const auto json = Json::parse(out->body);
            EXPECT_FALSE(json.contains("model")) << recording.id;
            EXPECT_FALSE(json["contents"].empty()) << recording.id;
            EXPECT_EQ(json["contents"][0]["role"], "user") << recording.id;
            EXPECT_TRUE(gemini().decode_request(out->body)) << recording.id;
            ++carried;
        }
    }
    EXPECT_GE(carried, 20U);
}

TEST(GeminiForChat, EveryRecordedStreamIsALegalChatStream) {
    SMG_NEED_RECORDINGS();
    std::size_t seen = 0;
    for (const auto& recording : recordings::of("gemini", Endpoint::generate)) {
        if (!recording.is_sse()) continue;
        ++seen;
        const auto decoder = gemini().stream_decoder({});
        ClientView view;
        view.include_usage = true;
        const auto encoder = openai_chat().stream_encoder(view);
        std::string chat_stream, text;
        StreamEvents events;
        http::SseReader reader;
        ASSERT_TRUE(reader.feed(recording.response(), [&](const http::SseEvent& event) { decoder->on_event(event.name, event.data, events); }));
        decoder->on_end(events);
        for (const auto& event : events) {
            encoder->write(event, chat_stream);
            if (const auto* delta = std::get_if<event::TextDelta>(&event)) text += delta->text;
        }
        EXPECT_TRUE(chat_stream.ends_with("data: [DONE]\n\n")) << recording.id;
        std::string content, finish;
        std::map<std::int64_t, std::string> arguments;
        http::SseReader chat_reader;
        const auto on_chunk = [&](const http::SseEvent& event) {
            if (event.data == "[DONE]") return;
            const auto chunk = Json::parse(event.data);
            for (const auto& choice : chunk["choices"]) {
                const auto& delta = choice["delta"];
                if (delta.contains("content") && delta["content"].is_string()) content += delta["content"].get<std::string>();
                if (delta.contains("tool_calls"))
                    for (const auto& call : delta["tool_calls"]) arguments[call["index"]] += call["function"].value("arguments", "");
                if (choice["finish_reason"].is_string()) finish += choice["finish_reason"].get<std::string>();
            }
        };
        ASSERT_TRUE(chat_reader.feed(chat_stream, on_chunk));
        EXPECT_EQ(content, text) << recording.id;
        EXPECT_EQ(finish, arguments.empty() ? "stop" : "tool_calls") << recording.id;
        for (const auto& [index, words] : arguments) EXPECT_TRUE(Json::accept(words) && Json::parse(words).is_object()) << recording.id << words;
    }
    EXPECT_GE(seen, 12U);
}

}  // namespace
}  // namespace smg::codec::gemini_testing
