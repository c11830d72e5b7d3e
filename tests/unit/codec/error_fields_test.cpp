// A bad request is told the name of what is wrong in it: each member of a full request of each format, one after the other, is given a value of
// another type, or taken out. Whatever is refused must be named as the client wrote it.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "codec/codec.hpp"

namespace smg::codec {
namespace {

using Json = nlohmann::ordered_json;

struct Format {
    const Codec& (*codec)();
    const char* body;
    /// Members whose value says what the others around them are: with another, the error may name a sibling.
    std::vector<std::string> deciders;
};

const Format chat{openai_chat, R"({
    "model":"gpt-4o","store":false,"stream":true,"stream_options":{"include_usage":true},"temperature":0.5,"top_p":1,"top_k":3,"n":1,"seed":7,
    "max_tokens":10,"max_completion_tokens":10,"frequency_penalty":0.1,"presence_penalty":0.1,"logprobs":true,"top_logprobs":2,"stop":["a","b"],
    "user":"u","safety_identifier":"s","service_tier":"auto","reasoning_effort":"low","verbosity":"low","prompt_cache_key":"k",
    "parallel_tool_calls":true,"metadata":{"a":"b"},"logit_bias":{"1":2},"modalities":["text"],"audio":{"voice":"alloy","format":"wav"},
    "prediction":{"type":"content","content":"x"},"web_search_options":{},"cache_control":{"type":"ephemeral"},
    "response_format":{"type":"json_schema","json_schema":{"name":"n","description":"d","schema":{"type":"object"},"strict":true}},
    "tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object"},"strict":true},
        "cache_control":{"type":"ephemeral"}},
        {"type":"custom","custom":{"name":"c","description":"d","format":{"type":"text"}}}],
    "tool_choice":{"type":"function","function":{"name":"f"}},
    "messages":[{"role":"system","content":[{"type":"text","text":"S"}]},{"role":"developer","content":"D"},
        {"role":"user","name":"n","content":[{"type":"text","text":"x","cache_control":{"type":"ephemeral"}},
            {"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo=","detail":"low"}},
            {"type":"input_audio","input_audio":{"data":"aGk=","format":"wav"}},
            {"type":"file","file":{"file_data":"data:application/pdf;base64,JVBERi0=","filename":"a.pdf"}}]},
        {"role":"assistant","content":"a","refusal":"r","reasoning_content":"t",
            "tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}},
                {"id":"c2","type":"custom","custom":{"name":"c","input":"i"}}]},
        {"role":"tool","tool_call_id":"c1","content":[{"type":"text","text":"R"}]},{"role":"tool","tool_call_id":"c2","content":"R"}]})",
    {"role", "type"}};

const Format messages{anthropic_messages, R"({
    "model":"claude-sonnet-4-5","max_tokens":100,"stream":true,"temperature":0.5,"top_p":0.9,"top_k":3,"stop_sequences":["a","b"],
        "service_tier":"auto",
    "metadata":{"user_id":"u"},"cache_control":{"type":"ephemeral"},"thinking":{"type":"enabled","budget_tokens":1024},
    "output_config":{"effort":"low","format":{"type":"json_schema","schema":{"type":"object"}}},
    "system":[{"type":"text","text":"S","cache_control":{"type":"ephemeral"}}],
    "tools":[{"name":"f","description":"d","input_schema":{"type":"object"},"strict":true,"cache_control":{"type":"ephemeral"}},
        {"type":"web_search_20250305","name":"web_search"}],
    "tool_choice":{"type":"tool","name":"f","disable_parallel_tool_use":true},
    "messages":[{"role":"user","content":[{"type":"text","text":"x","cache_control":{"type":"ephemeral"}},
            {"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw0KGgo="}},
            {"type":"image","source":{"type":"url","url":"https://a/b.png"}},
            {"type":"document","source":{"type":"text","media_type":"text/plain","data":"d"},"title":"t"}]},
        {"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"EpAB"},{"type":"redacted_thinking","data":"d"},
            {"type":"text","text":"a"},{"type":"tool_use","id":"t1","name":"f","input":{"a":1}}]},
        {"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","is_error":false,
            "content":[{"type":"text","text":"R"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw0KGgo="}}]}]},
        {"role":"user","content":"y"}]})",
    {"role", "type"}};

const Format responses{openai_responses, R"({
    "model":"gpt-5","store":false,"stream":true,"stream_options":{"include_obfuscation":false},"temperature":0.5,"top_p":1,"max_output_tokens":100,
    "top_logprobs":2,"user":"u","safety_identifier":"s","service_tier":"auto","prompt_cache_key":"k","parallel_tool_calls":true,
        "truncation":"disabled",
    "instructions":"S","metadata":{"a":"b"},"include":["reasoning.encrypted_content"],"reasoning":{"effort":"low","summary":"auto"},
    "text":{"verbosity":"low","format":{"type":"json_schema","name":"n","description":"d","schema":{"type":"object"},"strict":true}},
    "tools":[{"type":"function","name":"f","description":"d","parameters":{"type":"object"},"strict":true},
        {"type":"custom","name":"c","description":"d","format":{"type":"text"}}],
    "tool_choice":{"type":"function","name":"f"},
    "input":[{"role":"developer","content":"D"},
        {"type":"message","role":"user","content":[{"type":"input_text","text":"x"},
            {"type":"input_image","image_url":"data:image/png;base64,iVBORw0KGgo=","detail":"low"},
            {"type":"input_file","file_data":"data:application/pdf;base64,JVBERi0=","filename":"a.pdf"}]},
        {"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"t"}],"encrypted_content":"e"},
        {"type":"message","id":"m","role":"assistant","status":"completed","content":[{"type":"output_text","text":"a","annotations":[]},
            {"type":"refusal","refusal":"r"}]},
        {"type":"function_call","id":"fc","call_id":"c1","name":"f","arguments":"{}"},
        {"type":"custom_tool_call","call_id":"c2","name":"c","input":"i"},
        {"type":"function_call_output","call_id":"c1","output":"R"},
        {"type":"custom_tool_call_output","call_id":"c2","output":[{"type":"input_text","text":"R"}]}]})",
    {"role", "type"}};

const char* const gemini_camel = R"({
    "systemInstruction":{"parts":[{"text":"S"}]},"cachedContent":"c","safetySettings":[{"category":"A","threshold":"B"}],"serviceTier":"flex",
        "store":false,
    "generationConfig":{"temperature":0.5,"topP":1,"topK":3,"maxOutputTokens":100,"candidateCount":1,"seed":7,"presencePenalty":0.1,
        "frequencyPenalty":0.1,
        "responseLogprobs":true,"logprobs":2,"stopSequences":["a","b"],"responseMimeType":"application/json","responseJsonSchema":{"type":"object"},
        "responseModalities":["TEXT"],"thinkingConfig":{"thinkingBudget":1024,"includeThoughts":true}},
    "tools":[{"functionDeclarations":[{"name":"f","description":"d","parametersJsonSchema":{"type":"object"}}]}],
    "toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["f"]}},
    "contents":[{"role":"user","parts":[{"text":"x"},{"inlineData":{"mimeType":"image/png","data":"iVBORw0KGgo="}},
            {"fileData":{"mimeType":"image/png","fileUri":"https://g/files/a"}}]},
        {"role":"model","parts":[{"text":"t","thought":true,"thoughtSignature":"AQ=="},{"functionCall":{"id":"i","name":"f","args":{"a":1}},
            "thoughtSignature":"AQ=="}]},
        {"role":"user","parts":[{"functionResponse":{"id":"i","name":"f","response":{"b":1}}}]}]})";
const Format google{gemini, gemini_camel, {"role"}};
const Format google_snake{gemini, R"({
    "system_instruction":{"parts":[{"text":"S"}]},"cached_content":"c","safety_settings":[{"category":"A","threshold":"B"}],"service_tier":"flex",
    "generation_config":{"temperature":0.5,"top_p":1,"top_k":3,"max_output_tokens":100,"candidate_count":1,"presence_penalty":0.1,
        "frequency_penalty":0.1,
        "response_logprobs":true,"stop_sequences":["a","b"],"response_mime_type":"application/json","response_json_schema":{"type":"object"},
        "response_modalities":["TEXT"],"thinking_config":{"thinking_budget":1024,"include_thoughts":true}},
    "tools":[{"function_declarations":[{"name":"f","description":"d","parameters_json_schema":{"type":"object"}}]}],
    "tool_config":{"function_calling_config":{"mode":"ANY","allowed_function_names":["f"]}},
    "contents":[{"role":"user","parts":[{"text":"x"},{"inline_data":{"mime_type":"image/png","data":"iVBORw0KGgo="}},
            {"file_data":{"mime_type":"image/png","file_uri":"https://g/files/a"}}]},
        {"role":"model","parts":[{"text":"t","thought":true,"thought_signature":"AQ=="},{"function_call":{"name":"f","args":{"a":1}}}]},
        {"role":"user","parts":[{"function_response":{"name":"f","response":{"b":1}}}]}]})",
    {"role"}};

/// `/messages/0/content` as `messages[0].content`.
std::string written(const Json::json_pointer& pointer) {
    std::string out, rest = pointer.to_string();
    for (std::size_t at = 1; at < rest.size();) {
        const auto end = std::min(rest.find('/', at), rest.size());
        const auto token = rest.substr(at, end - at);
        const bool index = token.find_first_not_of("0123456789") == std::string::npos;
        out += index ? "[" + token + "]" : (out.empty() ? "" : ".") + token;
        at = end + 1;
    }
    return out;
}

void collect(const Json& value, const Json::json_pointer& at, std::vector<Json::json_pointer>& all) {
    if (!at.empty()) all.push_back(at);
    if (value.is_object())
        for (const auto& [name, below] : value.items()) collect(below, at / name, all);
    if (value.is_array())
        for (std::size_t i = 0; i < value.size(); ++i) collect(value[i], at / i, all);
}

/// Every member and item of a body.
std::vector<Json::json_pointer> places(const Json& body) {
    std::vector<Json::json_pointer> all;
    collect(body, Json::json_pointer(), all);
    return all;
}

/// What was refused, by its name; empty: nothing was.
std::string refused(const Format& format, const Json& body) {
    const auto decoded = format.codec().decode_request(body.dump());
    if (decoded) return {};
    EXPECT_EQ(decoded.error().failure, Failure::invalid_request);
    return decoded.error().param.empty() ? "(nothing named: " + decoded.error().message + ")" : decoded.error().param;
}

bool names(const std::string& param, const std::string& place) {
    if (!param.starts_with(place)) return false;
    const auto rest = std::string_view(param).substr(place.size());
    return rest.empty() || rest.front() == '.' || rest.front() == '[';  // what is missing in it
}

std::string camel_case(std::string name) {
    for (auto at = name.find('_'); at != std::string::npos; at = name.find('_', at)) {
        name.erase(at, 1);
        if (at < name.size()) name[at] = static_cast<char>(std::toupper(static_cast<unsigned char>(name[at])));
    }
    return name;
}

class ErrorFields : public testing::TestWithParam<std::reference_wrapper<const Format>> {};

TEST_P(ErrorFields, TheFullRequestIsRead) { EXPECT_EQ(refused(GetParam(), Json::parse(GetParam().get().body)), ""); }

TEST_P(ErrorFields, AWrongTypeIsNamed) {
    const Format& format = GetParam();
    const auto body = Json::parse(format.body);
    int found = 0;
    for (const auto& pointer : places(body))
        for (const auto& other : {Json(true), Json(3.5), Json("another"), Json::array(), Json::array({1}), Json::object(), Json(-1)}) {
            auto changed = body;
            changed[pointer] = other;
            const auto param = refused(format, changed);
            if (param.empty()) continue;
            ++found;
            const auto place = written(pointer);
            const bool decides = std::find(format.deciders.begin(), format.deciders.end(), pointer.back()) != format.deciders.end();
            const auto named = decides ? written(pointer.parent_pointer()) : place;
            EXPECT_TRUE(names(param, named)) << place << " = " << other << ": " << param;
        }
    EXPECT_GT(found, 150) << "bad requests are refused at all";
}

TEST_P(ErrorFields, WhatIsMissingIsNamed) {
    const Format& format = GetParam();
    const auto body = Json::parse(format.body);
    int found = 0;
    for (const auto& pointer : places(body)) {
        auto& parent = body.at(pointer.parent_pointer());
        if (!parent.is_object()) continue;
        auto changed = body;
        changed.at(pointer.parent_pointer()).erase(pointer.back());
        const auto param = refused(format, changed);
        if (param.empty()) continue;
        ++found;
        // A part whose only member is gone is itself no part.
        const auto place = written(pointer);
        const bool decides = std::find(format.deciders.begin(), format.deciders.end(), pointer.back()) != format.deciders.end();
        const auto around = written(pointer.parent_pointer());
        const auto camel = camel_case(pointer.back());  // how else could Gemini's snake be told what it did not write
        EXPECT_TRUE(param == place || param == around + "." + camel || ((decides || parent.size() == 1) && names(param, around)))
            << place << " missing: " << param;
    }
    EXPECT_GT(found, 3);
}

TEST_P(ErrorFields, AMemberGivenTwiceIsNamed) {
    const Format& format = GetParam();
    const std::string body = format.body;
    for (const std::string text : {R"("temperature":0.5)", R"("name":"f")", R"("data":"iVBORw0KGgo=")", R"("text":"x")"}) {
        const auto at = body.find(text);
        if (at == std::string::npos) continue;
        const auto decoded = format.codec().decode_request(body.substr(0, at) + text + "," + body.substr(at));
        if (decoded) continue;
        EXPECT_FALSE(decoded.error().param.empty()) << decoded.error().message;
    }
}

std::string format_name(const testing::TestParamInfo<std::reference_wrapper<const Format>>& info) {
    return (info.param.get().body == google_snake.body ? "snake_" : "") + std::string(info.param.get().codec().name());
}

INSTANTIATE_TEST_SUITE_P(EveryFormat, ErrorFields,
                         testing::Values(std::cref(chat), std::cref(messages), std::cref(responses), std::cref(google), std::cref(google_snake)),
                         format_name);

}  // namespace
}  // namespace smg::codec
