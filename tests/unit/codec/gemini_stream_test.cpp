/// Streams of Gemini as events, and events for a Gemini client.
#include "gemini_testing.hpp"

namespace smg::codec::gemini_testing {
namespace {

/// A chunk of the first candidate.
std::string chunk(const std::string& parts, const std::string& more = {}) {
    return R"({"candidates":[{"content":{"role":"model","parts":[)" + parts + R"(]},"index":0)" + more + R"(}],"responseId":"r",
            "modelVersion":"m"})";
}

const std::string stop = R"(,"finishReason":"STOP")";

std::string joined(const StreamEvents& events) {
    std::string out;
    for (const auto& event : events) {
        if (const auto* e = std::get_if<event::Started>(&event)) out += "start(" + e->id + "," + e->model + ") ";
        if (const auto* e = std::get_if<event::BlockStarted>(&event))
            out += "block" + std::to_string(e->block) + ":" + std::to_string(e->part.index()) + " ";
        if (const auto* e = std::get_if<event::TextDelta>(&event)) out += "text(" + e->text + ") ";
        if (const auto* e = std::get_if<event::ReasoningDelta>(&event)) out += "thought(" + e->text + ") ";
        if (const auto* e = std::get_if<event::SignatureDelta>(&event)) out += "sig" + std::to_string(e->block) + "(" + e->signature + ") ";
        if (const auto* e = std::get_if<event::ArgumentsDelta>(&event)) out += "args(" + e->text + ") ";
        if (const auto* e = std::get_if<event::BlockFinished>(&event)) out += "end" + std::to_string(e->block) + " ";
        if (const auto* e = std::get_if<event::ChoiceFinished>(&event)) out += "finish(" + e->native_reason + ") ";
        if (std::holds_alternative<event::Completed>(event)) out += "done";
        if (const auto* e = std::get_if<event::Failed>(&event)) out += "failed(" + e->error.code + ")";
    }
    return out;
}

TEST(GeminiStreamDecode, ThoughtsTextAndATrailingSignature) {
    const auto events = streamed({chunk(R"({"text":"hm","thought":true})"), chunk(R"({"text":"a"})"), chunk(R"({"text":"b"})"),
                                  chunk(R"({"text":"","thoughtSignature":"S"})", stop)});
    EXPECT_EQ(joined(events), "start(r,m) block0:2 thought(hm) end0 block1:0 text(a) text(b) sig1(S) end1 finish(STOP) done");
    EXPECT_EQ(only<event::ChoiceFinished>(events).at(0).reason, StopReason::stop);
    EXPECT_EQ(only<event::Started>(events).at(0).origin, Origin::gemini);
}

TEST(GeminiStreamDecode, ACallAndThenASeparateEnd) {
    const auto events =
        streamed({chunk(R"({"functionCall":{"name":"f","args":{"n": 1.0}},"thoughtSignature":"S"},{"functionCall":{"id":"x","name":"g"}})"),
                  chunk(R"({"text":""})", stop)});
    EXPECT_EQ(joined(events), R"(start(r,m) block0:3 args({"n": 1.0}) end0 block1:3 args({}) end1 finish(STOP) done)");
    EXPECT_EQ(only<event::ChoiceFinished>(events).at(0).reason, StopReason::tool_calls);
    const auto first = std::get<ToolCallPart>(only<event::BlockStarted>(events).at(0).part);
    EXPECT_EQ(first.signature, "S");
    EXPECT_EQ(first.id.size(), 29U);
    EXPECT_EQ(std::get<ToolCallPart>(only<event::BlockStarted>(events).at(1).part).id, "x");
}

TEST(GeminiStreamDecode, AFinishReasonInEveryChunkEndsOnlyOnce) {
    EXPECT_EQ(joined(streamed({chunk(R"({"text":"a"})", stop), chunk(R"({"text":"b"})", stop)})),
              "start(r,m) block0:0 text(a) text(b) end0 finish(STOP) done");
}

TEST(GeminiStreamDecode, TheLastEventMayHaveNoContent) {
    const auto events = streamed({chunk(R"({"text":"a"})"), R"({"candidates":[{"finishReason":"MAX_TOKENS"}]})"});
    EXPECT_EQ(joined(events), "start(r,m) block0:0 text(a) end0 finish(MAX_TOKENS) done");
    EXPECT_EQ(only<event::ChoiceFinished>(events).at(0).reason, StopReason::length);
}

TEST(GeminiStreamDecode, AnEndWithoutAFinishReasonIsACut) {
    EXPECT_EQ(joined(streamed({chunk(R"({"text":"a"})")})), "start(r,m) block0:0 text(a) failed(upstream_stream_truncated)");
    EXPECT_EQ(joined(streamed({})), "failed(upstream_stream_truncated)");
    EXPECT_EQ(joined(streamed({R"({"usageMetadata":{"promptTokenCount":1}})"})), "start(,) failed(upstream_stream_truncated)");
}

TEST(GeminiStreamDecode, ErrorsInTheStream) {
    for (const auto* body :
         {R"({"error":{"code":503,"message":"m","status":"UNAVAILABLE"}})", R"([{"error":{"code":503,"message":"m","status":"UNAVAILABLE"}}])"}) {
        const auto events = streamed({chunk(R"({"text":"a"})"), body, chunk(R"({"text":"b"})", stop)});
        EXPECT_EQ(joined(events), "start(r,m) block0:0 text(a) failed(overloaded)");
        EXPECT_EQ(only<event::Failed>(events).at(0).error.status, 503);
        EXPECT_EQ(only<event::Failed>(events).at(0).error.message, "m");
    }
    EXPECT_EQ(joined(streamed({"{broken"})), "failed(upstream_error)");
}

TEST(GeminiStreamDecode, ABlockedPrompt) {
    const auto events = streamed({R"({"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"},
          "usageMetadata":{"promptTokenCount":3,"totalTokenCount":3},"responseId":"r","modelVersion":"m"})"});
    EXPECT_EQ(joined(events), "start(r,m) finish(PROHIBITED_CONTENT) done");
    EXPECT_EQ(only<event::ChoiceFinished>(events).at(0).reason, StopReason::content_filter);
    EXPECT_EQ(only<event::ChoiceFinished>(events).at(0).refusal, "PROHIBITED_CONTENT");
}

TEST(GeminiStreamDecode, UsageIsCumulativeAndEmptyOnesAreSkipped) {
    const auto with = [](const std::string& usage) {
        return R"({"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}],"usageMetadata":)" + usage + "}";
    };
    const auto updates = only<event::UsageUpdate>(
        streamed({with(R"({"trafficType":"ON_DEMAND"})"), with(R"({"promptTokenCount":9,"totalTokenCount":9})"),
                  with(R"({"promptTokenCount":9,"candidatesTokenCount":13,"thoughtsTokenCount":2,"totalTokenCount":24,"serviceTier":"flex"})")}));
    ASSERT_EQ(updates.size(), 2U);
    EXPECT_EQ(updates[0].usage.output, 0U);
    EXPECT_EQ(updates[1].usage.output, 15U);
    EXPECT_EQ(updates[1].usage.reasoning, 2U);
}

TEST(GeminiStreamDecode, SeveralCandidatesEndEachForItself) {
    const auto two = [](const std::string& a, const std::string& b) { return R"({"candidates":[)" + a + "," + b + "]}"; };
    const auto events = streamed({two(R"({"content":{"parts":[{"text":"a"}]},"index":0})", R"({"content":{"parts":[{"text":"b"}]},"index":1})"),
                                  two(R"({"finishReason":"STOP","index":0})", R"({"finishReason":"MAX_TOKENS","index":1})")});
    const auto ends = only<event::ChoiceFinished>(events);
    ASSERT_EQ(ends.size(), 2U);
    EXPECT_EQ(ends[1].choice, 1);
    EXPECT_EQ(ends[1].reason, StopReason::length);
    EXPECT_EQ(only<event::BlockStarted>(events).at(1).block, 0U);
    const auto one = streamed(
        {two(R"({"content":{"parts":[{"text":"a"}]},"finishReason":"STOP","index":0})", R"({"content":{"parts":[{"text":"b"}]},"index":1})")});
    EXPECT_EQ(only<event::Failed>(one).size(), 1U);
}

TEST(GeminiStreamDecode, ArgumentsInPieces) {
    const auto piece = [](const std::string& inner) { return chunk(R"({"functionCall":{)" + inner + "}}"); };
    const auto events = streamed({piece(R"("name":"f","willContinue":true)"),
                                  piece(R"("partialArgs":[{"jsonPath":"$.a.b[1].c","stringValue":"x\"","willContinue":true}],"willContinue":true)"),
                                  piece(
                                      R"("partialArgs":[{"jsonPath":"$.a.b[1].c","stringValue":"y"},
          {"jsonPath":"$.n","numberValue":1.50},{"jsonPath":"$['k k']","boolValue":true},)"
                                      R"({"jsonPath":"$.z","nullValue":null},{"jsonPath":"broken","stringValue":"?"},
          {"jsonPath":"$.q[99999999]","stringValue":"?"}],"willContinue":true)"),
                                  piece(""), chunk(R"({"functionCall":{"name":"g","partialArgs":[{"jsonPath":"$.d","stringValue":"v"}]}})", stop)});
    const auto args = only<event::ArgumentsDelta>(events);
    ASSERT_EQ(args.size(), 2U);
    EXPECT_EQ(args[0].text, R"({"a":{"b":[null,{"c":"x\"y"}]},"n":1.50,"k k":true,"z":null})");
    EXPECT_EQ(args[1].text, R"({"d":"v"})");
    EXPECT_EQ(std::get<ToolCallPart>(only<event::BlockStarted>(events).at(1).part).name, "g");
    EXPECT_EQ(only<event::ChoiceFinished>(events).at(0).reason, StopReason::tool_calls);
}

TEST(GeminiStreamDecode, CallsGetTheClientsNamesBack) {
    RequestMemo memo;
    memo.tool_names["sent"] = "asked";
    memo.custom_tools.insert("shell");
    const auto events = streamed({chunk(R"({"functionCall":{"name":"sent"}},{"functionCall":{"name":"shell",
            "args":{"input":"ls"}}})",
                                        stop)},
                                 memo);
    EXPECT_EQ(std::get<ToolCallPart>(only<event::BlockStarted>(events).at(0).part).name, "asked");
    EXPECT_EQ(std::get<ToolCallPart>(only<event::BlockStarted>(events).at(1).part).kind, ToolCallPart::Kind::custom);
    EXPECT_EQ(only<event::ArgumentsDelta>(events).at(1).text, "ls");
}

TEST(GeminiStreamDecode, PicturesAndOtherPartsAreBlocks) {
    const auto events = streamed({chunk(R"({"text":"a"},{"inlineData":{"mimeType":"image/png","data":"QQ=="}},{"executableCode":{"code":"1"}},
            {"text":"b"})",
                                        stop)});
    EXPECT_EQ(joined(events), "start(r,m) block0:0 text(a) end0 block1:1 end1 block2:5 end2 block3:0 text(b) end3 finish(STOP) done");
}

TEST(GeminiStreamDecode, GroundingBecomesCitations) {
    const auto events = streamed(
        {chunk(R"({"text":"ab"})"), chunk(R"({"text":"cd"})", stop + R"(,"groundingMetadata":{"groundingChunks":[{"web":{"uri":"u","title":"t"}}],
        "groundingSupports":[{"segment":{"startIndex":1,"endIndex":3},"groundingChunkIndices":[0]}]})")});
    const auto citations = only<event::CitationDelta>(events);
    ASSERT_EQ(citations.size(), 1U);
    EXPECT_EQ(Json::parse(citations[0].citation)["url_citation"]["end_index"], 3);
}

// --- for a client ---

std::vector<Json> written(const StreamEvents& events) {
    ClientView view;
    view.model = "asked";
    view.request_id = "req";
    const auto encoder = gemini().stream_encoder(view);
    std::string out;
    for (const auto& event : events) encoder->write(event, out);
    std::vector<Json> chunks;
    for (std::size_t at = 0; at < out.size();) {
        const auto end = out.find("\r\n\r\n", at);
        EXPECT_NE(end, std::string::npos);
        EXPECT_EQ(out.substr(at, 6), "data: ");
        chunks.push_back(Json::parse(out.substr(at + 6, end - at - 6)));
        at = end + 4;
    }
    return chunks;
}

TEST(GeminiStreamEncode, CallsAreWrittenWholeAndTheEndComesLast) {
    auto begun = call("c1", "f", "");
    const auto chunks = written(
        {event::Started{"id", "gpt", 1775149430, Origin::openai}, event::BlockStarted{0, 0, ReasoningPart{}}, event::ReasoningDelta{0, 0, "hm"},
         event::SignatureDelta{0, 0, "foreign", Origin::openai}, event::BlockFinished{0, 0}, event::BlockStarted{0, 1, TextPart{}},
         event::TextDelta{0, 1, "hi\n"}, event::BlockFinished{0, 1}, event::BlockStarted{0, 2, begun}, event::ArgumentsDelta{0, 2, "{\"n\":"},
         event::ArgumentsDelta{0, 2, "1}"}, event::BlockFinished{0, 2}, event::BlockStarted{0, 3, call("c2", "g", "")}, event::BlockFinished{0, 3},
         event::ChoiceFinished{0, StopReason::tool_calls, "tool_calls", {}, {}},
         event::UsageUpdate{{.input = 3, .output = 4, .cached = {}, .cache_write = {}, .reasoning = 1, .total = 7}, "{}"}, event::Completed{}});
    ASSERT_EQ(chunks.size(), 6U);
    const auto part_of = [&](std::size_t i) { return chunks[i]["candidates"][0]["content"]["parts"][0].dump(); };
    EXPECT_EQ(part_of(0), R"({"text":"hm","thought":true})");
    EXPECT_EQ(part_of(1), R"({"thought":true,"thoughtSignature":"c21nMS5vcGVuYWkuY3pwbWIzSmxhV2R1"})");
    EXPECT_EQ(part_of(2), R"({"text":"hi\n"})");
    EXPECT_EQ(part_of(3), R"({"functionCall":{"id":"c1","name":"f","args":{"n":1}}})");
    EXPECT_EQ(part_of(4), R"({"functionCall":{"id":"c2","name":"g","args":{}}})");
    EXPECT_EQ(chunks[5]["candidates"][0]["finishReason"], "STOP");
    EXPECT_EQ(chunks[5]["usageMetadata"]["candidatesTokenCount"], 3);
    EXPECT_EQ(chunks[5]["usageMetadata"]["thoughtsTokenCount"], 1);
    for (std::size_t i = 0; i < 5; ++i) EXPECT_FALSE(chunks[i]["candidates"][0].contains("finishReason"));
    EXPECT_EQ(chunks[0]["responseId"], "id");
    EXPECT_EQ(chunks[0]["modelVersion"], "gpt");
}

TEST(GeminiStreamEncode, AFailureIsAnErrorAndNothingFollows) {
    ProviderError error;
    error.status = 503;
    error.message = "gone";
    const auto chunks = written(
        {event::BlockStarted{0, 0, TextPart{}}, event::TextDelta{0, 0, "a"}, event::Failed{error}, event::TextDelta{0, 0, "b"}, event::Completed{}});
    ASSERT_EQ(chunks.size(), 2U);
    EXPECT_EQ(chunks[0]["modelVersion"], "asked");
    EXPECT_EQ(chunks[0]["responseId"], "req");
    EXPECT_EQ(chunks[1]["error"]["status"], "UNAVAILABLE");
    EXPECT_FALSE(chunks[1].contains("candidates"));
}

TEST(GeminiStreamEncode, KeepAliveIsAnEmptyLine) {
    const auto encoder = gemini().stream_encoder({});
    EXPECT_EQ(encoder->keep_alive(), "\r\n");
    std::string out;
    encoder->write(event::KeepAlive{}, out);
    EXPECT_EQ(out, "\r\n");
}

TEST(GeminiStreamEncode, ARefusalAndAFilterEndInSafety) {
    const auto chunks = written(
        {event::Started{"id", "m", 0, Origin::anthropic}, event::ChoiceFinished{0, StopReason::refusal, "refusal", {}, "no"}, event::Completed{}});
    ASSERT_EQ(chunks.size(), 1U);
    EXPECT_EQ(chunks[0]["candidates"][0]["finishReason"], "SAFETY");
    EXPECT_EQ(chunks[0]["candidates"][0]["finishMessage"], "no");
}

TEST(GeminiStreamEncode, SignaturesAndMembersOfGeminisOwnGoBackToIt) {
    const auto events =
        streamed({chunk(R"({"text":"hm","thought":true,"thoughtSignature":"T"})"), chunk(R"({"functionCall":{"name":"f"},"thoughtSignature":"S"})"),
                  chunk(R"({"text":"x"})", stop + R"(,"safetyRatings":[{"category":"c"}],"finishMessage":"m")")});
    const auto chunks = written(events);
    ASSERT_EQ(chunks.size(), 5U);
    const auto part_of = [&](std::size_t i) { return chunks[i]["candidates"][0]["content"]["parts"][0]; };
    EXPECT_EQ(part_of(0), Json::parse(R"({"text":"hm","thought":true})"));
    EXPECT_EQ(part_of(1), Json::parse(R"({"text":"","thought":true,"thoughtSignature":"T"})"));
    EXPECT_EQ(part_of(2)["thoughtSignature"], "S");
    EXPECT_EQ(chunks[4]["candidates"][0]["safetyRatings"], Json::parse(R"([{"category":"c"}])"));
    EXPECT_EQ(chunks[4]["candidates"][0]["finishMessage"], "m");
}

TEST(GeminiStreamEncode, SeveralCandidatesAndLogprobs) {
    const auto chunks = written({event::Started{"id", "m", 0, Origin::openai}, event::BlockStarted{1, 0, TextPart{}},
                                 event::LogprobsDelta{1, R"({"content":[{"token":"a","logprob":-0.5,"bytes":null,"top_logprobs":[]}]})"},
                                 event::TextDelta{1, 0, "a"}, event::ChoiceFinished{0, StopReason::length, "length", {}, {}},
                                 event::ChoiceFinished{1, StopReason::stop, "stop", {}, {}}, event::Completed{}});
    ASSERT_EQ(chunks.size(), 2U);
    EXPECT_EQ(chunks[0]["candidates"][0]["index"], 1);
    EXPECT_EQ(chunks[0]["candidates"][0]["logprobsResult"]["chosenCandidates"][0]["logProbability"], -0.5);
    ASSERT_EQ(chunks[1]["candidates"].size(), 2U);
    EXPECT_EQ(chunks[1]["candidates"][0]["finishReason"], "MAX_TOKENS");
    EXPECT_EQ(chunks[1]["candidates"][1]["finishReason"], "STOP");
}

}  // namespace
}  // namespace smg::codec::gemini_testing
