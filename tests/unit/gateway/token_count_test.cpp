#include "gateway/token_count.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace smg::gateway {
namespace {

using nlohmann::json;
using providers::ApiFormat;

TEST(TokenCount, LeavesOutWhatCountsForNothing) {
    const auto messages =
        count_request(ApiFormat::anthropic_messages, R"({"model":"m","max_tokens":5,"stream":true,"messages":[{"a":1.50}],"top_k":3})", "m");
    EXPECT_EQ(messages, R"({"model":"m","messages":[{"a":1.50}]})");
    const auto responses = count_request(ApiFormat::openai_responses,
                                         R"({"model":"m","input":"x","store":false,"include":["y"],"tools":[],"max_output_tokens":9})", "m");
    EXPECT_EQ(responses, R"({"model":"m","input":"x","tools":[]})");
}

TEST(TokenCount, WrapsGeminisRequestSoThatToolsAreCounted) {
    EXPECT_EQ(count_request(ApiFormat::gemini, R"({"contents":[],"tools":[{"x":1e3}]})", "gemini-2.5-pro"),
              R"({"generateContentRequest":{"model":"models/gemini-2.5-pro","contents":[],"tools":[{"x":1e3}]}})");
}

TEST(TokenCount, ReadsAndWritesEachForm) {
    EXPECT_EQ(read_count(ApiFormat::anthropic_messages, R"({"input_tokens":17})"), 17U);
    EXPECT_EQ(read_count(ApiFormat::openai_responses, R"({"object":"response.input_tokens","input_tokens":18})"), 18U);
    EXPECT_EQ(read_count(ApiFormat::gemini, R"({"totalTokens":19,"promptTokensDetails":[]})"), 19U);
    for (const auto* body : {"", "[]", "{}", R"({"input_tokens":"1"})", R"({"input_tokens":-1})"})
        EXPECT_EQ(read_count(ApiFormat::anthropic_messages, body), std::nullopt);
    for (const auto format : {ApiFormat::anthropic_messages, ApiFormat::openai_responses, ApiFormat::gemini})
        EXPECT_EQ(read_count(format, write_count(format, 123)), 123U);
}

TEST(TokenCount, EstimatesTextToolsAndPictures) {
    const auto count = [](const json& body) { return estimate_tokens(*codec::anthropic_messages().decode_request(body.dump())); };
    const auto of = [&](const json& content) {
        return count({{"model", "m"}, {"max_tokens", 1}, {"messages", {{{"role", "user"}, {"content", content}}}}});
    };
    EXPECT_EQ(of(std::string(3600, 'x')), 1004U);
    EXPECT_GE(of("x"), 1U);
    const json image = {{"type", "image"}, {"source", {{"type", "base64"}, {"media_type", "image/png"}, {"data", std::string(100'000, 'A')}}}};
    EXPECT_LT(of(json::array({image})), 2000U);
    EXPECT_GT(of(json::array({image})), 1000U);
    const json plain = {{"model", "m"}, {"max_tokens", 1}, {"messages", {{{"role", "user"}, {"content", "x"}}}}};
    auto with_tool = plain;
    with_tool["tools"] = {{{"name", "t"}, {"input_schema", {{"type", "object"}, {"description", std::string(360, 'd')}}}}};
    EXPECT_GT(count(with_tool), count(plain) + 90);
}

}  // namespace
}  // namespace smg::gateway
