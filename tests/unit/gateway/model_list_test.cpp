#include "gateway/model_list.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace smg::gateway {
namespace {

std::vector<workers::KnownModel> two() {
    workers::KnownModel a;
    a.id = "claude-x";
    a.created = 1747526400;
    a.owned_by = "anthropic";
    a.display_name = "Claude X";
    workers::KnownModel b;
    b.id = "gemini-y";
    b.provider = "gemini";
    b.context_length = 1000;
    b.methods = {"generateContent"};
    return {a, b};
}

TEST(ModelList, OpenAi) {
    const auto list = nlohmann::json::parse(write_model_list(ListShape::openai, two()));
    EXPECT_EQ(list["object"], "list");
    EXPECT_EQ(list["data"][0], nlohmann::json::parse(R"({"id":"claude-x","object":"model","created":1747526400,"owned_by":"anthropic"})"));
    EXPECT_EQ(list["data"][1]["owned_by"], "gemini");
}

TEST(ModelList, Anthropic) {
    const auto list = nlohmann::json::parse(write_model_list(ListShape::anthropic, two()));
    EXPECT_EQ(list["data"][0],
              nlohmann::json::parse(R"({"type":"model","id":"claude-x","display_name":"Claude X","created_at":"2025-05-18T00:00:00Z"})"));
    EXPECT_EQ(list["first_id"], "claude-x");
    EXPECT_EQ(list["last_id"], "gemini-y");
    EXPECT_EQ(list["has_more"], false);
    EXPECT_TRUE(nlohmann::json::parse(write_model_list(ListShape::anthropic, {}))["first_id"].is_null());
}

TEST(ModelList, Gemini) {
    const auto list = nlohmann::json::parse(write_model_list(ListShape::gemini, two()));
    EXPECT_EQ(list["models"][1]["name"], "models/gemini-y");
    EXPECT_EQ(list["models"][1]["inputTokenLimit"], 1000);
    EXPECT_EQ(list["models"][1]["supportedGenerationMethods"], nlohmann::json::parse(R"(["generateContent"])"));
}

}  // namespace
}  // namespace smg::gateway
