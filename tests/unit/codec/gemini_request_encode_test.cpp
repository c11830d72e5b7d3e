/// A conversation of another format as a generateContent request.
#include "gemini_testing.hpp"

namespace smg::codec::gemini_testing {
namespace {

TEST(GeminiRequestEncode, SystemTurnsAtTheStartBecomeTheInstruction) {
    const auto json = body(chat({says(Role::system, "Be brief."), says(Role::developer, "In French."), says(Role::user, "Hi")}));
    EXPECT_EQ(json["systemInstruction"], Json::parse(R"({"parts":[{"text":"Be brief."},{"text":"In French."}]})"));
    EXPECT_EQ(json["contents"], Json::parse(R"([{"role":"user","parts":[{"text":"Hi"}]}])"));
    EXPECT_FALSE(json.contains("model"));  // it stands in the URL
    EXPECT_FALSE(json.contains("generationConfig"));
}

TEST(GeminiRequestEncode, LaterSystemTurnsStandInAUserTurn) {
    const auto json =
        body(chat({says(Role::user, "Hi"), says(Role::assistant, "Hello"), says(Role::system, "Be brief."), says(Role::user, "Go on")}));
    EXPECT_EQ(json["contents"][2], Json::parse(R"({"role":"user","parts":[{"text":"<system>Be brief.</system>"},{"text":"Go on"}]})"));
    EXPECT_FALSE(json.contains("systemInstruction"));
}

TEST(GeminiRequestEncode, NeighboursOfOneRoleAreMergedAndEmptyTextsGo) {
    const auto json =
        body(chat({says(Role::user, "a"), says(Role::user, "b"), says(Role::assistant, ""), says(Role::user, "c"), says(Role::assistant, "d")}));
    EXPECT_EQ(json["contents"], Json::parse(R"([{"role":"user","parts":[{"text":"a"},{"text":"b"},{"text":"c"}]},
                                                {"role":"model","parts":[{"text":"d"}]}])"));
}

TEST(GeminiRequestEncode, AConversationWithoutAUserGetsAWordFromOne) {
    EXPECT_EQ(body(chat({says(Role::system, "Tell a joke.")}))["contents"], Json::parse(R"([{"role":"user","parts":[{"text":"."}]}])"));
    EXPECT_EQ(body(chat({says(Role::assistant, "Hi"), says(Role::user, "Hi")}))["contents"][0]["role"], "user");
    EXPECT_EQ(body(chat({says(Role::user, "")}))["contents"].size(), 1U);
}

TEST(GeminiRequestEncode, ImagesAreInlineDataOrTheirUriIfGeminiCanReadIt) {
    using Kind = MediaPart::Kind;
    using Source = MediaPart::Source;
    const auto json = body(chat(
        {turn(Role::user,
              {text("see"), media(Kind::image, Source::base64, "image/jpg", "QUJD"),
               media(Kind::video, Source::url, "", "https://www.youtube.com/watch?v=1"), media(Kind::document, Source::url, "", "gs://bucket/a.PDF"),
               media(Kind::document, Source::text, "text/plain", "plain"), media(Kind::audio, Source::base64, "audio/mpeg", "QQ==")})}));
    EXPECT_EQ(json["contents"][0]["parts"], Json::parse(R"([{"text":"see"},{"inlineData":{"mimeType":"image/jpeg","data":"QUJD"}},
        {"fileData":{"fileUri":"https://www.youtube.com/watch?v=1"}},{"fileData":{"mimeType":"application/pdf","fileUri":"gs://bucket/a.PDF"}},
        {"text":"plain"},{"inlineData":{"mimeType":"audio/mp3","data":"QQ=="}}])"));
}

TEST(GeminiRequestEncode, MediaThatCannotBeCarriedIsRefusedByItsName) {
    using Kind = MediaPart::Kind;
    using Source = MediaPart::Source;
    const auto with = [](MediaPart part) { return chat({says(Role::system, "s"), turn(Role::user, {text("see"), std::move(part)})}); };
    EXPECT_EQ(refused(with(media(Kind::image, Source::url, "", "https://example.com/a.png"))), "messages[1].content[1]");
    EXPECT_EQ(refused(with(media(Kind::image, Source::base64, "image/gif", "QQ=="))), "messages[1].content[1]");
    EXPECT_EQ(refused(with(media(Kind::document, Source::file_id, "", "file-1"))), "messages[1].content[1]");
    EXPECT_EQ(refused(with(media(Kind::image, Source::base64, "", "QQ=="))), "messages[1].content[1]");
    auto anthropic = with(media(Kind::image, Source::url, "", "https://example.com/a.png"));
    anthropic.format = "anthropic_messages";  // its system prompt is no message
    EXPECT_EQ(refused(anthropic), "messages[0].content[1]");
    EXPECT_EQ(refused(chat({turn(Role::system, {media(Kind::image, Source::base64, "image/png", "QQ==")}), says(Role::user, "x")})),
              "messages[0].content[0]");
}

TEST(GeminiRequestEncode, FunctionsAreDeclaredWithTheirSchemaVerbatim) {
    auto conversation = chat({says(Role::user, "x")});
    const std::string schema = R"({"type":"object", "properties":{"n":{"type":"number","exclusiveMinimum":0.10}},"$defs":{}})";
    conversation.tools = {function("weather", schema), function("now"), function("empty", "{}")};
    conversation.tools[0].description = "Tells it";
    conversation.tools[1].strict = true;
    const auto out = encoded(conversation);
    EXPECT_NE(out.body.find("\"parametersJsonSchema\":" + schema), std::string::npos) << out.body;
    const auto tools = Json::parse(out.body)["tools"];
    ASSERT_EQ(tools.size(), 1U);
    EXPECT_EQ(tools[0]["functionDeclarations"][0]["description"], "Tells it");
    EXPECT_EQ(tools[0]["functionDeclarations"][1], Json::parse(R"({"name":"now"})"));
    EXPECT_EQ(tools[0]["functionDeclarations"][2], Json::parse(R"({"name":"empty"})"));
    EXPECT_EQ(out.adjustments.names(), std::vector<std::string>{"tools.function.strict"});
}

TEST(GeminiRequestEncode, IllegalToolNamesAreChangedAndRemembered) {
    auto conversation =
        chat({says(Role::user, "x"), turn(Role::assistant, {call("c1", "1st tool", "{}")}), turn(Role::tool, {result("c1", "1st tool", "ok")})});
    conversation.tools = {function("1st tool"), function(std::string(80, 'a'))};
    conversation.tool_choice.emplace();
    conversation.tool_choice->mode = ToolChoice::Mode::named;
    conversation.tool_choice->names = {"1st tool"};
    const auto out = encoded(conversation);
    const auto json = Json::parse(out.body);
    const auto sent = json["tools"][0]["functionDeclarations"][0]["name"].get<std::string>();
    EXPECT_EQ(sent.find("_1st_tool_"), 0U);
    EXPECT_EQ(out.memo.tool_names.at(sent), "1st tool");
    EXPECT_LE(json["tools"][0]["functionDeclarations"][1]["name"].get<std::string>().size(), 64U);
    EXPECT_EQ(json["contents"][1]["parts"][0]["functionCall"]["name"], sent);
    EXPECT_EQ(json["contents"][2]["parts"][0]["functionResponse"]["name"], sent);
    EXPECT_EQ(json["toolConfig"]["functionCallingConfig"], Json({{"mode", "ANY"}, {"allowedFunctionNames", {sent}}}));
}

TEST(GeminiRequestEncode, ACustomToolTravelsAsAFunctionOfOneText) {
    auto conversation = chat({says(Role::user, "x")});
    Tool custom;
    custom.kind = Tool::Kind::custom;
    custom.name = "shell";
    custom.format = R"({"type":"grammar","grammar":{"syntax":"lark","definition":"start: WORD"}})";
    conversation.tools = {custom};
    auto used = call("c1", "shell", "ls -l \"x\"");
    used.kind = ToolCallPart::Kind::custom;
    conversation.turns.push_back(turn(Role::assistant, {used}));
    conversation.turns.push_back(turn(Role::tool, {result("c1", "shell", "ok")}));
    const auto out = encoded(conversation);
    const auto json = Json::parse(out.body);
    EXPECT_TRUE(out.memo.custom_tools.contains("shell"));
    EXPECT_EQ(out.adjustments.names(), std::vector<std::string>{"tools.custom.format"});
    EXPECT_NE(json["tools"][0]["functionDeclarations"][0]["description"].get<std::string>().find("start: WORD"), std::string::npos);
    EXPECT_EQ(json["tools"][0]["functionDeclarations"][0]["parametersJsonSchema"]["required"], Json({"input"}));
    EXPECT_EQ(json["contents"][1]["parts"][0]["functionCall"]["args"], Json({{"input", "ls -l \"x\""}}));
}

TEST(GeminiRequestEncode, ToolsOfOtherProvidersAreReported) {
    auto conversation = chat({says(Role::user, "x")});
    Tool search;
    search.kind = Tool::Kind::provider;
    search.name = "live_search";
    search.opaque = R"({"type":"live_search"})";
    conversation.tools = {function("f"), search};
    const auto out = encoded(conversation);
    EXPECT_EQ(out.adjustments.names(), std::vector<std::string>{"tools.live_search"});
    EXPECT_EQ(Json::parse(out.body)["tools"].size(), 1U);
}

TEST(GeminiRequestEncode, ResultsOfParallelCallsStandInOneContentInTheOrderOfTheCalls) {
    const auto json =
        body(chat({says(Role::user, "x"), turn(Role::assistant, {text("wait"), call("a", "f", "{\"n\":1}"), call("b", "g", "")}),
                   turn(Role::tool, {result("b", "g", "two")}), turn(Role::tool, {result("a", "f", "{\"n\": 1.50}")}), says(Role::user, "so?")}));
    EXPECT_EQ(json["contents"], Json::parse(R"([{"role":"user","parts":[{"text":"x"}]},
        {"role":"model","parts":[{"text":"wait"},{"functionCall":{"name":"f","args":{"n":1}}},{"functionCall":{"name":"g","args":{}}}]},
        {"role":"user","parts":[{"functionResponse":{"name":"f","response":{"n":1.50}}},{"functionResponse":{"name":"g","response":{"output":"two"}}},
                                {"text":"so?"}]}])"));
}

TEST(GeminiRequestEncode, AResultIsAnObjectWhateverItsText) {
    const auto response = [](ToolResultPart part) {
        part.call_id = "a";
        const auto json = body(chat({says(Role::user, "x"), turn(Role::assistant, {call("a", "f", "{}")}), turn(Role::tool, {std::move(part)})}));
        return json["contents"][2]["parts"][0]["functionResponse"]["response"].dump();
    };
    EXPECT_EQ(response(result("", "f", "")), R"({"output":""})");
    EXPECT_EQ(response(result("", "f", "42")), R"({"output":"42"})");
    EXPECT_EQ(response(result("", "f", "[1, 2]")), R"({"output":[1,2]})");
    EXPECT_EQ(response(result("", "f", " {\"a\":{}} ")), R"({"a":{}})");
    EXPECT_EQ(response(result("", "f", "{broken")), R"({"output":"{broken"})");
    auto failed = result("", "f", "{\"a\":1}");
    failed.is_error = true;
    EXPECT_EQ(response(failed), R"({"error":"{\"a\":1}"})");
    auto two = result("", "f", "one");
    two.content.emplace_back(text("two"));
    EXPECT_EQ(response(two), R"({"output":"one\ntwo"})");
}

TEST(GeminiRequestEncode, CallsWithoutResultsAndResultsWithoutCallsAreRefused) {
    const auto asks = turn(Role::assistant, {text("t"), call("a", "f", "{}"), call("b", "f", "{}")});
    EXPECT_EQ(refused(chat({says(Role::user, "x"), asks, turn(Role::tool, {result("a", "f", "1")})})), "messages[1].tool_calls[1]");
    EXPECT_EQ(refused(chat({says(Role::user, "x"), asks})), "messages[1].tool_calls[0]");
    EXPECT_EQ(refused(chat({says(Role::user, "x"), asks, says(Role::user, "y")})), "messages[1].tool_calls[0]");
    EXPECT_EQ(refused(chat({says(Role::user, "x"), turn(Role::tool, {result("z", "f", "1")})})), "messages[1].tool_call_id");
    EXPECT_EQ(refused(chat({says(Role::user, "x"), asks, turn(Role::tool, {result("a", "f", "1")}), turn(Role::tool, {result("b", "f", "1")}),
                            turn(Role::tool, {result("b", "f", "1")})})),
              "messages[4].tool_call_id");
}

TEST(GeminiRequestEncode, ArgumentsThatAreNoObjectAreWrappedAndThoseThatAreNoJsonRefused) {
    const auto with = [](std::string arguments) {
        return chat(
            {says(Role::user, "x"), turn(Role::assistant, {call("a", "f", std::move(arguments))}), turn(Role::tool, {result("a", "f", "1")})});
    };
    const auto args = [&](std::string arguments) {
        return body(with(std::move(arguments)))["contents"][1]["parts"][0]["functionCall"]["args"].dump();
    };
    EXPECT_EQ(args(""), "{}");
    EXPECT_EQ(args(" \n"), "{}");
    EXPECT_EQ(args("[1]"), R"({"value":[1]})");
    EXPECT_EQ(args("null"), R"({"value":null})");
    EXPECT_NE(encoded(with(R"({"id":12345678901234567890,"x":1.0})")).body.find(R"({"id":12345678901234567890,"x":1.0})"), std::string::npos);
    EXPECT_EQ(refused(with("{\"a\":")), "messages[1].tool_calls[0].function.arguments");
}

TEST(GeminiRequestEncode, IdsGoOnlyToModelsThatKnowThem) {
    const auto conversation =
        chat({says(Role::user, "x"), turn(Role::assistant, {call("a", "f", "{}", "SIG")}), turn(Role::tool, {result("a", "f", "1")})});
    const auto old = body(conversation);
    EXPECT_FALSE(old["contents"][1]["parts"][0]["functionCall"].contains("id"));
    EXPECT_FALSE(old["contents"][2]["parts"][0]["functionResponse"].contains("id"));
    const auto current = body(conversation, gemini_3());
    EXPECT_EQ(current["contents"][1]["parts"][0]["functionCall"]["id"], "a");
    EXPECT_EQ(current["contents"][2]["parts"][0]["functionResponse"]["id"], "a");
}

TEST(GeminiRequestEncode, SignaturesReturnToTheirPartsAndLostOnesAreReplacedOnTheFirstCallOfAStep) {
    auto signed_text = text("done");
    signed_text.signature = "TEXTSIG";
    const auto conversation =
        chat({says(Role::user, "x"), turn(Role::assistant, {call("a", "f", "{}", "SIG"), call("b", "f", "{}")}),
              turn(Role::tool, {result("a", "f", "1"), result("b", "f", "2")}), turn(Role::assistant, {call("c", "f", "{}"), call("d", "f", "{}")}),
              turn(Role::tool, {result("c", "f", "1"), result("d", "f", "2")}), turn(Role::assistant, {signed_text})});
    const auto json = body(conversation, gemini_3())["contents"];
    EXPECT_EQ(json[1]["parts"][0]["thoughtSignature"], "SIG");
    EXPECT_FALSE(json[1]["parts"][1].contains("thoughtSignature"));
    EXPECT_EQ(json[3]["parts"][0]["thoughtSignature"], "skip_thought_signature_validator");
    EXPECT_FALSE(json[3]["parts"][1].contains("thoughtSignature"));
    EXPECT_EQ(json[5]["parts"][0], Json::parse(R"({"text":"done","thoughtSignature":"TEXTSIG"})"));
    EXPECT_FALSE(body(conversation)["contents"][3]["parts"][0].contains("thoughtSignature"));  // 2.5 does not check
}

TEST(GeminiRequestEncode, ReasoningGoesBackOnlyWhereItCameFromAndSigned) {
    ReasoningPart own, unsigned_thought, foreign;
    own.text = "hm";
    own.signature = "S";
    own.origin = unsigned_thought.origin = Origin::gemini;
    unsigned_thought.text = "hm hm";
    foreign.text = "no";
    foreign.signature = "A";
    foreign.origin = Origin::anthropic;
    const auto out =
        encoded(chat({says(Role::user, "x"), turn(Role::assistant, {own, unsigned_thought, foreign, text("yes")}), says(Role::user, "y")}));
    EXPECT_EQ(Json::parse(out.body)["contents"][1]["parts"], Json::parse(R"([{"text":"hm","thought":true,"thoughtSignature":"S"},{"text":"yes"}])"));
    EXPECT_TRUE(out.adjustments.empty());
}

TEST(GeminiRequestEncode, MediaOfResultsStandInsideOrBehindThem) {
    auto shot = result("a", "shoot", "here");
    shot.content.emplace_back(media(MediaPart::Kind::image, MediaPart::Source::base64, "image/png", "QQ=="));
    const auto conversation =
        chat({says(Role::user, "x"), turn(Role::assistant, {call("a", "shoot", "{}")}), turn(Role::tool, {shot}), says(Role::user, "so?")});
    EXPECT_EQ(body(conversation, gemini_3())["contents"][2]["parts"][0]["functionResponse"]["parts"],
              Json::parse(R"([{"inlineData":{"mimeType":"image/png","data":"QQ=="}}])"));
    EXPECT_EQ(body(conversation)["contents"][2]["parts"], Json::parse(R"([{"functionResponse":{"name":"shoot","response":{"output":"here"}}},
        {"text":"[attachment of tool result shoot]"},{"inlineData":{"mimeType":"image/png","data":"QQ=="}},{"text":"so?"}])"));
}

TEST(GeminiRequestEncode, PartsWithoutACounterpart) {
    const OpaquePart found{"search_result", R"({"type":"search_result","title":"t"})", Origin::anthropic};
    const OpaquePart ran{"server_tool_use", "{}", Origin::anthropic};
    const OpaquePart details{"reasoning_details", "{}", Origin::unknown};
    const OpaquePart own{"executableCode", R"({"executableCode":{"code":"1"}})", Origin::gemini};
    auto conversation = chat({turn(Role::user, {found}), turn(Role::assistant, {ran, details, own}), says(Role::user, "y")});
    const auto out = encoded(conversation);
    EXPECT_EQ(Json::parse(out.body)["contents"][0]["parts"][0]["text"], found.json);
    EXPECT_EQ(Json::parse(out.body)["contents"][1]["parts"], Json::parse("[" + own.json + "]"));
    EXPECT_EQ(out.adjustments.names(), std::vector<std::string>{"messages[1].content[0]"});
    conversation.turns[1].parts = {OpaquePart{"audio", R"({"id":"audio_1"})", Origin::openai}};
    EXPECT_EQ(refused(conversation), "messages[1].audio");
}

TEST(GeminiRequestEncode, AResultWithoutANameTakesThatOfItsCall) {
    const auto json = body(chat({says(Role::user, "x"), turn(Role::assistant, {call("a", "f", "{}")}), turn(Role::tool, {result("a", "", "1")})}));
    EXPECT_EQ(json["contents"][2]["parts"][0]["functionResponse"]["name"], "f");
}

TEST(GeminiRequestEncode, ResultsComeBeforeWhatStandsAmongThem) {
    const auto json =
        body(chat({says(Role::user, "x"), turn(Role::assistant, {call("a", "f", "{}"), call("b", "f", "{}")}),
                   turn(Role::tool, {result("a", "f", "1")}), says(Role::system, "s"), turn(Role::user, {text("t"), result("b", "f", "2")})}));
    ASSERT_EQ(json["contents"].size(), 3U);
    EXPECT_EQ(json["contents"][2]["parts"][1]["functionResponse"]["response"]["output"], "2");
    EXPECT_EQ(json["contents"][2]["parts"][2]["text"], "<system>s</system>");
    EXPECT_EQ(json["contents"][2]["parts"][3]["text"], "t");
}

}  // namespace
}  // namespace smg::codec::gemini_testing
