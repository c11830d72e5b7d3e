// W3C contexts, and what a collector is told: https://www.w3.org/TR/trace-context/ and https://opentelemetry.io/docs/specs/otlp/.
#include "telemetry/trace.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

namespace smg::telemetry {
namespace {

using Json = nlohmann::json;
constexpr auto caller = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

TEST(TraceParent, IsReadAndWrittenAlike) {
    const auto context = read_traceparent(caller);
    ASSERT_TRUE(context);
    EXPECT_TRUE(context->sampled);
    EXPECT_EQ(traceparent(*context), caller);
    EXPECT_FALSE(read_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00")->sampled);
    EXPECT_TRUE(read_traceparent("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-will-come")) << "a later version";
}

class NoTraceParent : public testing::TestWithParam<const char*> {};
TEST_P(NoTraceParent, BeginsATraceOfItsOwn) {
    EXPECT_FALSE(read_traceparent(GetParam()));
    const auto trace = Trace::begin(GetParam(), "vendor=1");
    EXPECT_EQ(trace.parent, SpanId{});
    EXPECT_TRUE(trace.state.empty()) << "the state belongs to the trace that was not understood";
}
INSTANTIATE_TEST_SUITE_P(
    All, NoTraceParent,
    testing::Values("", "00", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-extra",
                    "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                    "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
                    "00-0af7651916cd43dd8448eb211c80319c.b7ad6b7169203331-01", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-zz",
                    "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01what"));

TEST(TraceIds, AreNotTheSameTwice) {
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i) seen.insert(hex(new_trace_id()));
    for (int i = 0; i < 1000; ++i) seen.insert(hex(new_span_id()));
    EXPECT_EQ(seen.size(), 2000U);
}

/// A request that one worker failed and another answered.
TracedRequest traced() {
    TracedRequest made;
    auto& record = made.record;
    const RequestRecord::Moment start(std::chrono::seconds(100));
    record.started = start;
    record.first_output = start + std::chrono::milliseconds(250);
    record.ended = start + std::chrono::seconds(1);
    record.method = "POST";
    record.path = "/v1/chat/completions";
    record.target = "/v1/chat/completions?key=AIzaSySecretSecretSecretSecretSecret123";
    record.endpoint = "chat";
    record.provider = "gemini";
    record.model = "gemini-2.5-flash";
    record.request_id = "chatcmpl-1";
    record.status = 200;
    record.attempts = 2;
    record.outcome = Outcome::complete;
    record.usage.basis = UsageBasis::reported;
    record.usage.input = 12;
    record.usage.output = 34;
    made.trace = Trace::begin(caller, "vendor=1");
    for (const auto* worker : {"first", "second"}) {
        AttemptSpan attempt;
        attempt.worker = worker;
        attempt.provider = "gemini";
        attempt.model = "gemini-2.5-flash";
        attempt.begin = start + std::chrono::milliseconds(10);
        (void)made.trace.begin_attempt(attempt);
        const bool failed = attempt.worker == "first";
        made.trace.end_attempt(failed ? 503 : 200, failed ? "overloaded" : "", start + std::chrono::milliseconds(20));
    }
    return made;
}

Json attribute(const Json& span, const std::string& key) {
    for (const auto& each : span.at("attributes"))
        if (each.at("key") == key) return each.at("value");
    return nullptr;
}

TEST(Otlp, ARequestIsASpanAndEachAttemptItsChild) {
    const auto made = traced();
    const auto body = Json::parse(otlp_json({made}, "9.9", 1'000'000'000'000));
    const auto& resource = body.at("resourceSpans").at(0);
    EXPECT_EQ(resource.at("resource").at("attributes").at(0).at("value").at("stringValue"), "smg");
    const auto& spans = resource.at("scopeSpans").at(0).at("spans");
    ASSERT_EQ(spans.size(), 3U);
    const auto& request = spans[0];
    EXPECT_EQ(request.at("traceId"), "0af7651916cd43dd8448eb211c80319c") << "the caller's trace goes on";
    EXPECT_EQ(request.at("parentSpanId"), "b7ad6b7169203331");
    EXPECT_EQ(request.at("traceState"), "vendor=1");
    EXPECT_EQ(request.at("name"), "POST /v1/chat/completions");
    EXPECT_EQ(request.at("kind"), 2);
    EXPECT_EQ(request.at("startTimeUnixNano"), "1100000000000");
    EXPECT_EQ(request.at("endTimeUnixNano"), "1101000000000");
    EXPECT_EQ(attribute(request, "gen_ai.operation.name").at("stringValue"), "chat");
    EXPECT_EQ(attribute(request, "gen_ai.provider.name").at("stringValue"), "gcp.gemini");
    EXPECT_EQ(attribute(request, "gen_ai.usage.output_tokens").at("intValue"), "34");
    EXPECT_EQ(attribute(request, "gen_ai.response.time_to_first_chunk").at("doubleValue"), 0.25);
    EXPECT_TRUE(attribute(request, "error.type").is_null());
    EXPECT_FALSE(request.contains("status"));
    for (const auto& child : {spans[1], spans[2]}) {
        EXPECT_EQ(child.at("parentSpanId"), request.at("spanId"));
        EXPECT_EQ(child.at("kind"), 3);
        EXPECT_EQ(child.at("name"), "chat gemini-2.5-flash");
    }
    EXPECT_EQ(attribute(spans[1], "error.type").at("stringValue"), "overloaded");
    EXPECT_EQ(spans[1].at("status").at("code"), 2);
    EXPECT_TRUE(attribute(spans[1], "gen_ai.usage.input_tokens").is_null()) << "what failed used nothing";
    EXPECT_EQ(attribute(spans[2], "gen_ai.usage.input_tokens").at("intValue"), "12");
}

TEST(Otlp, WorkersAreHandedTheAttemptsOwnContext) {
    auto trace = Trace::begin(caller, "");
    const auto first = trace.begin_attempt({});
    const auto second = trace.begin_attempt({});
    EXPECT_EQ(first.substr(0, 36), std::string(caller).substr(0, 36));
    EXPECT_NE(first, second);
    EXPECT_EQ(read_traceparent(second)->span_id, trace.attempts[1].id);
}

TEST(Otlp, HoldsNoKeyAndStandsWhatClientsSend) {
    auto made = traced();
    made.record.user_agent = "agent\xff sk-proj-abcdefghijklmnopqrstuvwxyz012345";
    made.record.model = "sk-ant-api03-abcdefghijklmnopqrstuvwxyz";
    const auto text = otlp_json({made}, "9.9", 0);
    EXPECT_TRUE(Json::accept(text));
    for (const auto* secret : {"AIzaSy", "sk-proj-abc", "sk-ant-api03"}) EXPECT_EQ(text.find(secret), std::string::npos) << text;
}

TEST(Otlp, AFailureOfTheGatewaysIsAnErrorAndACallersIsNot) {
    auto made = traced();
    made.record.status = 400;
    made.record.error_code = "invalid_request";
    made.record.outcome = Outcome::error;
    auto span = Json::parse(otlp_json({made}, "", 0)).at("resourceSpans").at(0).at("scopeSpans").at(0).at("spans").at(0);
    EXPECT_FALSE(span.contains("status"));
    EXPECT_EQ(attribute(span, "error.type").at("stringValue"), "invalid_request");
    made.record.status = 502;
    span = Json::parse(otlp_json({made}, "", 0)).at("resourceSpans").at(0).at("scopeSpans").at(0).at("spans").at(0);
    EXPECT_EQ(span.at("status").at("code"), 2);
}

}  // namespace
}  // namespace smg::telemetry
