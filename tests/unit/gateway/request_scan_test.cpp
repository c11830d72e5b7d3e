#include "gateway/request_scan.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace smg::gateway {
namespace {

std::string with_model(std::string_view body, std::string_view model) {
    const auto scan = scan_request(body);
    return apply_splices(body, {replace_model(*scan, model)});
}

std::string with_usage(std::string_view body) {
    const auto scan = scan_request(body);
    auto splice = ask_for_usage(*scan, body);
    return splice ? apply_splices(body, {*splice}) : std::string(body);
}

std::string without(std::string_view body, const std::vector<std::string_view>& names) {
    const auto scan = scan_request(body);
    return apply_splices(body, remove_members(*scan, names));
}

TEST(RequestScan, FindsModelAndStream) {
    const auto scan = scan_request(R"({"stream": true, "model" : "gpt-4o"})");
    ASSERT_TRUE(scan);
    EXPECT_EQ(scan->model, "gpt-4o");
    EXPECT_TRUE(scan->stream);
}

TEST(RequestScan, AModelInsideAMessageIsNotTheModel) {
    const auto scan = scan_request(R"({"messages":[{"model":"evil"}],"model":"gpt-4o"})");
    ASSERT_TRUE(scan);
    EXPECT_EQ(scan->model, "gpt-4o");
}

TEST(RequestScan, EscapedModelNamesAreRead) {
    const auto scan = scan_request(R"({"mod\u0065l":"gpt\u002d4o"})");
    ASSERT_TRUE(scan);
    EXPECT_EQ(scan->model, "gpt-4o");
}

struct BadBody {
    std::string_view body;
    std::string_view param;
};

class RequestScanRefuses : public ::testing::TestWithParam<BadBody> {};

TEST_P(RequestScanRefuses, AndNamesTheField) {
    const auto scan = scan_request(GetParam().body);
    ASSERT_FALSE(scan);
    EXPECT_EQ(scan.error().failure, Failure::invalid_request);
    EXPECT_EQ(scan.error().param, GetParam().param);
}

INSTANTIATE_TEST_SUITE_P(BadBodies, RequestScanRefuses,
                         ::testing::Values(BadBody{"", ""}, BadBody{"{", ""}, BadBody{"[]", ""}, BadBody{"null", ""},
                                           BadBody{"{\"model\":\"a\"} x", ""}, BadBody{R"({"model":"a","model":"b"})", "model"},
                                           BadBody{R"({"model":7})", "model"}, BadBody{R"({"model":""})", "model"},
                                           BadBody{R"({"model":"a","stream":"yes"})", "stream"},
                                           BadBody{R"({"model":"a","stream_options":[]})", "stream_options"}));

TEST(ReplaceModel, ChangesItsOwnBytesOnly) {
    EXPECT_EQ(with_model(" { \"temperature\" : 0.70,\n \"model\" : \"mine\" , \"x\":1e-3 }\n", "gpt-4o"),
              " { \"temperature\" : 0.70,\n \"model\" : \"gpt-4o\" , \"x\":1e-3 }\n");
}

TEST(ReplaceModel, EscapesTheName) { EXPECT_EQ(with_model(R"({"model":"a"})", "q\"\\"), R"({"model":"q\"\\"})"); }

TEST(AskForUsage, AddsTheOptionWhereThereIsNone) {
    EXPECT_EQ(with_usage(R"({"model":"a","stream":true})"), R"({"stream_options":{"include_usage":true},"model":"a","stream":true})");
}

TEST(AskForUsage, CompletesWhatIsThere) {
    EXPECT_EQ(with_usage(R"({"model":"a","stream_options":{}})"), R"({"model":"a","stream_options":{"include_usage":true}})");
    EXPECT_EQ(with_usage(R"({"model":"a","stream_options":{ "x":1 }})"), R"({"model":"a","stream_options":{"include_usage":true, "x":1 }})");
    EXPECT_EQ(with_usage(R"({"model":"a","stream_options":null})"), R"({"model":"a","stream_options":{"include_usage":true}})");
    EXPECT_EQ(with_usage(R"({"model":"a","stream_options":{"include_usage":false}})"), R"({"model":"a","stream_options":{"include_usage":true}})");
}

TEST(AskForUsage, LeavesAClientThatAsksAlone) {
    const std::string body = R"({"model":"a","stream_options":{"include_usage":true}})";
    EXPECT_EQ(with_usage(body), body);
}

TEST(RemoveMembers, TakesOneCommaWithEach) {
    EXPECT_EQ(without(R"({"a":1,"b":2,"c":3})", {"b"}), R"({"a":1,"c":3})");
    EXPECT_EQ(without(R"({"a":1,"b":2,"c":3})", {"a"}), R"({"b":2,"c":3})");
    EXPECT_EQ(without(R"({"a":1,"b":2,"c":3})", {"c"}), R"({"a":1,"b":2})");
    EXPECT_EQ(without(R"({"a":1,"b":2,"c":3})", {"a", "b"}), R"({"c":3})");
    EXPECT_EQ(without(R"({ "a" : "x:\"y\"" , "b":2 })", {"a"}), R"({ "b":2 })");
}

TEST(Splices, TogetherStillMakeJson) {
    const std::string body = R"({"top_k":3,"model":"mine","min_p":0.1,"stream":true})";
    const auto scan = scan_request(body);
    auto splices = remove_members(*scan, {"top_k", "min_p"});
    splices.push_back(replace_model(*scan, "gpt-4o"));
    splices.push_back(*ask_for_usage(*scan, body));
    const auto changed = nlohmann::json::parse(apply_splices(body, splices));
    EXPECT_EQ(changed, nlohmann::json::parse(R"({"model":"gpt-4o","stream":true,"stream_options":{"include_usage":true}})"));
}

}  // namespace
}  // namespace smg::gateway
