#include "openai_responses_testing.hpp"

namespace smg::codec {
namespace {

using namespace responses_testing;

Target reasoning_target() {
    Target target;
    target.model = "gpt-5.6";
    target.capabilities.efforts = {"none", "low", "medium", "high", "xhigh"};
    return target;
}

EncodedRequest from(const Codec& codec, std::string_view body, Target target = reasoning_target()) {
    const auto conversation = codec.decode_request(body);
    EXPECT_TRUE(conversation) << conversation.error().message;
    auto encoded = openai_responses().encode_request(*conversation, target);
    EXPECT_TRUE(encoded) << encoded.error().message;
    return encoded ? std::move(*encoded) : EncodedRequest{"{}", {}, {}};
}

Json chat(std::string_view members, Target target = reasoning_target()) {
    return Json::parse(
        from(openai_chat(), R"({"model":"x","messages":[{"role":"user","content":"hi"}])" + std::string(members) + "}", std::move(target)).body);
}

Error refused_chat(std::string_view members) {
    const auto conversation =
        openai_chat().decode_request(R"({"model":"x","messages":[{"role":"user","content":"hi"}])" + std::string(members) + "}");
    const auto encoded = openai_responses().encode_request(*conversation, reasoning_target());
    EXPECT_FALSE(encoded);
    return encoded ? Error(Failure::upstream_error, "") : encoded.error();
}

TEST(OpenAiResponsesRequestOut, AChatRequest) {
    EXPECT_EQ(chat(""),
              Json::parse(R"({"model":"gpt-5.6","input":[{"role":"user","content":"hi"}],"include":["reasoning.encrypted_content"],"store":false})"));
}

TEST(OpenAiResponsesRequestOut, AChatConversation) {
    const auto body = Json::parse(from(openai_chat(), R"({"model":"x","messages":[
        {"role":"system","content":"S"},
        {"role":"user","content":[{"type":"text","text":"look","prompt_cache_breakpoint":{"mode":"explicit"}},{"type":"image_url",
            "image_url":{"url":"https://x/y.png","detail":"low"}},{"type":"file",
            "file":{"file_data":"data:application/pdf;base64,JVBERi0="}}]},
        {"role":"assistant","content":"ok","tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":""}},
            {"id":"call_2","type":"custom","custom":{"name":"sh","input":"ls"}}]},
        {"role":"tool","tool_call_id":"call_1","content":"one"},
        {"role":"tool","tool_call_id":"call_2","content":[{"type":"text","text":"two"}]},
        {"role":"developer","content":"D"},
        {"role":"assistant","refusal":"no"},
        {"role":"user","content":"next"}]})")
                                      .body);
    EXPECT_EQ(body["input"], Json::parse(R"([
        {"role":"developer","content":"S"},
        {"role":"user","content":[{"type":"input_text","text":"look","prompt_cache_breakpoint":{"mode":"explicit"}},
            {"type":"input_image","image_url":"https://x/y.png","detail":"low"},{"type":"input_file",
            "file_data":"data:application/pdf;base64,JVBERi0=","filename":"document.pdf"}]},
        {"type":"message","role":"assistant","content":[{"type":"output_text","text":"ok"}]},
        {"type":"function_call","call_id":"call_1","name":"f","arguments":"{}"},
        {"type":"custom_tool_call","call_id":"call_2","name":"sh","input":"ls"},
        {"type":"function_call_output","call_id":"call_1","output":"one"},
        {"type":"custom_tool_call_output","call_id":"call_2","output":"two"},
        {"role":"developer","content":"D"},
        {"type":"message","role":"assistant","content":[{"type":"refusal","refusal":"no"}]},
        {"role":"user","content":"next"}])"));
    Target grok;
    grok.model = "grok-4";
    EXPECT_EQ(Json::parse(from(openai_chat(), R"({"model":"x","messages":[{"role":"system","content":"S"}]})", grok).body)["input"][0]["role"],
              "system");
}

TEST(OpenAiResponsesRequestOut, AMessagesConversation) {
    const auto body = Json::parse(
        from(anthropic_messages(), R"({"model":"x","max_tokens":1000,"system":[{"type":"text","text":"A"},{"type":"text","text":"B"}],"messages":[
        {"role":"user","content":[{"type":"text","text":"q"},{"type":"image","source":{"type":"base64","media_type":"image/png",
            "data":"QUJD"}},{"type":"document","title":"t.pdf","source":{"type":"url","url":"https://x/t.pdf"}}]},
        {"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"claude's own"},{"type":"text","text":"t"},
            {"type":"tool_use","id":"toolu_1","name":"f","input":{"a":1}}]},
        {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","is_error":true,"content":[{"type":"text","text":"bad"},
            {"type":"image","source":{"type":"base64","media_type":"image/png","data":"QUJD"}}]},{"type":"text","text":"more"}]}]})")
            .body);
    EXPECT_EQ(body["input"], Json::parse(R"([
        {"role":"developer","content":[{"type":"input_text","text":"A"},{"type":"input_text","text":"B"}]},
        {"role":"user","content":[{"type":"input_text","text":"q"},{"type":"input_image","image_url":"data:image/png;base64,QUJD"},
            {"type":"input_file","file_url":"https://x/t.pdf","filename":"t.pdf"}]},
        {"type":"message","role":"assistant","content":[{"type":"output_text","text":"t"}]},
        {"type":"function_call","call_id":"toolu_1","name":"f","arguments":"{\"a\":1}"},
        {"type":"function_call_output","call_id":"toolu_1","output":[{"type":"input_text","text":"Error: bad"},{"type":"input_image",
            "image_url":"data:image/png;base64,QUJD"}]},
        {"role":"user","content":[{"type":"input_text","text":"more"}]}])")
                                 .patch(Json::parse(R"([{"op":"replace","path":"/5/content","value":"more"}])")))
        << body["input"].dump(1);
    EXPECT_EQ(body["max_output_tokens"], 1000);
}

Conversation with_thoughts(Origin origin) {
    Conversation conversation;
    conversation.model = "x";
    Turn user, said;
    TextPart words;
    words.text = "hi";
    user.parts.emplace_back(words);
    said.role = Role::assistant;
    ReasoningPart thought;
    thought.text = "hm";
    thought.signature = "ENC";
    thought.id = "rs_1";
    thought.origin = origin;
    said.parts.emplace_back(thought);
    said.parts.emplace_back(words);
    thought.text.clear();
    said.parts.emplace_back(thought);  // leads to nothing
    conversation.turns = {user, said};
    return conversation;
}

TEST(OpenAiResponsesRequestOut, ThoughtsGoBackToTheirIssuerOnly) {
    EXPECT_EQ(encode(with_thoughts(Origin::openai), reasoning_target())["input"], Json::parse(R"([{"role":"user","content":"hi"},
        {"type":"reasoning","summary":[{"type":"summary_text","text":"hm"}],"encrypted_content":"ENC"},
        {"type":"message","role":"assistant","content":[{"type":"output_text","text":"hi"}]}])"))
        << "without the id, which another account does not know, and only before an item";
    for (const auto origin : {Origin::anthropic, Origin::gemini, Origin::unknown, Origin::xai})
        EXPECT_EQ(encode(with_thoughts(origin), reasoning_target())["input"].size(), 2U);
    Target grok;
    grok.model = "grok-4.3";
    EXPECT_EQ(encode(with_thoughts(Origin::xai), grok)["input"].size(), 3U);
    EXPECT_EQ(encode(with_thoughts(Origin::openai), grok)["input"].size(), 2U);
}

TEST(OpenAiResponsesRequestOut, ToolsAreFlattened) {
    const auto body = chat(R"(,"parallel_tool_calls":false,"tool_choice":{"type":"function","function":{"name":"f"}},"tools":[
        {"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object"}}},{"type":"function",
            "function":{"name":"g","strict":true,"parameters":{}}},
        {"type":"custom","custom":{"name":"c","format":{"type":"grammar","grammar":{"syntax":"lark","definition":"x"}}}}])");
    EXPECT_EQ(body["tools"], Json::parse(R"([{"type":"function","name":"f","description":"d","parameters":{"type":"object"},"strict":false},
        {"type":"function","name":"g","parameters":{},"strict":true},{"type":"custom","name":"c","format":{"type":"grammar",
            "syntax":"lark","definition":"x"}}])"))
        << "without a word on it, a function would be strict here";
    EXPECT_EQ(body["tool_choice"], Json::parse(R"({"type":"function","name":"f"})"));
    EXPECT_EQ(body["parallel_tool_calls"], false);
    const auto allowed =
        chat(R"(,"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function","function":{"name":"f"}}]}},
        "tools":[{"type":"function","function":{"name":"f"}}])");
    EXPECT_EQ(allowed["tool_choice"], Json::parse(R"({"type":"allowed_tools","mode":"auto","tools":[{"type":"function","name":"f"}]})"));
    EXPECT_FALSE(chat(R"(,"tools":[],"tool_choice":"auto")").contains("tools"));
    EXPECT_FALSE(chat(R"(,"tools":[],"tool_choice":"auto")").contains("tool_choice"));
}

TEST(OpenAiResponsesRequestOut, LongNamesAndIdsBecomeLegal) {
    const std::string name(70, 'n'), id(80, 'i');
    const auto encoded = from(openai_chat(), R"({"model":"x","tools":[{"type":"function","function":{"name":")" + name +
                                                 R"("}}],"messages":[{"role":"user","content":"x"},
        {"role":"assistant","tool_calls":[{"id":")" +
                                                 id + R"(","type":"function","function":{"name":")" + name + R"(","arguments":"{}"}}]},
        {"role":"tool","tool_call_id":")" + id + R"(","content":"r"}]})");
    const auto body = Json::parse(encoded.body);
    const std::string sent = body["tools"][0]["name"];
    EXPECT_LE(sent.size(), 64U);
    EXPECT_EQ(encoded.memo.tool_names.at(sent), name);
    EXPECT_EQ(body["input"][1]["name"], sent);
    EXPECT_LE(body["input"][1]["call_id"].get<std::string>().size(), 64U);
    EXPECT_EQ(body["input"][1]["call_id"], body["input"][2]["call_id"]);
    const auto answer = openai_responses().decode_response(
        R"({"id":"r","status":"completed","model":"m","output":[{"type":"function_call","id":"f","call_id":"c","name":")" + sent +
            R"(","arguments":"{}"}]})",
        encoded.memo);
    ASSERT_TRUE(answer);
    EXPECT_EQ(std::get<ToolCallPart>(answer->choices[0].parts[0]).name, name);
}

TEST(OpenAiResponsesRequestOut, Settings) {
    const auto body = chat(
        R"(,"max_completion_tokens":5,"reasoning_effort":"high","verbosity":"low","stream":true,"stream_options":{"include_usage":true,
            "include_obfuscation":false},
        "user":"u","safety_identifier":"s","service_tier":"flex","metadata":{"a":"b"},"prompt_cache_key":"k",
            "prompt_cache_retention":"24h","logprobs":true,"top_logprobs":2,
        "response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object"}}})");
    EXPECT_EQ(body["max_output_tokens"], 16) << "the smallest one";
    EXPECT_EQ(body["reasoning"], Json::parse(R"({"effort":"high","summary":"auto"})"));
    EXPECT_EQ(body["text"],
              Json::parse(R"({"format":{"type":"json_schema","name":"n","schema":{"type":"object"},"strict":false},"verbosity":"low"})"));
    EXPECT_EQ(body["stream"], true);
    EXPECT_EQ(body["stream_options"], Json::parse(R"({"include_obfuscation":false})"));
    EXPECT_EQ(body["user"], "u");
    EXPECT_EQ(body["safety_identifier"], "s");
    EXPECT_EQ(body["service_tier"], "flex");
    EXPECT_EQ(body["metadata"], Json::parse(R"({"a":"b"})"));
    EXPECT_EQ(body["prompt_cache_key"], "k");
    EXPECT_EQ(body["prompt_cache_retention"], "24h");
    EXPECT_EQ(body["include"], Json::parse(R"(["reasoning.encrypted_content","message.output_text.logprobs"])"));
    EXPECT_EQ(body["top_logprobs"], 2);
    EXPECT_EQ(chat(R"(,"response_format":{"type":"json_object"})")["text"], Json::parse(R"({"format":{"type":"json_object"}})"));
    EXPECT_FALSE(chat(R"(,"response_format":{"type":"text"})").contains("text"));
}

TEST(OpenAiResponsesRequestOut, EffortOfOtherFormats) {
    const auto thinking = [](std::string_view members, std::string_view model = "gpt-5.6") {
        auto target = reasoning_target();
        target.model = model;
        const auto body =
            Json::parse(from(anthropic_messages(),
                             R"({"model":"x","max_tokens":100,"messages":[{"role":"user","content":"q"}])" + std::string(members) + "}", target)
                            .body);
        return body.value("reasoning", Json());
    };
    EXPECT_EQ(thinking(""), Json());
    EXPECT_EQ(thinking(R"(,"thinking":{"type":"disabled"})"), Json::parse(R"({"effort":"none"})"));
    EXPECT_EQ(thinking(R"(,"thinking":{"type":"enabled","budget_tokens":2000})"), Json::parse(R"({"effort":"low","summary":"auto"})"));
    EXPECT_EQ(thinking(R"(,"thinking":{"type":"enabled","budget_tokens":40000})")["effort"], "xhigh");
    EXPECT_EQ(thinking(R"(,"thinking":{"type":"adaptive"})"), Json::parse(R"({"summary":"auto"})"));
    EXPECT_EQ(thinking(R"(,"thinking":{"type":"adaptive","display":"omitted"},"output_config":{"effort":"medium"})"),
              Json::parse(R"({"effort":"medium"})"));
    EXPECT_EQ(chat(R"(,"reasoning_effort":"minimal")")["reasoning"]["effort"], "none") << "the nearest that the model knows";
}

TEST(OpenAiResponsesRequestOut, WhatIsLeftOutIsNoted) {
    const auto encoded = from(
        openai_chat(), R"({"model":"x","messages":[{"role":"user","content":"hi"}],"stop":["x"],"seed":1,"logit_bias":{"1":2},"frequency_penalty":0.5,
        "presence_penalty":0,"temperature":0.5,"top_p":1,"store":true,"prediction":{"type":"content","content":"x"},"n":1,"fancy":1,
            "reasoning_effort":"max"})");
    EXPECT_EQ(encoded.adjustments.names(), (std::vector<std::string>{"temperature", "reasoning_effort=xhigh", "seed", "frequency_penalty",
                                                                     "logit_bias", "prediction", "store", "fancy"}));
    auto strict = reasoning_target();
    strict.strict = true;
    const auto conversation = openai_chat().decode_request(R"({"model":"x","messages":[{"role":"user","content":"hi"}],"seed":1})");
    const auto refusal = openai_responses().encode_request(*conversation, strict);
    ASSERT_FALSE(refusal);
    EXPECT_EQ(refusal.error().param, "seed");
    Target plain;
    plain.model = "gpt-4o";
    EXPECT_EQ(chat(R"(,"temperature":0.5)", plain)["temperature"], 0.5);
}

TEST(OpenAiResponsesRequestOut, WhatCannotBeLeftOutIsRefused) {
    EXPECT_EQ(refused_chat(R"(,"n":2)").param, "n");
    EXPECT_EQ(refused_chat(R"(,"audio":{"voice":"x","format":"wav"})").param, "audio");
    EXPECT_EQ(refused_chat(R"(,"modalities":["text","audio"])").param, "modalities");
    EXPECT_EQ(refused_chat(R"(,"web_search_options":{})").param, "web_search_options");
    const auto audio = openai_chat().decode_request(
        R"({"model":"x","messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"AAAA","format":"wav"}}]}]})");
    const auto encoded = openai_responses().encode_request(*audio, reasoning_target());
    ASSERT_FALSE(encoded);
    EXPECT_EQ(encoded.error().param, "messages[0].content[0]");
}

TEST(OpenAiResponsesRequestOut, HostedToolsStayAtHome) {
    Target target;
    target.model = "m";
    for (const std::string type : {"web_search", "file_search", "code_interpreter", "image_generation", "mcp", "shell", "local_shell", "apply_patch",
                                   "namespace", "tool_search", "computer_use_preview"}) {
        const auto c = decode(request_with(R"(,"tools":[{"type":"function","name":"f"},{"type":")" + type + R"("}])"));
        for (const auto* codec : {&openai_chat(), &gemini(), &anthropic_messages()}) {
            const auto refused = codec->encode_request(c, target);
            ASSERT_FALSE(refused) << type << " to " << codec->name();
            EXPECT_EQ(refused.error().failure, Failure::invalid_request);
            EXPECT_EQ(refused.error().param, "tools[1].type") << type << " to " << codec->name();
        }
        EXPECT_EQ(encode(c)["tools"].size(), 2U) << type;
    }
    const auto server_tool = anthropic_messages().decode_request(
        R"({"model":"x","max_tokens":100,"messages":[{"role":"user","content":"q"}],"tools":[{"type":"web_search_20250305","name":"web_search"}]})");
    const auto encoded = encode_whole(*server_tool, reasoning_target());
    EXPECT_FALSE(Json::parse(encoded.body).contains("tools"));
    EXPECT_EQ(encoded.adjustments.names().size(), 1U);
}

}  // namespace
}  // namespace smg::codec
