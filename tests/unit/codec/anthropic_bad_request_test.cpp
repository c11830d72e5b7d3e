/// Every wrong type and missing field of a Messages request is an error that names the field.
#include "unit/codec/anthropic_testing.hpp"

namespace smg::codec {
namespace {

using namespace messages_testing;

struct Bad {
    std::string body;
    std::string field;
};

std::string message(std::string_view content) { return request_body(R"([{"role":"user","content":)" + std::string(content) + "}]"); }
std::string block(std::string_view members) { return message("[{" + std::string(members) + "}]"); }
std::string member(std::string_view text) { return request_body(hello, text); }
std::string tool(std::string_view text) { return member(R"("tools":[)" + std::string(text) + "]"); }

class AnthropicBadRequest : public testing::TestWithParam<Bad> {};

TEST_P(AnthropicBadRequest, NamesTheField) {
    const auto decoded = anthropic_messages().decode_request(GetParam().body);
    ASSERT_FALSE(decoded) << GetParam().body;
    EXPECT_EQ(decoded.error().failure, Failure::invalid_request);
    EXPECT_EQ(decoded.error().param, GetParam().field) << decoded.error().message;
    EXPECT_TRUE(decoded.error().message.starts_with(GetParam().field)) << decoded.error().message;
}

INSTANTIATE_TEST_SUITE_P(Body, AnthropicBadRequest,
                         testing::Values(Bad{"", ""}, Bad{"{", ""}, Bad{"[]", ""}, Bad{"\"x\"", ""}, Bad{"null", ""}, Bad{"{}", "model"},
                                         Bad{R"({"model":"m","messages":[]})", "max_tokens"}, Bad{R"({"model":"m","max_tokens":1})", "messages"},
                                         Bad{R"({"model":null,"max_tokens":1,"messages":[]})", "model"},
                                         Bad{R"({"model":1,"max_tokens":1,"messages":[]})", "model"},
                                         Bad{R"({"model":"","max_tokens":1,"messages":[]})", "model"},
                                         Bad{R"({"model":"a","model":"b","max_tokens":1,"messages":[]})", "model"},
                                         Bad{R"({"model":"m","max_tokens":"1","messages":[]})", "max_tokens"},
                                         Bad{R"({"model":"m","max_tokens":1.5,"messages":[]})", "max_tokens"},
                                         Bad{R"({"model":"m","max_tokens":-1,"messages":[]})", "max_tokens"},
                                         Bad{R"({"model":"m","max_tokens":1,"messages":{}})", "messages"},
                                         Bad{R"({"model":"m","max_tokens":1,"messages":[]})", "messages"}));

INSTANTIATE_TEST_SUITE_P(Settings, AnthropicBadRequest,
                         testing::Values(Bad{member(R"("temperature":"1")"), "temperature"}, Bad{member(R"("top_p":[])"), "top_p"},
                                         Bad{member(R"("top_k":1.5)"), "top_k"}, Bad{member(R"("stream":"yes")"), "stream"},
                                         Bad{member(R"("stop_sequences":"a")"), "stop_sequences"},
                                         Bad{member(R"("stop_sequences":["a",1])"), "stop_sequences[1]"}, Bad{member(R"("metadata":[])"), "metadata"},
                                         Bad{member(R"("metadata":{"user_id":1})"), "metadata.user_id"},
                                         Bad{member(R"("service_tier":1)"), "service_tier"}, Bad{member(R"("cache_control":"x")"), "cache_control"},
                                         Bad{member(R"("thinking":true)"), "thinking"}, Bad{member(R"("thinking":{})"), "thinking.type"},
                                         Bad{member(R"("output_config":1)"), "output_config"},
                                         Bad{member(R"("output_config":{"effort":1})"), "output_config.effort"},
                                         Bad{member(R"("output_config":{"format":{"type":"x"}})"), "output_config.format.type"},
                                         Bad{member(R"("output_config":{"format":{"type":"json_schema"}})"), "output_config.format.schema"},
                                         Bad{member(R"("system":1)"), "system"}, Bad{member(R"("system":[1])"), "system[0]"},
                                         Bad{member(R"("system":[{"type":"text"}])"), "system[0].text"}));

INSTANTIATE_TEST_SUITE_P(
    Tools, AnthropicBadRequest,
    testing::Values(Bad{member(R"("tools":{})"), "tools"}, Bad{tool("1"), "tools[0]"}, Bad{tool("{}"), "tools[0].name"},
                    Bad{tool(R"({"name":"f"})"), "tools[0].input_schema"}, Bad{tool(R"({"name":"f","input_schema":[]})"), "tools[0].input_schema"},
                    Bad{tool(R"({"name":"f","input_schema":{},"description":1})"), "tools[0].description"},
                    Bad{tool(R"({"name":"f","input_schema":{},"strict":1})"), "tools[0].strict"}, Bad{tool(R"({"type":1})"), "tools[0].type"},
                    Bad{tool(R"({"name":"f","input_schema":{},"cache_control":1})"), "tools[0].cache_control"},
                    Bad{member(R"("tool_choice":"auto")"), "tool_choice"}, Bad{member(R"("tool_choice":{})"), "tool_choice.type"},
                    Bad{member(R"("tool_choice":{"type":"some"})"), "tool_choice.type"},
                    Bad{member(R"("tool_choice":{"type":"tool"})"), "tool_choice.name"},
                    Bad{member(R"("tool_choice":{"type":"auto","disable_parallel_tool_use":"x"})"), "tool_choice.disable_parallel_tool_use"}));

INSTANTIATE_TEST_SUITE_P(
    Messages, AnthropicBadRequest,
    testing::Values(Bad{request_body("[1]"), "messages[0]"}, Bad{request_body("[{}]"), "messages[0].role"},
                    Bad{request_body(R"([{"role":1}])"), "messages[0].role"},
                    Bad{request_body(R"([{"role":"tool","content":"x"}])"), "messages[0].role"},
                    Bad{request_body(R"([{"role":"user"}])"), "messages[0].content"}, Bad{message("null"), "messages[0].content"},
                    Bad{message("{}"), "messages[0].content"}, Bad{message("[1]"), "messages[0].content[0]"},
                    Bad{block(""), "messages[0].content[0].type"}, Bad{block(R"("type":1)"), "messages[0].content[0].type"},
                    Bad{block(R"("type":"text")"), "messages[0].content[0].text"},
                    Bad{block(R"("type":"text","text":null)"), "messages[0].content[0].text"},
                    Bad{block(R"("type":"text","text":"x","citations":{})"), "messages[0].content[0].citations"},
                    Bad{block(R"("type":"text","text":"x","cache_control":1)"), "messages[0].content[0].cache_control"},
                    Bad{block(R"("type":"text","type":"text","text":"x")"), "messages[0].content[0].type"},
                    Bad{block(R"("type":"image")"), "messages[0].content[0].source"},
                    Bad{block(R"("type":"image","source":{})"), "messages[0].content[0].source.type"},
                    Bad{block(R"("type":"image","source":{"type":"base64"})"), "messages[0].content[0].source.media_type"},
                    Bad{block(R"("type":"image","source":{"type":"base64","media_type":"image/png"})"), "messages[0].content[0].source.data"},
                    Bad{block(R"("type":"image","source":{"type":"url"})"), "messages[0].content[0].source.url"},
                    Bad{block(R"("type":"document","source":{"type":"file"})"), "messages[0].content[0].source.file_id"},
                    Bad{block(R"("type":"document","source":{"type":"url","url":"x"},"title":1)"), "messages[0].content[0].title"},
                    Bad{block(R"("type":"tool_use","name":"f","input":{})"), "messages[0].content[0].id"},
                    Bad{block(R"("type":"tool_use","id":"a","input":{})"), "messages[0].content[0].name"},
                    Bad{block(R"("type":"tool_use","id":"a","name":"f","input":"{}")"), "messages[0].content[0].input"},
                    Bad{block(R"("type":"tool_result")"), "messages[0].content[0].tool_use_id"},
                    Bad{block(R"("type":"tool_result","tool_use_id":"a","content":1)"), "messages[0].content[0].content"},
                    Bad{block(R"("type":"tool_result","tool_use_id":"a","content":[{"type":"text"}])"), "messages[0].content[0].content[0].text"},
                    Bad{block(R"("type":"tool_result","tool_use_id":"a","is_error":"x")"), "messages[0].content[0].is_error"},
                    Bad{block(R"("type":"thinking")"), "messages[0].content[0].thinking"},
                    Bad{block(R"("type":"thinking","thinking":"x","signature":1)"), "messages[0].content[0].signature"},
                    Bad{block(R"("type":"redacted_thinking")"), "messages[0].content[0].data"}));

}  // namespace
}  // namespace smg::codec
