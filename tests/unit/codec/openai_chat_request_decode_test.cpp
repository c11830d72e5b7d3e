#include "openai_chat_testing.hpp"

namespace smg::codec {
namespace {

using namespace chat_testing;

template <typename T>
const T& part(const Conversation& conversation, std::size_t turn, std::size_t index) {
    return std::get<T>(conversation.turns.at(turn).parts.at(index));
}

TEST(OpenAiChatRequest, NamesItself) { EXPECT_EQ(openai_chat().name(), "openai_chat"); }

TEST(OpenAiChatRequest, RolesStandWhereTheyStood) {
    const auto conversation = decode(request_of(R"([
        {"role":"system","content":"a"},{"role":"user","content":"b","name":"ann"},{"role":"assistant","content":"c"},
        {"role":"developer","content":[{"type":"text","text":"d"},{"type":"text","text":"e"}]},{"role":"user","content":""}])"));
    ASSERT_EQ(conversation.turns.size(), 5U);
    EXPECT_EQ(conversation.format, "openai_chat");
    EXPECT_EQ(conversation.turns[0].role, Role::system);
    EXPECT_EQ(conversation.turns[1].role, Role::user);
    EXPECT_EQ(conversation.turns[1].name, "ann");
    EXPECT_EQ(conversation.turns[2].role, Role::assistant);
    EXPECT_EQ(conversation.turns[3].role, Role::developer);
    EXPECT_TRUE(conversation.turns[0].content_is_string);
    EXPECT_FALSE(conversation.turns[3].content_is_string);
    EXPECT_EQ(part<TextPart>(conversation, 3, 1).text, "e");
    EXPECT_EQ(part<TextPart>(conversation, 4, 0).text, "");
}

TEST(OpenAiChatRequest, Images) {
    const auto conversation = decode(request_of(R"([{"role":"user","content":[
        {"type":"image_url","image_url":{"url":"DATA:Image/JPG;name=x;BASE64,AAAA","detail":"low"},"cache_control":{"type":"ephemeral"}},
        {"type":"image_url","image_url":{"url":"https://example.com/a.png"}},
        {"type":"image_url","image_url":{"url":"data:application/pdf;base64,JVBERi0="}},
        {"type":"video_url","video_url":{"url":"https://example.com/a.mp4"}}]}])"));
    const auto& inline_image = part<MediaPart>(conversation, 0, 0);
    EXPECT_EQ(inline_image.kind, MediaPart::Kind::image);
    EXPECT_EQ(inline_image.source, MediaPart::Source::base64);
    EXPECT_EQ(inline_image.media_type, "image/jpeg");
    EXPECT_EQ(inline_image.data, "AAAA");
    EXPECT_EQ(inline_image.detail, "low");
    EXPECT_EQ(inline_image.extras.cache_control, R"({"type":"ephemeral"})");
    EXPECT_EQ(part<MediaPart>(conversation, 0, 1).source, MediaPart::Source::url);
    EXPECT_EQ(part<MediaPart>(conversation, 0, 1).data, "https://example.com/a.png");
    EXPECT_EQ(part<MediaPart>(conversation, 0, 2).kind, MediaPart::Kind::document);
    EXPECT_EQ(part<MediaPart>(conversation, 0, 3).kind, MediaPart::Kind::video);
}

TEST(OpenAiChatRequest, AudioAndFiles) {
    const auto conversation = decode(request_of(R"([{"role":"user","content":[
        {"type":"input_audio","input_audio":{"data":"UklG","format":"wav"}},
        {"type":"file","file":{"file_id":"file-1"}},
        {"type":"file","file":{"file_data":"data:application/pdf;base64,JVBERi0=","filename":"a.pdf"}},
        {"type":"file","file":{"file_data":"JVBERi0="}},
        {"type":"file","file":{"file_data":"SGVsbG8=","filename":"notes.TXT"}}]}])"));
    const auto& audio = part<MediaPart>(conversation, 0, 0);
    EXPECT_EQ(audio.kind, MediaPart::Kind::audio);
    EXPECT_EQ(audio.format, "wav");
    EXPECT_EQ(audio.media_type, "audio/wav");
    EXPECT_EQ(audio.data, "UklG");
    const auto& id = part<MediaPart>(conversation, 0, 1);
    EXPECT_EQ(id.source, MediaPart::Source::file_id);
    EXPECT_EQ(id.data, "file-1");
    EXPECT_EQ(id.origin, Origin::openai);
    EXPECT_EQ(part<MediaPart>(conversation, 0, 2).filename, "a.pdf");
    EXPECT_EQ(part<MediaPart>(conversation, 0, 2).media_type, "application/pdf");
    EXPECT_EQ(part<MediaPart>(conversation, 0, 3).media_type, "application/pdf");
    EXPECT_EQ(part<MediaPart>(conversation, 0, 3).data, "JVBERi0=");
    EXPECT_EQ(part<MediaPart>(conversation, 0, 4).media_type, "text/plain");
}

TEST(OpenAiChatRequest, ToolCallsAndResults) {
    const auto conversation = decode(request_of(R"([{"role":"user","content":"go"},
        {"role":"assistant","content":null,"tool_calls":[
          {"id":"c1","type":"function","function":{"name":"f","arguments":"{\"big\": 12345678901234567890, \"a\":1.0}"},
           "extra_content":{"google":{"thought_signature":"SIG"}}},
          {"id":"c2","function":{"name":"g","arguments":""}},
          {"id":"c3","type":"custom","custom":{"name":"h","input":"free text"}}]},
        {"role":"tool","tool_call_id":"c2","content":"two"},
        {"role":"tool","tool_call_id":"c1","content":[{"type":"text","text":"o"},{"type":"text","text":"ne"},
          {"type":"image_url","image_url":{"url":"data:image/png;base64,AA"}}]},
        {"role":"tool","tool_call_id":"c9","content":""}])"));
    const auto& call = part<ToolCallPart>(conversation, 1, 0);
    EXPECT_EQ(call.id, "c1");
    EXPECT_EQ(call.arguments, R"({"big": 12345678901234567890, "a":1.0})");
    EXPECT_EQ(call.signature, "SIG");
    EXPECT_TRUE(call.native_id);
    EXPECT_EQ(part<ToolCallPart>(conversation, 1, 1).arguments, "");
    EXPECT_EQ(part<ToolCallPart>(conversation, 1, 2).kind, ToolCallPart::Kind::custom);
    EXPECT_EQ(part<ToolCallPart>(conversation, 1, 2).arguments, "free text");
    const auto& result = part<ToolResultPart>(conversation, 2, 0);
    EXPECT_EQ(conversation.turns[2].role, Role::tool);
    EXPECT_EQ(result.call_id, "c2");
    EXPECT_EQ(result.name, "g");
    EXPECT_TRUE(result.content_is_string);
    EXPECT_EQ(std::get<TextPart>(result.content.at(0)).text, "two");
    const auto& parts = part<ToolResultPart>(conversation, 3, 0);
    EXPECT_EQ(parts.name, "f");
    EXPECT_FALSE(parts.content_is_string);
    ASSERT_EQ(parts.content.size(), 3U);
    EXPECT_EQ(std::get<MediaPart>(parts.content[2]).media_type, "image/png");
    EXPECT_EQ(part<ToolResultPart>(conversation, 4, 0).name, "");
}

TEST(OpenAiChatRequest, DeprecatedFunctions) {
    const auto conversation = decode(R"({"model":"m","functions":[{"name":"f","parameters":{"type":"object"}}],"function_call":{"name":"f"},
        "messages":[{"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"}},
                    {"role":"function","name":"f","content":"1"}]})");
    EXPECT_TRUE(conversation.legacy_functions);
    ASSERT_EQ(conversation.tools.size(), 1U);
    EXPECT_EQ(conversation.tools[0].parameters, R"({"type":"object"})");
    ASSERT_TRUE(conversation.tool_choice);
    EXPECT_TRUE(conversation.tool_choice->legacy);
    EXPECT_EQ(conversation.tool_choice->mode, ToolChoice::Mode::named);
    const auto& call = part<ToolCallPart>(conversation, 0, 0);
    EXPECT_EQ(call.id, "call_fn_1");
    EXPECT_FALSE(call.native_id);
    EXPECT_TRUE(conversation.turns[0].legacy_function);
    EXPECT_EQ(conversation.turns[1].role, Role::tool);
    EXPECT_EQ(part<ToolResultPart>(conversation, 1, 0).call_id, "call_fn_1");
    EXPECT_EQ(part<ToolResultPart>(conversation, 1, 0).name, "f");
    EXPECT_EQ(decode(request_with(R"(,"function_call":"none")")).tool_choice->mode, ToolChoice::Mode::none);
}

TEST(OpenAiChatRequest, AssistantHistory) {
    const auto conversation = decode(request_of(R"([
        {"role":"assistant","content":"no","refusal":"I will not","reasoning_content":"hm","annotations":[{"type":"url_citation"}]},
        {"role":"assistant","content":[{"type":"text","text":"a"},{"type":"refusal","refusal":"b"},{"type":"thinking","thinking":[]}]},
        {"role":"assistant","audio":{"id":"audio_1"}},
        {"role":"assistant","content":"x","reasoning_content":"t","reasoning_details":[
           {"type":"thinking","text":"t","signature":"S","origin":"anthropic","index":0},{"type":"redacted","data":"R","origin":"anthropic"},
           {"type":"reasoning.encrypted","data":"E"}]}])"));
    EXPECT_EQ(part<ReasoningPart>(conversation, 0, 0).text, "hm");
    EXPECT_EQ(part<ReasoningPart>(conversation, 0, 0).origin, Origin::unknown);
    EXPECT_EQ(part<TextPart>(conversation, 0, 1).citations, R"([{"type":"url_citation"}])");
    EXPECT_EQ(part<TextPart>(conversation, 0, 1).citations_origin, Origin::openai);
    EXPECT_TRUE(part<TextPart>(conversation, 0, 2).refusal);
    EXPECT_TRUE(part<TextPart>(conversation, 1, 1).refusal);
    EXPECT_EQ(part<OpaquePart>(conversation, 1, 2).kind, "thinking");
    EXPECT_EQ(part<OpaquePart>(conversation, 2, 0).json, R"({"id":"audio_1"})");
    ASSERT_EQ(conversation.turns[3].parts.size(), 4U);
    const auto& thought = part<ReasoningPart>(conversation, 3, 0);
    EXPECT_EQ(thought.text, "t");
    EXPECT_EQ(thought.signature, "S");
    EXPECT_EQ(thought.origin, Origin::anthropic);
    EXPECT_EQ(part<ReasoningPart>(conversation, 3, 1).redacted, "R");
    EXPECT_EQ(part<OpaquePart>(conversation, 3, 2).kind, "reasoning_details");
}

TEST(OpenAiChatRequest, Tools) {
    const auto conversation = decode(request_with(R"(,"tools":[
        {"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object", "properties":{}},"strict":true},
         "cache_control":{"type":"ephemeral"}},
        {"type":"function","function":{"name":"g","parameters":null}},
        {"type":"custom","custom":{"name":"h","format":{"type":"grammar","grammar":{"syntax":"lark","definition":"start: /x/"}}}},
        {"type":"live_search","sources":[]}],"parallel_tool_calls":false)"));
    ASSERT_EQ(conversation.tools.size(), 4U);
    EXPECT_EQ(conversation.tools[0].parameters, R"({"type":"object", "properties":{}})") << "byte for byte";
    EXPECT_EQ(conversation.tools[0].strict, true);
    EXPECT_TRUE(conversation.tools[0].has_description);
    EXPECT_EQ(conversation.tools[0].cache_control, R"({"type":"ephemeral"})");
    EXPECT_EQ(conversation.tools[1].parameters, "");
    EXPECT_FALSE(conversation.tools[1].has_description);
    EXPECT_EQ(conversation.tools[2].kind, Tool::Kind::custom);
    EXPECT_NE(conversation.tools[2].format.find("lark"), std::string::npos);
    EXPECT_EQ(conversation.tools[3].kind, Tool::Kind::provider);
    EXPECT_EQ(conversation.tools[3].opaque, R"({"type":"live_search","sources":[]})");
    EXPECT_EQ(conversation.parallel_tool_calls, false);
}

TEST(OpenAiChatRequest, ToolChoices) {
    using Mode = ToolChoice::Mode;
    const auto choice = [](std::string_view json) { return *decode(request_with(",\"tool_choice\":" + std::string(json))).tool_choice; };
    EXPECT_EQ(choice("\"auto\"").mode, Mode::automatic);
    EXPECT_EQ(choice("\"none\"").mode, Mode::none);
    EXPECT_EQ(choice("\"required\"").mode, Mode::required);
    const auto named = choice(R"({"type":"function","function":{"name":"f"}})");
    EXPECT_EQ(named.mode, Mode::named);
    EXPECT_EQ(named.names, std::vector<std::string>{"f"});
    EXPECT_TRUE(choice(R"({"type":"custom","custom":{"name":"h"}})").custom);
    const auto allowed = choice(R"({"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[
        {"type":"function","function":{"name":"f"}},{"type":"custom","custom":{"name":"h"}}]}})");
    EXPECT_EQ(allowed.mode, Mode::allowed);
    EXPECT_TRUE(allowed.allowed_required);
    EXPECT_EQ(allowed.names, (std::vector<std::string>{"f", "h"}));
    EXPECT_FALSE(decode(request_with(R"(,"tool_choice":null)")).tool_choice);
}

TEST(OpenAiChatRequest, NumbersKeepTheirSourceText) {
    const auto conversation = decode(request_with(R"(,"temperature":0.70,"top_p":1e-1,"frequency_penalty":-0.0,"presence_penalty":2,"seed":-7,
        "n":2,"logprobs":true,"top_logprobs":5,"max_completion_tokens":100.0,"top_k":40)"));
    EXPECT_EQ(conversation.temperature, "0.70");
    EXPECT_EQ(conversation.top_p, "1e-1");
    EXPECT_EQ(conversation.frequency_penalty, "-0.0");
    EXPECT_EQ(conversation.presence_penalty, "2");
    EXPECT_EQ(conversation.seed, "-7");
    EXPECT_EQ(conversation.n, "2");
    EXPECT_EQ(conversation.logprobs, true);
    EXPECT_EQ(conversation.top_logprobs, "5");
    EXPECT_EQ(conversation.max_tokens, "100") << "a whole number is written as one";
    EXPECT_EQ(conversation.top_k, "40");
}

TEST(OpenAiChatRequest, Limits) {
    EXPECT_TRUE(decode(request_with(R"(,"max_tokens":5)")).max_tokens_legacy);
    const auto both = decode(request_with(R"(,"max_tokens":5,"max_completion_tokens":6)"));
    EXPECT_EQ(both.max_tokens, "6");
    EXPECT_FALSE(both.max_tokens_legacy);
    ASSERT_EQ(both.unknown.size(), 1U);
    EXPECT_EQ(both.unknown[0].first, "max_tokens");
}

TEST(OpenAiChatRequest, TheOtherMembers) {
    const auto conversation = decode(request_with(R"(,"stop":["a","b"],"reasoning_effort":"high","stream":true,
        "stream_options":{"include_usage":true,"include_obfuscation":false},"user":"u","safety_identifier":"s","service_tier":"flex","store":false,
        "metadata":{"k":"v"},"logit_bias":{"50256":-100},"modalities":["text"],"audio":{"voice":"alloy","format":"wav"},
        "prediction":{"type":"content","content":"x"},"web_search_options":{},"prompt_cache_key":"pk","verbosity":"low",
        "cache_control":{"type":"ephemeral"},"safety_settings":[{"category":"c"}],"vendor_thing":{"deep":[1.50]},
        "response_format":{"type":"json_schema","json_schema":{"name":"n","description":"d","schema":{"type":"object" },"strict":true}})"));
    EXPECT_EQ(conversation.stop, (std::vector<std::string>{"a", "b"}));
    EXPECT_FALSE(conversation.stop_is_string);
    EXPECT_EQ(conversation.reasoning_effort, "high");
    EXPECT_TRUE(conversation.stream);
    EXPECT_TRUE(conversation.include_usage);
    EXPECT_EQ(conversation.user, "u");
    EXPECT_EQ(conversation.safety_identifier, "s");
    EXPECT_EQ(conversation.service_tier, "flex");
    EXPECT_EQ(conversation.store, false);
    EXPECT_EQ(conversation.metadata, R"({"k":"v"})");
    EXPECT_EQ(conversation.logit_bias, R"({"50256":-100})");
    EXPECT_EQ(conversation.modalities, R"(["text"])");
    EXPECT_EQ(conversation.audio, R"({"voice":"alloy","format":"wav"})");
    EXPECT_EQ(conversation.prediction, R"({"type":"content","content":"x"})");
    EXPECT_EQ(conversation.web_search_options, "{}");
    EXPECT_EQ(conversation.prompt_cache_key, "pk");
    EXPECT_EQ(conversation.verbosity, "low");
    EXPECT_EQ(conversation.cache_control, R"({"type":"ephemeral"})");
    EXPECT_EQ(conversation.safety_settings, R"([{"category":"c"}])");
    ASSERT_TRUE(conversation.response_format);
    EXPECT_EQ(conversation.response_format->kind, ResponseFormat::Kind::json_schema);
    EXPECT_EQ(conversation.response_format->name, "n");
    EXPECT_EQ(conversation.response_format->schema, R"({"type":"object" })");
    EXPECT_EQ(conversation.response_format->strict, true);
    using Unknown = std::vector<std::pair<std::string, RawJson>>;
    EXPECT_EQ(conversation.unknown, (Unknown{{"stream_options.include_obfuscation", "false"}, {"vendor_thing", R"({"deep":[1.50]})"}}));
    const auto one = decode(request_with(R"(,"stop":"x","response_format":{"type":"json_object"})"));
    EXPECT_TRUE(one.stop_is_string);
    EXPECT_EQ(one.response_format->kind, ResponseFormat::Kind::json_object);
}

TEST(OpenAiChatRequest, NullIsAsIfAbsent) {
    std::string members;
    for (const auto* name : {"tools", "tool_choice", "functions", "function_call", "max_tokens", "temperature", "stop", "response_format", "stream",
                             "stream_options", "user", "metadata", "logit_bias", "seed", "n", "logprobs", "reasoning_effort", "store", "modalities"})
        members += ",\"" + std::string(name) + "\":null";
    const auto conversation = decode(request_with(members));
    EXPECT_TRUE(conversation.unknown.empty());
    EXPECT_FALSE(conversation.legacy_functions);
    EXPECT_FALSE(conversation.tool_choice || conversation.response_format || conversation.logprobs || conversation.store);
    EXPECT_TRUE(conversation.stop.empty() && conversation.temperature.empty() && conversation.metadata.empty());
}

}  // namespace
}  // namespace smg::codec
