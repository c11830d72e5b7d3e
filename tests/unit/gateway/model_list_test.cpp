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
    auto models = two();
    models[0].origin = codec::Origin::anthropic;
    models[0].max_output_tokens = 64000;
    models[0].stated = {{"lifecycle", R"("deprecated")"}, {"capabilities", R"({"batch":{"supported":true}})"}};
    models[1].origin = codec::Origin::gemini;
    models[1].stated = {{"lifecycle", R"("its own")"}};
    const auto list = nlohmann::json::parse(write_model_list(ListShape::anthropic, models));
    EXPECT_EQ(list["data"][0], nlohmann::json::parse(
                                   R"({"type":"model","id":"claude-x","display_name":"Claude X","created_at":"2025-05-18T00:00:00Z",
        "max_input_tokens":null,"max_tokens":64000,"lifecycle":"deprecated","line":null,"deprecated_at":null,"retires_at":null,
        "capabilities":{"batch":{"supported":true}}})"));
    EXPECT_EQ(list["data"][1]["max_input_tokens"], 1000);
    EXPECT_EQ(list["data"][1]["lifecycle"], "active") << "another provider's words are not in Anthropic's terms";
    EXPECT_TRUE(list["data"][1]["capabilities"].is_null());
    EXPECT_EQ(list["first_id"], "claude-x");
    EXPECT_EQ(list["last_id"], "gemini-y");
    EXPECT_EQ(list["has_more"], false);
    EXPECT_TRUE(nlohmann::json::parse(write_model_list(ListShape::anthropic, {}))["first_id"].is_null());
}

TEST(ModelList, Gemini) {
    auto models = two();
    models[1].origin = codec::Origin::gemini;
    models[1].stated = {{"version", "\"001\""}, {"thinking", "true"}};
    const auto list = nlohmann::json::parse(write_model_list(ListShape::gemini, models));
    EXPECT_EQ(list["models"][1]["version"], "001");
    EXPECT_EQ(list["models"][1]["thinking"], true);
    EXPECT_EQ(list["models"][1]["name"], "models/gemini-y");
    EXPECT_EQ(list["models"][1]["inputTokenLimit"], 1000);
    EXPECT_EQ(list["models"][1]["supportedGenerationMethods"], nlohmann::json::parse(R"(["generateContent"])"));
}

}  // namespace
}  // namespace smg::gateway
