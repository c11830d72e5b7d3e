#include "openai_chat_testing.hpp"

namespace smg::codec {
namespace {

using namespace chat_testing;

struct Bad {
    std::string body;
    std::string param;
    std::string message;  ///< a piece of it
};

void expect_refused(const Bad& bad) {
    SCOPED_TRACE(bad.body);
    const auto conversation = openai_chat().decode_request(bad.body);
    ASSERT_FALSE(conversation);
    EXPECT_EQ(conversation.error().failure, Failure::invalid_request);
    EXPECT_EQ(conversation.error().param, bad.param);
    EXPECT_NE(conversation.error().message.find(bad.message), std::string::npos) << conversation.error().message;
}

TEST(OpenAiChatBadRequest, TheBody) {
    for (const auto& bad : std::vector<Bad>{
             {"", "", "not valid JSON"},
             {"{", "", "not valid JSON"},
             {"\"x\"", "", "expected an object, but got a string"},
             {"[]", "", "expected an object, but got an array"},
             {"{}", "model", "Missing required parameter: 'model'."},
             {R"({"model":"m"})", "messages", "Missing required parameter: 'messages'."},
             {R"({"messages":[]})", "model", "Missing"},
             {R"({"model":7,"messages":[]})", "model", "Invalid type for 'model': expected a string, but got an integer instead."},
             {R"({"model":null,"messages":[]})", "model", "got null"},
             {R"({"model":"","messages":[]})", "model", "empty string"},
             {R"({"model":"a","messages":[{"role":"user","content":"x"}],"model":"b"})", "model", "Duplicate parameter: 'model'."},
             {R"({"model":"a","messages":[],"mod\u0065l":"b"})", "model", "Duplicate"},
             {R"({"model":"a","messages":[{"role":"user","content":"x"}],"x":1,"x":2})", "x", "Duplicate"},
             {R"({"model":"m","messages":{}})", "messages", "expected an array, but got an object"},
             {R"({"model":"m","messages":[]})", "messages", "minimum length 1"},
             {R"({"model":"m","messages":["x"]})", "messages[0]", "expected an object"},
         })
        expect_refused(bad);
}

TEST(OpenAiChatBadRequest, ManyMembersWithOneTwin) {
    std::string members;
    for (int i = 0; i < 100; ++i) members += ",\"k" + std::to_string(i) + "\":0";
    expect_refused({request_with(members + ",\"k42\":1"), "k42", "Duplicate parameter: 'k42'."});
    EXPECT_TRUE(openai_chat().decode_request(request_with(members)));
}

TEST(OpenAiChatBadRequest, Messages) {
    for (const auto& bad : std::vector<Bad>{
             {R"([{"content":"x"}])", "messages[0].role", "Missing required parameter: 'messages[0].role'."},
             {R"([{"role":"user","content":"x"},{"role":"robot","content":"x"}])", "messages[1].role",
              "Invalid value: 'robot'. Supported values are: 'system'"},
             {R"([{"role":3,"content":"x"}])", "messages[0].role", "expected a string"},
             {R"([{"role":"user","role":"system","content":"x"}])", "messages[0].role", "Duplicate"},
             {R"([{"role":"user"}])", "messages[0].content", "Missing"},
             {R"([{"role":"user","content":null}])", "messages[0].content", "got null"},
             {R"([{"role":"user","content":1.5}])", "messages[0].content", "got a decimal number"},
             {R"([{"role":"user","content":"a"},{"role":"user","content":"b"},{"role":"user","content":{}}])", "messages[2].content",
              "got an object"},
             {R"([{"role":"user","content":"x","name":1}])", "messages[0].name", "expected a string"},
             {R"([{"role":"system"}])", "messages[0].content", "Missing"},
             {R"([{"role":"assistant"}])", "messages[0].content", "Missing"},
             {R"([{"role":"assistant","content":null}])", "messages[0].content", "got null"},
             {R"([{"role":"assistant","content":"x","refusal":1}])", "messages[0].refusal", "expected a string"},
             {R"([{"role":"assistant","content":"x","reasoning_content":{}}])", "messages[0].reasoning_content", "expected a string"},
             {R"([{"role":"assistant","audio":"x"}])", "messages[0].audio", "expected an object"},
             {R"([{"role":"tool","content":"x"}])", "messages[0].tool_call_id", "Missing"},
             {R"([{"role":"tool","tool_call_id":"a"}])", "messages[0].content", "Missing"},
             {R"([{"role":"tool","tool_call_id":"a","content":3}])", "messages[0].content", "got an integer"},
             {R"([{"role":"function","content":"x"}])", "messages[0].name", "Missing"},
         })
        expect_refused({request_of(bad.body), bad.param, bad.message});
}

TEST(OpenAiChatBadRequest, Parts) {
    for (const auto& bad : std::vector<Bad>{
             {R"("x")", "messages[0].content[0]", "expected an object"},
             {R"({"text":"x"})", "messages[0].content[0].type", "Missing"},
             {R"({"type":"text"})", "messages[0].content[0].text", "Missing"},
             {R"({"type":"text","text":5})", "messages[0].content[0].text", "expected a string"},
             {R"({"type":"text","text":"a","cache_control":1})", "messages[0].content[0].cache_control", "expected an object"},
             {R"({"type":"hologram"})", "messages[0].content[0].type", "Invalid value: 'hologram'"},
             {R"({"type":"image_url"})", "messages[0].content[0].image_url", "Missing"},
             {R"({"type":"image_url","image_url":"https://x"})", "messages[0].content[0].image_url", "expected an object, but got a string"},
             {R"({"type":"image_url","image_url":{}})", "messages[0].content[0].image_url.url", "Missing"},
             {R"({"type":"image_url","image_url":{"url":""}})", "messages[0].content[0].image_url.url", "empty"},
             {R"({"type":"image_url","image_url":{"url":"data:image/png,abc"}})", "messages[0].content[0].image_url.url", "base64"},
             {R"({"type":"image_url","image_url":{"url":"data:nothing"}})", "messages[0].content[0].image_url.url", "base64"},
             {R"({"type":"image_url","image_url":{"url":"https://x","detail":[]}})", "messages[0].content[0].image_url.detail", "got an array"},
             {R"({"type":"input_audio","input_audio":{"data":"x"}})", "messages[0].content[0].input_audio.format", "Missing"},
             {R"({"type":"input_audio","input_audio":{"format":"wav"}})", "messages[0].content[0].input_audio.data", "Missing"},
             {R"({"type":"file","file":{}})", "messages[0].content[0].file.file_data", "Missing"},
             {R"({"type":"file","file":{"file_data":{}}})", "messages[0].content[0].file.file_data", "expected a string"},
             {R"({"type":"file","file":{"file_data":"data:text/plain,x"}})", "messages[0].content[0].file.file_data", "base64"},
         })
        expect_refused({request_of(R"([{"role":"user","content":[)" + bad.body + "]}]"), bad.param, bad.message});
    expect_refused({request_of(R"([{"role":"system","content":[{"type":"image_url","image_url":{"url":"https://x"}}]}])"),
                    "messages[0].content[0].type", "Supported values are: 'text'."});
    expect_refused({request_of(R"([{"role":"tool","tool_call_id":"c","content":[{"type":"text","text":"a"},{"type":"text"}]}])"),
                    "messages[0].content[1].text", "Missing"});
}

TEST(OpenAiChatBadRequest, ToolCalls) {
    for (const auto& bad : std::vector<Bad>{
             {R"({})", "messages[0].tool_calls", "expected an array"},
             {R"([1])", "messages[0].tool_calls[0]", "expected an object"},
             {R"([{"type":"function","function":{"name":"f","arguments":""}}])", "messages[0].tool_calls[0].id", "Missing"},
             {R"([{"id":1,"type":"function","function":{"name":"f","arguments":""}}])", "messages[0].tool_calls[0].id", "expected a string"},
             {R"([{"id":"a","type":"magic"}])", "messages[0].tool_calls[0].type", "Invalid value: 'magic'"},
             {R"([{"id":"a","type":"function"}])", "messages[0].tool_calls[0].function", "Missing"},
             {R"([{"id":"a","type":"function","function":{"arguments":""}}])", "messages[0].tool_calls[0].function.name", "Missing"},
             {R"([{"id":"a","type":"function","function":{"name":"f","arguments":{}}}])", "messages[0].tool_calls[0].function.arguments",
              "got an object"},
             {R"([{"id":"a","type":"custom","custom":{"name":"f","input":1}}])", "messages[0].tool_calls[0].custom.input", "expected a string"},
         })
        expect_refused({request_of(R"([{"role":"assistant","tool_calls":)" + bad.body + "}]"), bad.param, bad.message});
    expect_refused({request_of(R"([{"role":"assistant","function_call":{"arguments":"{}"}}])"), "messages[0].function_call.name", "Missing"});
}

TEST(OpenAiChatBadRequest, Tools) {
    for (const auto& bad : std::vector<Bad>{
             {R"("tools":{})", "tools", "expected an array"},
             {R"("tools":[[]])", "tools[0]", "expected an object"},
             {R"("tools":[{}])", "tools[0].type", "Missing"},
             {R"("tools":[{"type":"function"}])", "tools[0].function", "Missing"},
             {R"("tools":[{"type":"function","function":{}}])", "tools[0].function.name", "Missing"},
             {R"("tools":[{"type":"function","function":{"name":1}}])", "tools[0].function.name", "expected a string"},
             {R"("tools":[{"type":"function","function":{"name":""}}])", "tools[0].function.name", "empty string"},
             {R"("tools":[{"type":"function","function":{"name":"f"}},{"type":"function","function":{"name":"g","parameters":"{}"}}])",
              "tools[1].function.parameters", "expected an object"},
             {R"("tools":[{"type":"function","function":{"name":"f","strict":"yes"}}])", "tools[0].function.strict", "expected a boolean"},
             {R"("tools":[{"type":"function","function":{"name":"f","description":1}}])", "tools[0].function.description", "expected a string"},
             {R"("tools":[{"type":"custom","custom":{"name":"f","format":"text"}}])", "tools[0].custom.format", "expected an object"},
             {R"("functions":"f")", "functions", "expected an array"},
             {R"("functions":[{"parameters":{}}])", "functions[0].name", "Missing"},
             {R"("tools":[],"functions":[])", "functions", "cannot both be given"},
             {R"("tool_choice":"maybe")", "tool_choice", "Invalid value: 'maybe'"},
             {R"("tool_choice":1)", "tool_choice", "expected a string or an object"},
             {R"("tool_choice":{"type":"tool"})", "tool_choice.type", "Invalid value: 'tool'"},
             {R"("tool_choice":{"type":"function"})", "tool_choice.function", "Missing"},
             {R"("tool_choice":{"type":"function","function":{"name":2}})", "tool_choice.function.name", "expected a string"},
             {R"("tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"any","tools":[]}})", "tool_choice.allowed_tools.mode",
              "Invalid value: 'any'"},
             {R"("tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto"}})", "tool_choice.allowed_tools.tools", "Missing"},
             {R"("tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function"}]}})",
              "tool_choice.allowed_tools.tools[0].function", "Missing"},
             {R"("function_call":"required")", "function_call", "Invalid value"},
             {R"("function_call":{})", "function_call.name", "Missing"},
             {R"("parallel_tool_calls":1)", "parallel_tool_calls", "expected a boolean"},
         })
        expect_refused({request_with("," + bad.body), bad.param, bad.message});
}

TEST(OpenAiChatBadRequest, Settings) {
    for (const auto& bad : std::vector<Bad>{
             {R"("temperature":"hot")", "temperature", "expected a number, but got a string"},
             {R"("top_p":[])", "top_p", "expected a number"},
             {R"("max_tokens":0)", "max_tokens", "integer below minimum value"},
             {R"("max_completion_tokens":-1)", "max_completion_tokens", "Expected a value >= 1, but got -1"},
             {R"("max_completion_tokens":1.5)", "max_completion_tokens", "expected an integer, but got a decimal number"},
             {R"("max_completion_tokens":"5")", "max_completion_tokens", "expected an integer"},
             {R"("n":0)", "n", "integer below minimum value"},
             {R"("seed":"x")", "seed", "expected an integer"},
             {R"("logprobs":"x")", "logprobs", "expected a boolean"},
             {R"("top_logprobs":-1)", "top_logprobs", "below minimum"},
             {R"("stop":5)", "stop", "expected a string or an array of strings"},
             {R"("stop":["a",1])", "stop[1]", "expected a string"},
             {R"("stream":"true")", "stream", "expected a boolean"},
             {R"("stream_options":true)", "stream_options", "expected an object"},
             {R"("stream_options":{"include_usage":1})", "stream_options.include_usage", "expected a boolean"},
             {R"("response_format":"json")", "response_format", "expected an object"},
             {R"("response_format":{})", "response_format.type", "Missing"},
             {R"("response_format":{"type":"xml"})", "response_format.type", "Invalid value: 'xml'"},
             {R"("response_format":{"type":"json_schema"})", "response_format.json_schema", "Missing"},
             {R"("response_format":{"type":"json_schema","json_schema":{"schema":{}}})", "response_format.json_schema.name", "Missing"},
             {R"("response_format":{"type":"json_schema","json_schema":{"name":"n","schema":[]}})", "response_format.json_schema.schema",
              "expected an object"},
             {R"("reasoning_effort":3)", "reasoning_effort", "expected a string"},
             {R"("user":{})", "user", "expected a string"},
             {R"("metadata":[])", "metadata", "expected an object"},
             {R"("logit_bias":[])", "logit_bias", "expected an object"},
             {R"("modalities":"text")", "modalities", "expected an array"},
             {R"("audio":"alloy")", "audio", "expected an object"},
             {R"("service_tier":1)", "service_tier", "expected a string"},
             {R"("store":"no")", "store", "expected a boolean"},
         })
        expect_refused({request_with("," + bad.body), bad.param, bad.message});
}

TEST(OpenAiChatBadRequest, QuotedValuesAreShortAndCleanText) {
    const auto long_word = std::string(63, 'x') + "\xC3\xA9" + std::string(100, 'y');
    const auto refused = openai_chat().decode_request(request_with(R"(,"tool_choice":")" + long_word + "\""));
    ASSERT_FALSE(refused);
    EXPECT_LT(refused.error().message.size(), 160U);
    EXPECT_NO_THROW((void)Json(refused.error().message).dump()) << "cut between characters";
    expect_refused({request_with(",\"tool_choice\":\"a\\nb\""), "tool_choice", "'a b'"});
}

TEST(OpenAiChatBadRequest, NestingHasALimit) {
    const auto deep = std::string(5000, '[') + std::string(5000, ']');
    EXPECT_FALSE(openai_chat().decode_request(request_with(",\"metadata\":" + deep)));
}

}  // namespace
}  // namespace smg::codec
