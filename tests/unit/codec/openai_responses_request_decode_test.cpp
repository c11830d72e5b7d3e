#include "codec/reasoning_envelope.hpp"
#include "openai_responses_testing.hpp"

namespace smg::codec {
namespace {

using namespace responses_testing;

const TextPart& text(const Turn& turn, std::size_t part = 0) { return std::get<TextPart>(turn.parts.at(part)); }

TEST(OpenAiResponsesRequestIn, AStringIsOneUserMessage) {
    const auto conversation = decode(R"({"model":"m","input":"hi","instructions":"Be kind."})");
    EXPECT_EQ(conversation.format, "openai_responses");
    ASSERT_EQ(conversation.turns.size(), 2U);
    EXPECT_EQ(conversation.turns[0].role, Role::system);
    EXPECT_EQ(text(conversation.turns[0]).text, "Be kind.");
    EXPECT_EQ(conversation.turns[1].role, Role::user);
    EXPECT_EQ(text(conversation.turns[1]).text, "hi");
    EXPECT_EQ(encode(conversation), Json::parse(R"({"model":"m","instructions":"Be kind.","input":"hi","include":["reasoning.encrypted_content"]})"));
}

TEST(OpenAiResponsesRequestIn, MessagesOfEveryRole) {
    const auto conversation =
        decode(request_of(R"([{"role":"system","content":"a"},{"type":"message","role":"developer","content":[{"type":"input_text","text":"b"}]},
        {"role":"user","content":[{"type":"input_text","text":"c"},{"type":"input_text","text":"d"}]},{"role":"assistant","content":"e"}])"));
    ASSERT_EQ(conversation.turns.size(), 4U);
    EXPECT_EQ(conversation.turns[0].role, Role::system);
    EXPECT_EQ(conversation.turns[1].role, Role::developer);
    EXPECT_FALSE(conversation.turns[1].content_is_string);
    EXPECT_EQ(text(conversation.turns[2], 1).text, "d");
    EXPECT_EQ(conversation.turns[3].role, Role::assistant);
    EXPECT_EQ(text(conversation.turns[3]).text, "e");
}

TEST(OpenAiResponsesRequestIn, MediaOfEverySource) {
    const auto conversation = decode(request_of(R"([{"role":"user","content":[
        {"type":"input_image","image_url":"data:image/jpg;base64,QUJD","detail":"high"},{"type":"input_image","image_url":"https://x/y.png"},
        {"type":"input_image","file_id":"file-1"},{"type":"input_file","file_data":"data:application/pdf;base64,JVBERi0=","filename":"a.pdf"},
        {"type":"input_file","file_url":"https://x/y.pdf"},{"type":"input_file","file_id":"file-2"},{"type":"input_file","file_data":"JVBERi0="},
        {"type":"input_audio","input_audio":{"data":"AAAA","format":"wav"}}]}])"));
    const auto media = [&](std::size_t i) { return std::get<MediaPart>(conversation.turns.at(0).parts.at(i)); };
    using Source = MediaPart::Source;
    EXPECT_EQ(media(0).media_type, "image/jpeg");
    EXPECT_EQ(media(0).data, "QUJD");
    EXPECT_EQ(media(0).detail, "high");
    EXPECT_EQ(media(1).source, Source::url);
    EXPECT_EQ(media(2).source, Source::file_id);
    EXPECT_EQ(media(2).origin, Origin::openai);
    EXPECT_EQ(media(3).kind, MediaPart::Kind::document);
    EXPECT_EQ(media(3).filename, "a.pdf");
    EXPECT_EQ(media(4).source, Source::url);
    EXPECT_EQ(media(5).data, "file-2");
    EXPECT_EQ(media(6).media_type, "application/pdf");
    EXPECT_EQ(media(7).kind, MediaPart::Kind::audio);
}

constexpr std::string_view history = R"([
    {"role":"user","content":"go"},
    {"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"A"},{"type":"summary_text","text":"B"}],"encrypted_content":"ENC"},
    {"type":"message","role":"assistant","id":"msg_1","status":"completed","phase":"commentary","content":[{"type":"output_text",
        "text":"I go.","annotations":[]},{"type":"refusal","refusal":"no"}]},
    {"type":"function_call","id":"fc_1","call_id":"call_1","name":"f","arguments":"{\"a\":1}","status":"completed"},
    {"type":"custom_tool_call","call_id":"call_2","name":"sh","input":"ls"},
    {"type":"function_call_output","call_id":"call_1","output":"one"},
    {"type":"custom_tool_call_output","call_id":"call_2","output":[{"type":"input_text","text":"two"},{"type":"input_image",
        "image_url":"data:image/png;base64,QUJD"},{"type":"input_file","file_id":"file-1"}]},
    {"type":"web_search_call","id":"ws_1","status":"completed","action":{"type":"search","query":"q"}},
    {"role":"user","content":"next"}])";

TEST(OpenAiResponsesRequestIn, WhatTheModelSaidInARowIsOneTurn) {
    const auto conversation = decode(request_of(history));
    ASSERT_EQ(conversation.turns.size(), 5U);
    const auto& said = conversation.turns[1];
    EXPECT_EQ(said.role, Role::assistant);
    ASSERT_EQ(said.parts.size(), 5U);
    const auto& thought = std::get<ReasoningPart>(said.parts[0]);
    EXPECT_EQ(thought.text, "A\n\nB");
    EXPECT_EQ(thought.signature, "ENC");
    EXPECT_EQ(thought.id, "rs_1");
    EXPECT_EQ(thought.origin, Origin::openai);
    EXPECT_EQ(text(said, 1).text, "I go.");
    EXPECT_TRUE(text(said, 2).refusal);
    EXPECT_EQ(std::get<ToolCallPart>(said.parts[3]).arguments, "{\"a\":1}");
    EXPECT_EQ(std::get<ToolCallPart>(said.parts[4]).kind, ToolCallPart::Kind::custom);
    const auto& results = conversation.turns[2];
    EXPECT_EQ(results.role, Role::tool);
    ASSERT_EQ(results.parts.size(), 2U);
    const auto& first = std::get<ToolResultPart>(results.parts[0]);
    EXPECT_EQ(first.name, "f");
    EXPECT_TRUE(first.content_is_string);
    const auto& second = std::get<ToolResultPart>(results.parts[1]);
    EXPECT_EQ(second.name, "sh");
    ASSERT_EQ(second.content.size(), 3U);
    EXPECT_EQ(std::get<MediaPart>(second.content[1]).data, "QUJD");
    const auto& hosted = std::get<OpaquePart>(conversation.turns[3].parts.at(0));
    EXPECT_EQ(hosted.kind, "web_search_call");
    EXPECT_EQ(hosted.origin, Origin::openai);
    EXPECT_EQ(encode(conversation)["input"], Json::parse(history)) << "and nothing is lost";
}

TEST(OpenAiResponsesRequestIn, HistoryBotheredNoOtherFormat) {
    auto items = Json::parse(history);
    for (const std::size_t index : {7, 6, 4}) items.erase(index);  // the hosted tool, and the custom one and its result
    const auto conversation = decode(request_of(items.dump()));
    for (const auto* codec : {&openai_chat(), &anthropic_messages(), &gemini()}) {
        SCOPED_TRACE(codec->name());
        Target target;
        target.model = "m";
        target.strict = true;  // ids and states of items are no settings
        const auto encoded = codec->encode_request(conversation, target);
        EXPECT_TRUE(encoded) << encoded.error().message;
    }
}

TEST(OpenAiResponsesRequestIn, EnvelopesAreOpened) {
    ReasoningPart claude;
    claude.signature = "SIG";
    claude.origin = Origin::anthropic;
    auto redacted = claude;
    redacted.signature.clear();
    redacted.redacted = "DATA";
    const Json items = {
        {{"role", "user"}, {"content", "x"}},
        {{"type", "reasoning"}, {"summary", {{{"type", "summary_text"}, {"text", "hm"}}}}, {"encrypted_content", seal_reasoning(claude)}},
        {{"type", "reasoning"}, {"summary", Json::array()}, {"encrypted_content", seal_reasoning(redacted)}},
        {{"type", "reasoning"}, {"summary", Json::array()}, {"encrypted_content", seal_call("THOUGHT")}},
        {{"type", "function_call"}, {"call_id", "c1"}, {"name", "f"}, {"arguments", "{}"}},
        {{"type", "function_call"}, {"call_id", "c2"}, {"name", "f"}, {"arguments", "{}"}},
        {{"type", "reasoning"}, {"summary", Json::array()}, {"encrypted_content", wrap_reasoning(Origin::gemini, "p:LATE")}}};
    const auto conversation = decode(request_of(items.dump()));
    const auto& parts = conversation.turns.at(1).parts;
    ASSERT_EQ(parts.size(), 4U);
    EXPECT_EQ(std::get<ReasoningPart>(parts[0]).signature, "SIG");
    EXPECT_EQ(std::get<ReasoningPart>(parts[0]).text, "hm");
    EXPECT_EQ(std::get<ReasoningPart>(parts[0]).origin, Origin::anthropic);
    EXPECT_EQ(std::get<ReasoningPart>(parts[1]).redacted, "DATA");
    EXPECT_EQ(std::get<ToolCallPart>(parts[2]).signature, "THOUGHT");
    EXPECT_EQ(std::get<ToolCallPart>(parts[3]).signature, "LATE");
}

TEST(OpenAiResponsesRequestIn, Settings) {
    const auto c = decode(request_with(
        R"(,"max_output_tokens":100,"temperature":0.70,"top_p":0.9,"parallel_tool_calls":false,"metadata":{"k":"v"},"user":"u",
            "safety_identifier":"s",
        "service_tier":"flex","prompt_cache_key":"p","store":false,"stream":true,"stream_options":{"include_obfuscation":false},"top_logprobs":3,
        "include":["message.output_text.logprobs","reasoning.encrypted_content"],"reasoning":{"effort":"low","summary":"auto"},
            "truncation":"disabled",
        "text":{"verbosity":"low","format":{"type":"json_schema","name":"n","description":"d","schema":{"type":"object"},"strict":true}}, "x":1)"));
    EXPECT_EQ(c.max_tokens, "100");
    EXPECT_EQ(c.temperature, "0.70");
    EXPECT_EQ(c.top_p, "0.9");
    EXPECT_EQ(c.parallel_tool_calls, false);
    EXPECT_EQ(c.metadata, R"({"k":"v"})");
    EXPECT_EQ(c.user, "u");
    EXPECT_EQ(c.safety_identifier, "s");
    EXPECT_EQ(c.service_tier, "flex");
    EXPECT_EQ(c.prompt_cache_key, "p");
    EXPECT_EQ(c.store, false);
    EXPECT_TRUE(c.stream);
    EXPECT_EQ(c.logprobs, true);
    EXPECT_EQ(c.top_logprobs, "3");
    EXPECT_EQ(c.reasoning_effort, "low");
    EXPECT_TRUE(c.include_reasoning_text);
    EXPECT_EQ(c.verbosity, "low");
    ASSERT_TRUE(c.response_format);
    EXPECT_EQ(c.response_format->name, "n");
    EXPECT_EQ(c.response_format->strict, true);
    ASSERT_EQ(c.unknown.size(), 2U);
    EXPECT_EQ(c.unknown[0].first, "stream_options.include_obfuscation");
    EXPECT_EQ(c.unknown[1].first, "x");
    EXPECT_FALSE(decode(request_with(R"(,"reasoning":{"effort":"low"})")).include_reasoning_text);
    EXPECT_EQ(decode(request_with(R"(,"top_logprobs":0)")).logprobs, std::nullopt);
    EXPECT_TRUE(decode(request_with(R"(,"previous_response_id":null,"background":false,"conversation":null)")).unknown.empty());
}

TEST(OpenAiResponsesRequestIn, ToolsAreFlat) {
    const std::string tools = R"([{"type":"function","name":"f","description":"d","parameters":{"type":"object"},"strict":true,"defer_loading":true},
        {"type":"custom","name":"c","format":{"type":"grammar","syntax":"lark","definition":"x"}},{"type":"web_search",
            "search_context_size":"low"}])";
    const auto c = decode(request_with(R"(,"tools":)" + tools));
    ASSERT_EQ(c.tools.size(), 3U);
    EXPECT_EQ(c.tools[0].parameters, R"({"type":"object"})");
    EXPECT_EQ(c.tools[0].strict, true);
    EXPECT_EQ(c.tools[1].kind, Tool::Kind::custom);
    EXPECT_EQ(Json::parse(c.tools[1].format), Json::parse(R"({"type":"grammar","grammar":{"syntax":"lark","definition":"x"}})"))
        << "as Chat nests it";
    EXPECT_EQ(c.tools[2].kind, Tool::Kind::provider);
    EXPECT_EQ(c.tools[2].name, "web_search");
    EXPECT_EQ(c.tools[2].origin, Origin::openai);
    EXPECT_EQ(encode(c)["tools"], Json::parse(tools));
}

TEST(OpenAiResponsesRequestIn, ToolChoices) {
    const std::string tools = R"(,"tools":[{"type":"function","name":"f"},{"type":"custom","name":"c"},{"type":"web_search"}],"tool_choice":)";
    using Mode = ToolChoice::Mode;
    for (const auto& [choice, mode] : std::vector<std::pair<std::string, Mode>>{{R"("auto")", Mode::automatic},
                                                                                {R"("none")", Mode::none},
                                                                                {R"("required")", Mode::required},
                                                                                {R"({"type":"function","name":"f"})", Mode::named},
                                                                                {R"({"type":"custom","name":"c"})", Mode::named}}) {
        const auto c = decode(request_with(tools + choice));
        ASSERT_TRUE(c.tool_choice) << choice;
        EXPECT_EQ(c.tool_choice->mode, mode);
        EXPECT_EQ(encode(c)["tool_choice"], Json::parse(choice));
    }
    const std::string allowed = R"({"type":"allowed_tools","mode":"required","tools":[{"type":"function","name":"f"},{"type":"custom","name":"c"}]})";
    const auto c = decode(request_with(tools + allowed));
    EXPECT_EQ(c.tool_choice->mode, Mode::allowed);
    EXPECT_TRUE(c.tool_choice->allowed_required);
    EXPECT_EQ(c.tool_choice->names, (std::vector<std::string>{"f", "c"}));
    EXPECT_EQ(encode(c)["tool_choice"], Json::parse(allowed));
    const auto hosted = decode(request_with(tools + R"({"type":"web_search"})"));
    EXPECT_FALSE(hosted.tool_choice);
    EXPECT_EQ(encode(hosted)["tool_choice"], Json::parse(R"({"type":"web_search"})"));
}

TEST(OpenAiResponsesRequestIn, WhatNeedsAStoreIsRefused) {
    for (const std::string name : {"previous_response_id", "conversation", "prompt"}) {
        const auto error = refused(R"({"model":"m",")" + name + R"(":"x"})");
        EXPECT_EQ(error.param, name);
        EXPECT_EQ(error.failure, Failure::invalid_request);
        EXPECT_NE(error.message.find("store"), std::string::npos);
    }
    EXPECT_EQ(refused(request_with(R"(,"background":true)")).param, "background");
    const auto reference = refused(request_of(R"([{"type":"item_reference","id":"rs_1"}])"));
    EXPECT_EQ(reference.param, "input[0].type");
    EXPECT_NE(reference.message.find("store"), std::string::npos);
}

TEST(OpenAiResponsesRequestIn, BadRequestsNameTheirField) {
    const std::vector<std::pair<std::string, std::string>> bad{
        {"{}", "model"},
        {R"({"model":"m"})", "input"},
        {request_of("[]"), "input"},
        {request_of("7"), "input"},
        {request_of("[1]"), "input[0]"},
        {request_of(R"([{"role":"tool","content":"x"}])"), "input[0].role"},
        {request_of(R"([{"role":"user"}])"), "input[0].content"},
        {request_of(R"([{"role":"user","content":[{"type":"text","text":"x"}]}])"), "input[0].content[0].type"},
        {request_of(R"([{"role":"user","content":[{"type":"input_image"}]}])"), "input[0].content[0].image_url"},
        {request_of(R"([{"role":"user","content":[{"type":"input_image","image_url":"data:x"}]}])"), "input[0].content[0].image_url"},
        {request_of(R"([{"role":"assistant","content":[{"type":"input_text","text":"x"}]}])"), "input[0].content[0].type"},
        {request_of(R"([{"role":"assistant","content":[{"type":"output_text"}]}])"), "input[0].content[0].text"},
        {request_of(R"([{"type":"function_call","call_id":"c","arguments":"{}"}])"), "input[0].name"},
        {request_of(R"([{"type":"function_call","name":"c","arguments":"{}"}])"), "input[0].call_id"},
        {request_of(R"([{"type":"function_call","name":"c","call_id":"c","arguments":{}}])"), "input[0].arguments"},
        {request_of(R"([{"type":"function_call_output","call_id":"c"}])"), "input[0].output"},
        {request_of(R"([{"type":"reasoning","summary":"x"}])"), "input[0].summary"},
        {request_with(R"(,"instructions":1)"), "instructions"},
        {request_with(R"(,"max_output_tokens":0)"), "max_output_tokens"},
        {request_with(R"(,"include":[1])"), "include[0]"},
        {request_with(R"(,"tools":[{"type":"function"}])"), "tools[0].name"},
        {request_with(R"(,"tool_choice":"any")"), "tool_choice"},
        {request_with(R"(,"tool_choice":{"type":"allowed_tools","mode":"x","tools":[]})"), "tool_choice.mode"},
        {request_with(R"(,"text":{"format":{"type":"json_schema","name":"n"}})"), "text.format.schema"},
        {request_with(R"(,"text":{"format":{"type":"xml"}})"), "text.format.type"},
        {request_with(R"(,"reasoning":"low")"), "reasoning"},
        {request_with(R"(,"stream":1)"), "stream"},
        {request_with(R"(,"store":false,"store":true)"), "store"},
    };
    for (const auto& [body, param] : bad) {
        const auto error = refused(body);
        EXPECT_EQ(error.param, param) << body << ": " << error.message;
        EXPECT_EQ(error.failure, Failure::invalid_request);
    }
    EXPECT_EQ(refused("no JSON").failure, Failure::invalid_request);
    EXPECT_EQ(refused("[]").failure, Failure::invalid_request);
}

}  // namespace
}  // namespace smg::codec
