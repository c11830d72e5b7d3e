#include "openai_chat_testing.hpp"

namespace smg::codec {
namespace {

using namespace chat_testing;

TextPart text(std::string words) {
    TextPart part;
    part.text = std::move(words);
    return part;
}

Turn turn(Role role, std::vector<Part> parts) {
    Turn made;
    made.role = role;
    made.parts = std::move(parts);
    return made;
}

ToolCallPart call(std::string id, std::string name, std::string arguments) {
    ToolCallPart part;
    part.id = std::move(id);
    part.name = std::move(name);
    part.arguments = std::move(arguments);
    return part;
}

ToolResultPart result(std::string id, std::vector<ResultContent> content) {
    ToolResultPart part;
    part.call_id = std::move(id);
    part.content = std::move(content);
    return part;
}

MediaPart media(MediaPart::Kind kind, MediaPart::Source source, std::string type, std::string data) {
    MediaPart part;
    part.kind = kind;
    part.source = source;
    part.media_type = std::move(type);
    part.data = std::move(data);
    return part;
}

/// A conversation as another format's codec decodes it.
Conversation foreign(std::vector<Turn> turns, std::string_view format = "anthropic_messages") {
    Conversation conversation;
    conversation.model = "client-model";
    conversation.format = format;
    conversation.turns = std::move(turns);
    return conversation;
}

Target target(std::string model = "gpt-4o") {
    Target to;
    to.model = std::move(model);
    return to;
}

EncodedRequest encoded(const Conversation& conversation, const Target& to = target()) {
    auto made = openai_chat().encode_request(conversation, to);
    EXPECT_TRUE(made) << made.error().message;
    return made ? std::move(*made) : EncodedRequest();
}

Error refused(const Conversation& conversation, const Target& to = target()) {
    const auto made = openai_chat().encode_request(conversation, to);
    EXPECT_FALSE(made);
    return made ? Error(Failure::internal_error) : made.error();
}

TEST(OpenAiChatRequestOut, EveryMemberOfChatSurvives) {
    const auto body = Json::parse(R"({"model":"gpt-4o","messages":[
        {"role":"system","content":"s"},
        {"role":"developer","content":[{"type":"text","text":"d","cache_control":{"type":"ephemeral"}}]},
        {"role":"user","name":"ann","content":[{"type":"text","text":"t","prompt_cache_breakpoint":{"mode":"explicit"}},
          {"type":"image_url","image_url":{"url":"data:image/png;base64,AA","detail":"high","x":1}},
          {"type":"input_audio","input_audio":{"data":"UA","format":"mp3"}},{"type":"file","file":{"file_id":"file-1"}},
          {"type":"file","file":{"file_data":"data:application/pdf;base64,JV","filename":"a.pdf"}}],"custom_member":true},
        {"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{ \"a\":1.0}"},"x":2},
          {"id":"c2","type":"custom","custom":{"name":"h","input":"in"}}]},
        {"role":"tool","tool_call_id":"c1","content":"r"},
        {"role":"tool","tool_call_id":"c2","content":[{"type":"text","text":"r2"},{"type":"image_url","image_url":{"url":"https://e/x.png"}}]},
        {"role":"assistant","content":"said","refusal":"but","annotations":[{"type":"url_citation"}],"reasoning_content":"thought"},
        {"role":"assistant","content":[{"type":"text","text":"a"},{"type":"refusal","refusal":"b"}]},
        {"role":"assistant","content":null,"audio":{"id":"audio_1"}}],
      "tools":[{"type":"function","function":{"name":"f","description":"","parameters":{"type":"object"},"strict":false}},
        {"type":"custom","custom":{"name":"h","description":"x","format":{"type":"text"}}},{"type":"live_search"}],
      "tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function","function":{"name":"f"}},
        {"type":"custom","custom":{"name":"h"}}]}},
      "parallel_tool_calls":true,"max_tokens":7,"temperature":0.5,"top_p":1,"top_k":3,"frequency_penalty":0.1,"presence_penalty":0.2,"seed":1,"n":2,
      "logprobs":true,"top_logprobs":2,"stop":"x","response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{},"strict":true}},
      "reasoning_effort":"low","stream":true,"stream_options":{"include_usage":true,"include_obfuscation":false},"user":"u","safety_identifier":"s",
      "service_tier":"auto","store":true,"metadata":{"a":"b"},"logit_bias":{"1":2},"modalities":["text"],
      "prediction":{"type":"content","content":"p"},
      "web_search_options":{},"prompt_cache_key":"k","verbosity":"high","vendor":{"x":[]}})");
    const auto made = encoded(decode(body.dump()));
    EXPECT_EQ(Json::diff(body, Json::parse(made.body)).dump(), "[]");
    EXPECT_TRUE(made.adjustments.empty());
}

TEST(OpenAiChatRequestOut, SourceTextIsKept) {
    const auto conversation = decode(request_with(
        R"(,"temperature":0.70,"tools":[{"type":"function","function":{"name":"f","parameters":{"type" : "object","x":1.00}}}],"odd":[1.50, 2])"));
    const auto body = encoded(conversation).body;
    EXPECT_NE(body.find("\"temperature\":0.70"), std::string::npos);
    EXPECT_NE(body.find(R"({"type" : "object","x":1.00})"), std::string::npos);
    EXPECT_NE(body.find("\"odd\":[1.50, 2]"), std::string::npos);
}

TEST(OpenAiChatRequestOut, DeprecatedFunctionsStaySo) {
    const auto body = Json::parse(R"({"model":"gpt-4o","functions":[{"name":"f","parameters":{}}],"function_call":{"name":"f"},
        "messages":[{"role":"user","content":"x"},{"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"}},
                    {"role":"function","name":"f","content":"1"}]})");
    const auto made = encoded(decode(body.dump()));
    EXPECT_EQ(Json::diff(body, Json::parse(made.body)).dump(), "[]");
    EXPECT_TRUE(made.memo.legacy_functions);
}

TEST(OpenAiChatRequestOut, TheTargetsModelIsSent) { EXPECT_EQ(encode(decode(request_with("")), target("other"))["model"], "other"); }

TEST(OpenAiChatRequestOut, ForeignSystemAndText) {
    const auto body = encode(
        foreign({turn(Role::system, {text("a"), text("b")}), turn(Role::user, {text("hi")}), turn(Role::assistant, {text("one "), text("sentence")}),
                 turn(Role::system, {text("later")}), turn(Role::user, {text("x"), text(""), text("y")})}),
        target());
    EXPECT_EQ(body["messages"], Json::parse(R"([
        {"role":"system","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},{"role":"user","content":"hi"},
        {"role":"assistant","content":"one sentence"},{"role":"system","content":"later"},
        {"role":"user","content":[{"type":"text","text":"x"},{"type":"text","text":"y"}]}])"));
    EXPECT_FALSE(body.contains("stream"));
}

TEST(OpenAiChatRequestOut, ForeignToolRoundTrip) {
    auto failed = result("c2", {text("broke")});
    failed.is_error = true;
    auto structured = result("c3", {});
    structured.structured = R"({"temp": 1.50})";
    ReasoningPart thought;
    thought.text = "hm";
    thought.signature = "S";
    thought.origin = Origin::anthropic;
    const auto body = encode(
        foreign({turn(Role::assistant, {thought, text("calling"), call("c1", "f", R"({"a":1})"), call("c2", "g", ""), call("c3", "h", " ")}),
                 turn(Role::user, {text("and then"),
                                   result("c1", {text("a"), text("b"), media(MediaPart::Kind::image, MediaPart::Source::base64, "image/png", "AA")}),
                                   failed, structured})}),
        target());
    EXPECT_EQ(body["messages"], Json::parse(R"([
        {"role":"assistant","content":"calling","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}},
          {"id":"c2","type":"function","function":{"name":"g","arguments":"{}"}},
          {"id":"c3","type":"function","function":{"name":"h","arguments":"{}"}}]},
        {"role":"tool","tool_call_id":"c1","content":"a\nb"},{"role":"tool","tool_call_id":"c2","content":"Error: broke"},
        {"role":"tool","tool_call_id":"c3","content":"{\"temp\": 1.50}"},
        {"role":"user","content":[{"type":"text","text":"[attachment of tool result c1]"},
          {"type":"image_url","image_url":{"url":"data:image/png;base64,AA"}}]},
        {"role":"user","content":"and then"}])"))
        << body["messages"].dump(1);
}

TEST(OpenAiChatRequestOut, AttachmentsWaitForAllResults) {
    const auto image = media(MediaPart::Kind::image, MediaPart::Source::url, "", "https://e/x.png");
    const auto body = encode(foreign({turn(Role::tool, {result("c1", {image})}), turn(Role::tool, {result("c2", {text("b")})})}), target());
    ASSERT_EQ(body["messages"].size(), 3U);
    EXPECT_EQ(body["messages"][0], Json::parse(R"({"role":"tool","tool_call_id":"c1","content":""})"));
    EXPECT_EQ(body["messages"][1]["role"], "tool");
    EXPECT_EQ(body["messages"][2]["content"][1]["image_url"]["url"], "https://e/x.png");
}

TEST(OpenAiChatRequestOut, ForeignMedia) {
    using Kind = MediaPart::Kind;
    using Source = MediaPart::Source;
    auto named = media(Kind::document, Source::base64, "application/pdf", "JV");
    named.filename = "report.pdf";
    const auto body = encode(
        foreign({turn(Role::user,
                      {media(Kind::image, Source::url, "", "https://e/x.png"), media(Kind::document, Source::base64, "application/pdf", "JV"), named,
                       media(Kind::document, Source::text, "text/plain", "words"), media(Kind::audio, Source::base64, "audio/mpeg", "UA")})}),
        target());
    EXPECT_EQ(body["messages"][0]["content"], Json::parse(R"([{"type":"image_url","image_url":{"url":"https://e/x.png"}},
        {"type":"file","file":{"file_data":"data:application/pdf;base64,JV","filename":"document.pdf"}},
        {"type":"file","file":{"file_data":"data:application/pdf;base64,JV","filename":"report.pdf"}},
        {"type":"text","text":"words"},{"type":"input_audio","input_audio":{"data":"UA","format":"mp3"}}])"));
    auto uploaded = media(Kind::document, Source::file_id, "", "file_abc");
    uploaded.origin = Origin::anthropic;
    for (const auto& part :
         {uploaded, media(Kind::document, Source::url, "", "https://e/x.pdf"), media(Kind::video, Source::base64, "video/mp4", "AA"),
          media(Kind::audio, Source::base64, "audio/flac", "AA"), media(Kind::image, Source::file_id, "", "file_abc")}) {
        const auto error = refused(foreign({turn(Role::system, {text("s")}), turn(Role::user, {text("x"), part})}));
        EXPECT_EQ(error.failure, Failure::invalid_request);
        EXPECT_EQ(error.param, "messages[0].content[1]") << "as the client counts";
        EXPECT_FALSE(error.message.empty());
    }
    EXPECT_EQ(refused(foreign({turn(Role::user, {media(Kind::video, Source::base64, "video/mp4", "AA")})}, "gemini")).param, "contents[0].parts[0]");
    EXPECT_EQ(refused(foreign({turn(Role::assistant, {media(Kind::image, Source::base64, "image/png", "AA")})}, "gemini")).param,
              "contents[0].parts[0]");
}

TEST(OpenAiChatRequestOut, ForeignToolsAndChoices) {
    auto conversation = foreign({turn(Role::user, {text("x")})});
    Tool plain;
    plain.name = "f";
    plain.parameters = R"({"type":"object"})";
    plain.cache_control = R"({"type":"ephemeral"})";
    plain.unknown.emplace_back("defer_loading", "true");
    Tool server;
    server.kind = Tool::Kind::provider;
    server.name = "web_search";
    server.opaque = R"({"type":"web_search_20250305"})";
    conversation.tools = {plain, server};
    conversation.tool_choice.emplace();
    conversation.parallel_tool_calls = false;
    using Mode = ToolChoice::Mode;
    const auto choose = [&](Mode mode, std::vector<std::string> names = {}) {
        conversation.tool_choice->mode = mode;
        conversation.tool_choice->names = std::move(names);
        return encode(conversation, target())["tool_choice"];
    };
    EXPECT_EQ(choose(Mode::automatic), "auto");
    EXPECT_EQ(choose(Mode::none), "none");
    EXPECT_EQ(choose(Mode::required), "required");
    EXPECT_EQ(choose(Mode::named, {"f"}), Json::parse(R"({"type":"function","function":{"name":"f"}})"));
    EXPECT_EQ(choose(Mode::allowed, {"f"}),
              Json::parse(R"({"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function","function":{"name":"f"}}]}})"));
    const auto made = encoded(conversation);
    EXPECT_EQ(Json::parse(made.body)["tools"], Json::parse(R"([{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}])"));
    EXPECT_EQ(Json::parse(made.body)["parallel_tool_calls"], false);
    EXPECT_EQ(made.adjustments.names(), std::vector<std::string>{"tools.web_search"});
    auto strict = target();
    strict.strict = true;
    EXPECT_EQ(refused(conversation, strict).param, "tools.web_search");
    conversation.tools = {server};
    const auto none = encode(conversation, target());
    EXPECT_FALSE(none.contains("tools") || none.contains("tool_choice") || none.contains("parallel_tool_calls"));
}

TEST(OpenAiChatRequestOut, IllegalToolNamesAreRenamedThereAndBack) {
    const std::string dotted = "files.read:v1", endless(100, 'x');
    auto conversation = foreign({turn(Role::assistant, {call("c", dotted, "{}")})}, "gemini");
    Tool one, two;
    one.name = dotted;
    two.name = endless;
    conversation.tools = {one, two};
    conversation.tool_choice.emplace();
    conversation.tool_choice->mode = ToolChoice::Mode::named;
    conversation.tool_choice->names = {dotted};
    const auto made = encoded(conversation);
    const auto body = Json::parse(made.body);
    const auto sent = body["tools"][0]["function"]["name"].get<std::string>();
    EXPECT_TRUE(sent.starts_with("files_read_v1_")) << sent;
    EXPECT_LE(body["tools"][1]["function"]["name"].get<std::string>().size(), 64U);
    EXPECT_EQ(body["messages"][0]["tool_calls"][0]["function"]["name"], sent);
    EXPECT_EQ(body["tool_choice"]["function"]["name"], sent);
    const auto answer = openai_chat().decode_response(
        R"({"choices":[{"message":{"tool_calls":[{"id":"a","type":"function","function":{"name":")" + sent + R"(","arguments":"{}"}}]}}]})",
        made.memo);
    ASSERT_TRUE(answer);
    EXPECT_EQ(std::get<ToolCallPart>(answer->choices[0].parts.at(0)).name, dotted);
}

TEST(OpenAiChatRequestOut, ForeignSettings) {
    auto conversation = foreign({turn(Role::user, {text("x")})});
    conversation.max_tokens = "100";
    conversation.temperature = "0.5";
    conversation.top_k = "40";
    conversation.stop = {"1", "2", "3", "4", "5"};
    conversation.user = "someone";
    conversation.service_tier = "standard_only";
    conversation.stream = true;
    conversation.unknown.emplace_back("context_management", R"({"edits":[]})");
    conversation.unknown.emplace_back("container", "null");
    conversation.metadata = R"({"a":"b"})";
    conversation.cache_control = R"({"type":"ephemeral"})";
    const auto made = encoded(conversation);
    const auto body = Json::parse(made.body);
    EXPECT_EQ(body["max_completion_tokens"], 100);
    EXPECT_EQ(body["temperature"], 0.5);
    EXPECT_EQ(body["stop"], Json::parse(R"(["1","2","3","4"])"));
    EXPECT_EQ(body["safety_identifier"], "someone");
    EXPECT_EQ(body["service_tier"], "default");
    EXPECT_EQ(body["stream_options"]["include_usage"], true);
    for (const auto* name : {"top_k", "context_management", "metadata", "cache_control", "user"}) EXPECT_FALSE(body.contains(name)) << name;
    EXPECT_EQ(made.adjustments.names(), (std::vector<std::string>{"top_k", "context_management", "metadata"}));
    EXPECT_EQ(encode(conversation, target("grok-4"))["max_tokens"], 100);
    auto small = target();
    small.capabilities.max_output_tokens = 64;
    EXPECT_EQ(encode(conversation, small)["max_completion_tokens"], 64);
    EXPECT_EQ(encoded(conversation, small).adjustments.names().at(0), "max_tokens=64");
    const auto reasoning = encoded(conversation, target("gpt-5.1"));
    EXPECT_FALSE(Json::parse(reasoning.body).contains("temperature"));
    EXPECT_FALSE(Json::parse(reasoning.body).contains("stop"));
    conversation.user = std::string(200, 'u');
    const auto id = encode(conversation, target())["safety_identifier"].get<std::string>();
    EXPECT_LE(id.size(), 64U);
    EXPECT_EQ(encode(conversation, target())["safety_identifier"], id);
}

TEST(OpenAiChatRequestOut, WhatCannotBeLeftOutIsRefused) {
    auto conversation = foreign({turn(Role::user, {text("x")})}, "gemini");
    conversation.modalities = R"(["TEXT"])";
    EXPECT_TRUE(encoded(conversation).adjustments.empty());
    conversation.modalities = R"(["TEXT","IMAGE"])";
    EXPECT_EQ(refused(conversation).param, "generationConfig.responseModalities");
    conversation.modalities.clear();
    conversation.unknown.emplace_back("cachedContent", R"("cachedContents/1")");
    EXPECT_EQ(refused(conversation).param, "cachedContent");
}

TEST(OpenAiChatRequestOut, CapabilitiesLockSampling) {
    auto to = target();
    to.capabilities.sampling_locked = true;
    const auto locked = encoded(decode(request_with(R"(,"temperature":0.5,"top_p":1)")), to);
    EXPECT_EQ(locked.adjustments.names(), std::vector<std::string>{"temperature"});
    EXPECT_EQ(Json::parse(locked.body)["top_p"], 1);
    auto either = target();
    either.capabilities.temperature_or_top_p = true;
    EXPECT_EQ(encoded(decode(request_with(R"(,"temperature":0.5,"top_p":0.9)")), either).adjustments.names(), std::vector<std::string>{"top_p"});
}

TEST(OpenAiChatRequestOut, ThinkingBecomesEffort) {
    const auto effort = [](std::string thinking, Origin origin, std::vector<std::string> accepted = {}, std::string model = "gpt-5.1") {
        auto conversation = foreign({turn(Role::user, {text("x")})});
        conversation.thinking = std::move(thinking);
        conversation.thinking_origin = origin;
        auto to = target(std::move(model));
        to.capabilities.efforts = std::move(accepted);
        return encode(conversation, to).value("reasoning_effort", "-");
    };
    EXPECT_EQ(effort(R"({"type":"enabled","budget_tokens":2000})", Origin::anthropic), "low");
    EXPECT_EQ(effort(R"({"type":"enabled","budget_tokens":8000})", Origin::anthropic), "medium");
    EXPECT_EQ(effort(R"({"type":"enabled","budget_tokens":16000})", Origin::anthropic), "high");
    EXPECT_EQ(effort(R"({"type":"enabled","budget_tokens":40000})", Origin::anthropic), "high");
    EXPECT_EQ(effort(R"({"type":"enabled","budget_tokens":40000})", Origin::anthropic, {"low", "high", "xhigh"}), "xhigh");
    EXPECT_EQ(effort(R"({"type":"disabled"})", Origin::anthropic), "none");
    EXPECT_EQ(effort(R"({"type":"disabled"})", Origin::anthropic, {"low", "medium", "high"}), "low");
    EXPECT_EQ(effort(R"({"type":"adaptive"})", Origin::anthropic), "-");
    EXPECT_EQ(effort(R"({"thinkingBudget":1024})", Origin::gemini), "low");
    EXPECT_EQ(effort(R"({"thinkingBudget":-1})", Origin::gemini), "-");
    EXPECT_EQ(effort(R"({"thinkingLevel":"HIGH"})", Origin::gemini), "high");
    EXPECT_EQ(effort(R"({"type":"enabled","budget_tokens":2000})", Origin::anthropic, {}, "gpt-4o"), "-") << "which cannot reason";
    auto conversation = foreign({turn(Role::user, {text("x")})});
    conversation.reasoning_effort = "max";
    auto to = target("o3");
    to.capabilities.efforts = {"low", "medium", "high"};
    const auto made = encoded(conversation, to);
    EXPECT_EQ(Json::parse(made.body)["reasoning_effort"], "high");
    EXPECT_EQ(made.adjustments.names(), std::vector<std::string>{"output_config.effort=high"});
}

TEST(OpenAiChatRequestOut, SignaturesStayInTheFamilyThatIssuedThem) {
    const auto conversation = decode(request_of(R"([{"role":"user","content":"x"},{"role":"assistant","content":"y","reasoning_content":"secret",
        "reasoning_details":[{"type":"thinking","text":"secret","signature":"SIGNED","origin":"anthropic"},
          {"type":"redacted","data":"SIGNED","origin":"anthropic"}],
        "tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"},
          "extra_content":{"google":{"thought_signature":"SIGNED"}}}]}])"));
    const auto body = encoded(conversation).body;
    EXPECT_EQ(body.find("SIGNED"), std::string::npos);
    EXPECT_EQ(body.find("secret"), std::string::npos);
    auto gemini = target("gemini-3-pro");
    gemini.capabilities.thought_signatures_required = true;
    EXPECT_EQ(encode(conversation, gemini)["messages"][1]["tool_calls"][0]["extra_content"]["google"]["thought_signature"], "SIGNED");
}

TEST(OpenAiChatRequestOut, ForeignStructuredOutput) {
    auto conversation = foreign({turn(Role::user, {text("x")})});
    conversation.response_format.emplace();
    conversation.response_format->kind = ResponseFormat::Kind::json_schema;
    conversation.response_format->schema = R"({"type":"object"})";
    EXPECT_EQ(encode(conversation, target())["response_format"],
              Json::parse(R"({"type":"json_schema","json_schema":{"name":"output","schema":{"type":"object"},"strict":false}})"));
}

TEST(OpenAiChatRequestOut, ForeignOpaqueParts) {
    const auto made = encoded(foreign({turn(Role::user, {OpaquePart{"search_result", R"({"type":"search_result"})", Origin::anthropic}}),
                                       turn(Role::assistant, {text("a"), OpaquePart{"server_tool_use", "{}", Origin::anthropic}})}));
    EXPECT_EQ(Json::parse(made.body)["messages"], Json::parse(R"([{"role":"user","content":[{"type":"text","text":"{\"type\":\"search_result\"}"}]},
        {"role":"assistant","content":"a"}])"));
    EXPECT_EQ(made.adjustments.names(), std::vector<std::string>{"messages.server_tool_use"});
}

}  // namespace
}  // namespace smg::codec
