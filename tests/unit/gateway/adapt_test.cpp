#include "gateway/adapt.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "codec/reasoning_envelope.hpp"
#include "unit/gateway/fixture.hpp"

namespace smg::gateway {
namespace {

using providers::ApiFormat;

class Adapt : public ::testing::Test {
protected:
    Adapt() {
        fleet_.add("openai", "http://127.0.0.1:1001", "sk-proj-stored");
        fleet_.add("anthropic", "http://127.0.0.1:1002/v1", "sk-ant-stored");
        fleet_.add("xai", "http://127.0.0.1:1003", "xai-stored");
        fleet_.add("gemini", "http://127.0.0.1:1004", "AIza-stored");
    }

    UpstreamRequest adapted(testing::Asked& asked, const std::string& caller_key = {}, ApiFormat format = ApiFormat::openai_chat) {
        Call call(format, asked.request);
        const auto read = read_call(call);
        EXPECT_TRUE(read) << read.error().message;
        call.credentials.caller_key = Secret(caller_key);
        call.credentials.was_bearer = !caller_key.empty();
        choice_ = fleet_.choose(call.model, caller_key);
        EXPECT_TRUE(choice_.worker);
        DecodedRequest decoded;
        UpstreamRequest out;
        const auto result = adapt(call, choice_, decoded, out);
        EXPECT_TRUE(result) << result.error().message;
        body_ = out.body;
        return out;
    }

    testing::Fleet fleet_;
    routing::Choice choice_;
    std::string body_;
};

TEST_F(Adapt, SameFormatPassesTheBytes) {
    const std::string body = "{ \"model\":\"gpt-4o\", \"temperature\":0.70, \"mystery\":{\"a\":[1e-3]},\n\"messages\":[] }";
    testing::Asked asked(body);
    const auto sent = adapted(asked);
    EXPECT_TRUE(sent.same_format);
    EXPECT_EQ(body_, body);
    EXPECT_EQ(sent.target, "/v1/chat/completions");
    EXPECT_EQ(sent.fields.get("authorization"), "Bearer sk-proj-stored");
}

TEST_F(Adapt, AStreamAsksForItsUsage) {
    testing::Asked asked(R"({"model":"grok-4","stream":true,"messages":[]})");
    const auto sent = adapted(asked);
    EXPECT_TRUE(sent.usage_injected);
    EXPECT_EQ(body_, R"({"stream_options":{"include_usage":true},"model":"grok-4","stream":true,"messages":[]})");
}

TEST_F(Adapt, EngineFieldsDoNotReachTheHostedProviders) {
    testing::Asked asked(R"({"model":"gpt-4o","top_k":3,"messages":[],"regex":"a+"})");
    const auto sent = adapted(asked);
    EXPECT_EQ(body_, R"({"model":"gpt-4o","messages":[]})");
}

TEST_F(Adapt, ForeignReasoningChangesNothingElse) {
    const auto word = codec::wrap_reasoning(codec::Origin::anthropic, "s:S");
    const auto details = R"("reasoning_details":[{"type":"thinking","signature":")" + word + R"("}])";
    testing::Asked asked(R"({"model":"grok-4","min_p":0.1,"messages":[{"role":"assistant","content":"a",)" + details +
                         R"(}],"priority":3,"logit_bias":{"1":0.50},"stream":true})");
    const auto sent = adapted(asked);
    EXPECT_EQ(body_, R"({"stream_options":{"include_usage":true},"model":"grok-4","messages":[{"role":"assistant","content":"a"}],)"
                     R"("logit_bias":{"1":0.50},"stream":true})");
    EXPECT_TRUE(sent.usage_injected);

    // What its provider's store knows is none of the gateway's business, whatever else the request holds.
    const auto item = R"({"type":"reasoning","summary":[],"encrypted_content":")" + codec::wrap_reasoning(codec::Origin::gemini, "s:S") + R"("})";
    const std::string rest = R"({"type":"item_reference","id":"msg_1"}],"conversation":"conv_1","background":true,"prompt":{"id":"pmpt_1"}})";
    testing::Asked stored(R"({"model":"gpt-5.4","input":[)" + item + "," + rest);
    EXPECT_TRUE(adapted(stored, {}, ApiFormat::openai_responses).same_format);
    EXPECT_EQ(body_, R"({"model":"gpt-5.4","input":[)" + rest);
}

TEST_F(Adapt, AnthropicGetsItsOwnHeadersAndBody) {
    testing::Asked asked(
        R"({"model":"claude-sonnet-4-20250514","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"}]})");
    asked.request.head.fields.add("cookie", "session=1");
    asked.request.head.fields.add("x-forwarded-for", "203.0.113.9");
    asked.request.head.fields.add("openai-organization", "org-1");
    const auto sent = adapted(asked);
    EXPECT_FALSE(sent.same_format);
    EXPECT_EQ(sent.target, "/v1/messages");
    EXPECT_EQ(sent.fields.get("x-api-key"), "sk-ant-stored");
    EXPECT_EQ(sent.fields.get("anthropic-version"), "2023-06-01");
    EXPECT_FALSE(sent.fields.contains("authorization"));
    for (const auto* name : {"cookie", "x-forwarded-for", "openai-organization"}) EXPECT_FALSE(sent.fields.contains(name)) << name;
    const auto body = nlohmann::json::parse(body_);
    EXPECT_EQ(body["model"], "claude-sonnet-4-20250514");
    EXPECT_TRUE(body.contains("system"));
    EXPECT_TRUE(body.contains("max_tokens"));
}

TEST_F(Adapt, AnotherAttemptSaysAllOfIt) {
    testing::Asked asked(R"({"model":"claude-sonnet-4-20250514","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"},)"
                         R"({"role":"assistant","content":"Hello"},{"role":"user","content":"And now?"}]})");
    Call call(ApiFormat::openai_chat, asked.request);
    ASSERT_TRUE(read_call(call));
    choice_ = fleet_.choose(call.model, {});
    DecodedRequest decoded;
    UpstreamRequest first, second;
    ASSERT_TRUE(adapt(call, choice_, decoded, first));
    EXPECT_FALSE(decoded.whole);
    ASSERT_TRUE(decoded.conversation);
    ASSERT_EQ(decoded.conversation->turns.size(), 1U);  // what an answer may repeat
    EXPECT_EQ(decoded.conversation->turns.front().role, codec::Role::system);
    ASSERT_TRUE(adapt(call, choice_, decoded, second));
    EXPECT_NE(first.own_body.find("And now?"), std::string::npos);
    EXPECT_EQ(second.own_body, first.own_body);
}

TEST_F(Adapt, GeminiIsAddressedByPath) {
    testing::Asked asked(R"({"model":"gemini-2.5-flash","stream":true,"messages":[{"role":"user","content":"Hi"}]})");
    const auto sent = adapted(asked);
    EXPECT_EQ(sent.target, "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse");
    EXPECT_EQ(sent.fields.get("x-goog-api-key"), "AIza-stored");
    EXPECT_EQ(sent.fields.get("accept"), "text/event-stream");
}

TEST_F(Adapt, ACallersBearerStaysABearerOnASameFormatPass) {
    testing::Asked asked(R"({"model":"claude-sonnet-4-20250514","max_tokens":9,"messages":[{"role":"user","content":"Hi"}]})");
    const auto sent = adapted(asked, "sk-ant-caller", ApiFormat::anthropic_messages);
    EXPECT_EQ(sent.fields.get("authorization"), "Bearer sk-ant-caller");
    EXPECT_FALSE(sent.fields.contains("x-api-key"));
}

TEST_F(Adapt, ACallersKeyIsRewrittenOnATranslation) {
    testing::Asked asked(R"({"model":"claude-sonnet-4-20250514","messages":[{"role":"user","content":"Hi"}]})");
    const auto sent = adapted(asked, "sk-ant-caller");
    EXPECT_EQ(sent.fields.get("x-api-key"), "sk-ant-caller");
    EXPECT_FALSE(sent.fields.contains("authorization"));
}

TEST_F(Adapt, GeminisOwnClientsPassToo) {
    testing::Asked asked(R"({"contents":[{"role":"user","parts":[{"text":"Hi"}]}]})");
    asked.request.path = "/v1beta/models/gemini-2.5-flash:streamGenerateContent";
    asked.request.parameters.emplace_back("model", "gemini-2.5-flash");
    asked.request.query = "alt=sse&key=AIza-in-the-query-0123456789012345678";
    const auto sent = adapted(asked, {}, ApiFormat::gemini);
    EXPECT_TRUE(sent.same_format);
    EXPECT_EQ(sent.target.find("AIza"), std::string::npos);
    EXPECT_EQ(body_, asked.request.body);
}

TEST_F(Adapt, GeminisClientsPassWithoutEventsToo) {
    testing::Asked asked(R"({ "contents":[{"parts":[{"text":"Hi"}]}],"generationConfig":{"responseSchema":{"type":"OBJECT"},"topP":0.50}})");
    asked.request.path = "/v1beta/models/gemini-2.5-flash:streamGenerateContent";
    asked.request.parameters.emplace_back("model", "gemini-2.5-flash");
    const auto sent = adapted(asked, {}, ApiFormat::gemini);
    EXPECT_TRUE(sent.same_format);
    EXPECT_TRUE(sent.target.ends_with(":streamGenerateContent?alt=sse")) << sent.target;
    EXPECT_EQ(body_, asked.request.body);
}

TEST(ReadCall, NamesWhatIsWrong) {
    testing::Asked no_model(R"({"messages":[]})");
    Call call(ApiFormat::openai_chat, no_model.request);
    EXPECT_EQ(read_call(call).error().param, "model");

    testing::Asked form("model=a");
    form.request.head.fields.add("content-type", "application/x-www-form-urlencoded");
    Call formed(ApiFormat::openai_chat, form.request);
    EXPECT_EQ(read_call(formed).error().failure, Failure::unsupported_media_type);

    testing::Asked slow(R"({"model":"gpt-4o"})");
    slow.request.head.fields.add("x-smg-timeout-ms", "soon");
    Call timed(ApiFormat::openai_chat, slow.request);
    EXPECT_EQ(read_call(timed).error().param, "X-SMG-Timeout-Ms");
}

}  // namespace
}  // namespace smg::gateway
