/// Recorded traffic of Gemini and Vertex through the codec, both ways.
#include <algorithm>
#include <functional>

#include "gemini_testing.hpp"
#include "http/sse.hpp"
#include "recordings.hpp"

namespace smg::codec::gemini_testing {
namespace {

using Plain = nlohmann::json;
using recordings::Endpoint;
using recordings::Recording;

std::vector<Recording> generate() {
    auto out = recordings::of("gemini", Endpoint::generate);
    for (auto& recording : recordings::of("vertex", Endpoint::generate)) out.push_back(std::move(recording));
    return out;
}

/// Gives members of this object their camelCase names, and leaves out those that are null.
void camel(Plain& object) {
    if (!object.is_object()) return;
    auto out = Plain::object();
    for (auto& [name, value] : object.items()) {
        std::string key;
        for (std::size_t i = 0; i < name.size(); ++i)
            key += name[i] == '_' && i + 1 < name.size() ? static_cast<char>(std::toupper(name[++i])) : name[i];
        if (!value.is_null()) out[key] = std::move(value);
    }
    object = std::move(out);
}

/// One object where a list is expected is a list of it.
void list(Plain& object, const char* name) {
    if (object.is_object() && object.contains(name) && object[name].is_object()) object[name] = Plain::array({object[name]});
}

void each(Plain& object, const char* name, const std::function<void(Plain&)>& change) {
    if (!object.is_object() || !object.contains(name)) return;
    if (!object[name].is_array()) return change(object[name]);
    for (auto& item : object[name]) change(item);
}

/// Proto JSON's two spellings of one request are made one. Values that are the client's own (arguments, schemas) are not touched.
Plain normal(Plain request) {
    camel(request);
    list(request, "tools");
    const auto content = [](Plain& node) {
        camel(node);
        each(node, "parts", [](Plain& part) {
            camel(part);
            for (const auto* name : {"functionCall", "functionResponse", "inlineData", "fileData"}) each(part, name, camel);
        });
    };
    each(request, "contents", [&](Plain& node) {
        content(node);
        if (!node.contains("role")) node["role"] = "user";
    });
    each(request, "systemInstruction", content);
    each(request, "tools", [](Plain& tool) {
        camel(tool);
        each(tool, "functionDeclarations", camel);
    });
    each(request, "generationConfig", [](Plain& config) {
        camel(config);
        each(config, "thinkingConfig", camel);
    });
    if (request.contains("generationConfig") && request["generationConfig"].empty()) request.erase("generationConfig");
    request.erase("model");
    return request;
}

TEST(GeminiRecordings, EveryRequestComesBackUnchanged) {
    SMG_NEED_RECORDINGS();
    std::size_t seen = 0;
    for (const auto& recording : generate()) {
        if (!recording.has_request()) continue;
        const auto source = recording.request();
        const auto conversation = gemini().decode_request(source);
        ASSERT_TRUE(conversation) << recording.id << ": " << conversation.error().param << ": " << conversation.error().message;
        const auto out = gemini().encode_request(*conversation, gemini_3());
        ASSERT_TRUE(out) << recording.id << ": " << out.error().param << ": " << out.error().message;
        ASSERT_TRUE(Plain::accept(out->body)) << recording.id;
        EXPECT_EQ(Plain::diff(normal(Plain::parse(source)), normal(Plain::parse(out->body))), Plain::array()) << recording.id;
        EXPECT_TRUE(out->adjustments.empty()) << recording.id;
        ++seen;
    }
    EXPECT_GE(seen, 30U);
}

/// What another format would have made of the request: no turn is lost, every call has its result in the next content.
TEST(GeminiRecordings, EveryRequestCanBeWrittenAsIfItCameFromAnotherFormat) {
    SMG_NEED_RECORDINGS();
    for (const auto& recording : generate()) {
        if (!recording.has_request()) continue;
        auto conversation = gemini().decode_request(recording.request());
        ASSERT_TRUE(conversation) << recording.id;
        conversation->format = "openai_chat";
        std::erase_if(conversation->unknown, [](const auto& member) { return member.first == "cachedContent"; });  // which no other format has
        const auto out = gemini().encode_request(*conversation, gemini_3());
        ASSERT_TRUE(out) << recording.id << ": " << out.error().param << ": " << out.error().message;
        const auto json = Plain::parse(out->body);
        std::string last;
        std::ptrdiff_t open_calls = 0;
        for (const auto& content : json["contents"]) {
            EXPECT_NE(content["role"], last) << recording.id;
            last = content["role"];
            const auto& parts = content["parts"];
            const auto holding = [&](const char* name) {
                return std::count_if(parts.begin(), parts.end(), [&](const Plain& part) { return part.contains(name); });
            };
            const auto calls = holding("functionCall"), results = holding("functionResponse");
            EXPECT_EQ(results, open_calls) << recording.id;
            open_calls = calls;
        }
    }
}

TEST(GeminiRecordings, EveryAnswerComesBackUnchanged) {
    SMG_NEED_RECORDINGS();
    std::size_t seen = 0;
    for (const auto& recording : generate()) {
        if (recording.is_sse() || recording.status != 200) continue;
        const auto source = recording.response();
        const auto answer = gemini().decode_response(source, {});
        ASSERT_TRUE(answer) << recording.id << ": " << answer.error().message;
        ++seen;
        const auto encoded = gemini().encode_response(*answer, {});
        ASSERT_TRUE(Plain::accept(encoded)) << recording.id;
        if (recording.streaming) continue;  // an array of pieces becomes one answer
        auto before = Plain::parse(source), after = Plain::parse(encoded);
        if (before.contains("candidates")) {
            for (std::size_t i = 0; i < before["candidates"].size(); ++i) {
                auto& one = before["candidates"][i];
                if (!one.contains("content")) one["content"] = Plain::object();
                if (!one["content"].contains("parts")) one["content"]["parts"] = Plain::array();
                one["content"]["role"] = "model";
                if (!one.contains("index")) one["index"] = i;
                for (auto& part : one["content"]["parts"])
                    if (part.contains("functionCall") && !part["functionCall"].contains("args")) part["functionCall"]["args"] = Plain::object();
            }
        }
        EXPECT_EQ(Plain::diff(before, after), Plain::array()) << recording.id;
    }
    EXPECT_GE(seen, 20U);
}

TEST(GeminiRecordings, UsageAddsUpInEveryAnswer) {
    SMG_NEED_RECORDINGS();
    std::size_t seen = 0;
    for (const auto& recording : generate()) {
        if (recording.is_sse() || recording.status != 200) continue;
        const auto answer = gemini().decode_response(recording.response(), {});
        ASSERT_TRUE(answer) << recording.id;
        if (!answer->usage.any()) continue;
        EXPECT_EQ(answer->usage.input.value_or(0) + answer->usage.output.value_or(0), answer->usage.total.value_or(0)) << recording.id;
        ++seen;
    }
    EXPECT_GE(seen, 15U);
}

TEST(GeminiRecordings, FeaturesAreSeen) {
    SMG_NEED_RECORDINGS();
    for (const auto& recording : generate()) {
        if (recording.is_sse() || recording.status != 200) continue;
        const auto answer = gemini().decode_response(recording.response(), {});
        ASSERT_TRUE(answer) << recording.id;
        const auto& choice = answer->choices.at(0);
        const auto count = [&](auto is) { return std::count_if(choice.parts.begin(), choice.parts.end(), is); };
        const auto calls = count([](const Part& part) { return std::holds_alternative<ToolCallPart>(part); });
        const bool runs_code = recording.has_feature("s:executableCode");  // the index counts what Google ran itself
        const bool asks = recording.has_feature("toolcall1") || recording.has_feature("toolcall2") || recording.has_feature("toolcall3");
        if (asks && !runs_code) { EXPECT_GT(calls, 0) << recording.id; }
        EXPECT_EQ(choice.stop_reason == StopReason::tool_calls, calls > 0) << recording.id;
        if (recording.has_feature("toolcall3")) { EXPECT_EQ(calls, 3) << recording.id; }
        if (recording.has_feature("s:MAX_TOKENS")) { EXPECT_EQ(choice.stop_reason, StopReason::length) << recording.id; }
    }
}

TEST(GeminiRecordings, EveryErrorKeepsItsWords) {
    SMG_NEED_RECORDINGS();
    std::size_t seen = 0;
    for (const auto& recording : generate()) {
        if (recording.status < 400) continue;
        const auto error = gemini().decode_error(recording.status, recording.response());
        const auto source = Plain::parse(recording.response());
        EXPECT_EQ(error.message, (source.is_array() ? source[0] : source)["error"]["message"]) << recording.id;
        EXPECT_GE(error.status, 400) << recording.id;
        ++seen;
    }
    EXPECT_GE(seen, 1U);
}

// --- streams ---

/// Everything that a stream said, in one text, less the ids that were made up.
std::string summary(const StreamEvents& events) {
    std::string out;
    for (const auto& event : events) {
        out += "|" + std::to_string(event.index());
        if (const auto* e = std::get_if<event::Started>(&event)) out += e->id + e->model + std::to_string(e->created);
        if (const auto* e = std::get_if<event::TextDelta>(&event)) out += e->text;
        if (const auto* e = std::get_if<event::ReasoningDelta>(&event)) out += e->text;
        if (const auto* e = std::get_if<event::SignatureDelta>(&event)) out += e->signature;
        if (const auto* e = std::get_if<event::ArgumentsDelta>(&event)) out += e->text;
        if (const auto* e = std::get_if<event::UsageUpdate>(&event)) out += e->native;
        if (const auto* e = std::get_if<event::ChoiceFinished>(&event)) out += e->native_reason + std::to_string(static_cast<int>(e->reason));
        if (const auto* e = std::get_if<event::Failed>(&event)) out += e->error.message;
        if (const auto* e = std::get_if<event::BlockStarted>(&event))
            if (const auto* call = std::get_if<ToolCallPart>(&e->part)) out += call->name + call->signature;
    }
    return out;
}

StreamEvents decoded(const std::vector<std::string_view>& pieces) {
    StreamEvents out;
    http::SseReader reader;
    const auto decoder = gemini().stream_decoder({});
    const auto on_event = [&](const http::SseEvent& event) { decoder->on_event(event.name, event.data, out); };
    for (const auto piece : pieces) EXPECT_TRUE(reader.feed(piece, on_event));
    reader.finish(on_event);
    decoder->on_end(out);
    return out;
}

TEST(GeminiRecordings, EveryStreamIsWholeAtEverySplit) {
    SMG_NEED_RECORDINGS();
    std::size_t seen = 0;
    for (const auto& recording : generate()) {
        if (!recording.is_sse()) continue;
        ++seen;
        const auto source = recording.response();
        const std::string_view bytes = source;
        const auto whole = decoded({bytes});
        EXPECT_EQ(only<event::Completed>(whole).size(), 1U) << recording.id;
        EXPECT_TRUE(only<event::Failed>(whole).empty()) << recording.id;
        const auto expected = summary(whole);
        const auto stride = std::max<std::size_t>(1, bytes.size() / 300);
        for (std::size_t at = 1; at < bytes.size(); at += stride)
            ASSERT_EQ(summary(decoded({bytes.substr(0, at), bytes.substr(at)})), expected) << recording.id << " at " << at;
        std::vector<std::string_view> single;
        for (std::size_t at = 0; at < bytes.size(); ++at) single.push_back(bytes.substr(at, 1));
        EXPECT_EQ(summary(decoded(single)), expected) << recording.id;
    }
    EXPECT_GE(seen, 12U);
}

TEST(GeminiRecordings, EveryStreamCutBeforeItsEndFails) {
    SMG_NEED_RECORDINGS();
    for (const auto& recording : generate()) {
        if (!recording.is_sse()) continue;
        const auto source = recording.response();
        const auto last = source.rfind("\"finishReason\"");
        ASSERT_NE(last, std::string::npos) << recording.id;
        const auto cut = decoded({std::string_view(source).substr(0, source.rfind("data:", last))});
        EXPECT_EQ(only<event::Failed>(cut).size(), 1U) << recording.id;
        EXPECT_TRUE(only<event::Completed>(cut).empty()) << recording.id;
    }
}

/// What a stream amounts to.
struct Whole {
    std::string text, thoughts, calls, finish, signatures;
    Usage usage;
    friend bool operator==(const Whole&, const Whole&) = default;
};

Whole whole(const StreamEvents& events) {
    Whole out;
    for (const auto& event : events) {
        if (const auto* e = std::get_if<event::TextDelta>(&event)) out.text += e->text;
        if (const auto* e = std::get_if<event::ReasoningDelta>(&event)) out.thoughts += e->text;
        if (const auto* e = std::get_if<event::ArgumentsDelta>(&event)) out.calls += e->text;
        if (const auto* e = std::get_if<event::SignatureDelta>(&event)) out.signatures += e->signature;
        if (const auto* e = std::get_if<event::UsageUpdate>(&event)) out.usage = e->usage;
        if (const auto* e = std::get_if<event::ChoiceFinished>(&event)) out.finish += e->native_reason + std::to_string(static_cast<int>(e->reason));
        if (const auto* e = std::get_if<event::BlockStarted>(&event))
            if (const auto* call = std::get_if<ToolCallPart>(&e->part)) out.calls += call->name, out.signatures += call->signature;
    }
    return out;
}

TEST(GeminiRecordings, EveryStreamDecodesEncodesAndDecodesToTheSame) {
    SMG_NEED_RECORDINGS();
    for (const auto& recording : generate()) {
        if (!recording.is_sse()) continue;
        const auto source = recording.response();
        const auto first = decoded({source});
        const auto encoder = gemini().stream_encoder({});
        std::string out;
        for (const auto& event : first) {
            encoder->write(event, out);
            out += encoder->keep_alive();
        }
        EXPECT_TRUE(whole(decoded({out})) == whole(first)) << recording.id << "\n" << out.substr(0, 2000);
    }
}

/// A stream and the same answer in one piece say the same.
TEST(GeminiRecordings, StreamsAgreeWithTheirJoinedAnswer) {
    SMG_NEED_RECORDINGS();
    for (const auto& recording : generate()) {
        if (!recording.is_sse() || recording.id.find("args") != std::string::npos) continue;
        auto pieces = Plain::array();
        http::SseReader reader;
        const auto on_event = [&](const http::SseEvent& event) { pieces.push_back(Plain::parse(event.data)); };
        ASSERT_TRUE(reader.feed(recording.response(), on_event));
        reader.finish(on_event);
        const auto answer = gemini().decode_response(pieces.dump(), {});
        ASSERT_TRUE(answer) << recording.id;
        const auto events = decoded({recording.response()});
        const auto said = whole(events);
        std::string text, thoughts;
        for (const auto& part : answer->choices.at(0).parts) {
            if (const auto* words = std::get_if<TextPart>(&part)) text += words->text;
            if (const auto* thought = std::get_if<ReasoningPart>(&part)) thoughts += thought->text;
        }
        EXPECT_EQ(said.text, text) << recording.id;
        EXPECT_EQ(said.thoughts, thoughts) << recording.id;
        EXPECT_EQ(said.usage, answer->usage) << recording.id;
        EXPECT_EQ(only<event::ChoiceFinished>(events).at(0).reason, answer->choices[0].stop_reason) << recording.id;
    }
}

}  // namespace
}  // namespace smg::codec::gemini_testing
