#include "codec/embeddings.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

namespace smg::codec {
namespace {

using nlohmann::json;

Target target(bool strict = false) {
    Target aim;
    aim.model = "the-model";
    aim.strict = strict;
    return aim;
}

TEST(Embeddings, OpenAiToGemini) {
    const auto request = decode_openai_embedding_request(R"({"model":"m","input":["a","b"],"dimensions":256,"encoding_format":"base64"})");
    ASSERT_TRUE(request);
    EXPECT_TRUE(request->base64);
    const auto encoded = encode_gemini_embedding_request(*request, target());
    EXPECT_EQ(json::parse(encoded->body), json::parse(R"({"requests":[
        {"model":"models/the-model","content":{"parts":[{"text":"a"}]},"outputDimensionality":256},
        {"model":"models/the-model","content":{"parts":[{"text":"b"}]},"outputDimensionality":256}]})"));
    EXPECT_TRUE(encoded->adjustments.empty());
}

TEST(Embeddings, AStringIsOneInput) {
    EXPECT_EQ(decode_openai_embedding_request(R"({"model":"m","input":"a\nb"})")->inputs, std::vector<std::string>{"a\nb"});
}

TEST(Embeddings, GeminiToOpenAi) {
    const auto batch = decode_gemini_embedding_request(
        R"({"requests":[{"model":"models/x","content":{"parts":[{"text":"a"},{"text":"b"}]},"taskType":"CLUSTERING","outputDimensionality":2},
                        {"model":"models/x","content":{"parts":[{"text":"c"}]},"outputDimensionality":2}]})",
        false);
    ASSERT_TRUE(batch);
    const auto encoded = encode_openai_embedding_request(*batch, target());
    EXPECT_EQ(json::parse(encoded->body), json::parse(R"({"model":"the-model","input":["ab","c"],"dimensions":2,"encoding_format":"float"})"));
    EXPECT_EQ(encoded->adjustments.names(), std::vector<std::string>{"taskType"});
    EXPECT_EQ(encode_openai_embedding_request(*batch, target(true)).error().param, "taskType");
    const auto single = decode_gemini_embedding_request(R"({"content":{"parts":[{"text":"a"}]}})", true);
    EXPECT_EQ(json::parse(encode_openai_embedding_request(*single, target())->body).at("input"), json({"a"}));
}

TEST(Embeddings, OneBatchHasOneSizeWhicheverRequestNamesIt) {
    const auto of = [](const std::string& first, const std::string& second) {
        const auto request = [](const std::string& members) { return R"({"model":"models/x","content":{"parts":[{"text":"a"}]})" + members + "}"; };
        return decode_gemini_embedding_request(R"({"requests":[)" + request(first) + "," + request(second) + "]}", false);
    };
    const std::string small = R"(,"outputDimensionality":2)", large = R"(,"outputDimensionality":3)";
    for (const auto& [first, second] : {std::pair(small, large), {large, small}, {small, std::string()}, {std::string(), small}}) {
        const auto mixed = of(first, second);
        ASSERT_FALSE(mixed) << first << second;
        EXPECT_EQ(mixed.error().param, "requests[1].outputDimensionality");
    }
    EXPECT_EQ(of(small, small)->dimensions, "2");
    EXPECT_EQ(of("", "")->dimensions, "");
    EXPECT_EQ(of("", "")->inputs.size(), 2U);
}

TEST(Embeddings, BadInputNamesItsField) {
    const auto openai = [](const char* body) { return decode_openai_embedding_request(body).error().param; };
    EXPECT_EQ(openai(R"({"model":"m"})"), "input");
    EXPECT_EQ(openai(R"({"input":[]})"), "input");
    EXPECT_EQ(openai(R"({"input":[1,2]})"), "input");
    EXPECT_EQ(openai(R"({"input":[[1],[2]]})"), "input");
    EXPECT_EQ(openai(R"({"input":["a",null]})"), "input[1]");
    EXPECT_EQ(openai(R"({"input":"a","dimensions":0})"), "dimensions");
    EXPECT_EQ(openai(R"({"input":"a","dimensions":"2"})"), "dimensions");
    EXPECT_EQ(openai(R"({"input":"a","encoding_format":"hex"})"), "encoding_format");
    EXPECT_EQ(decode_gemini_embedding_request(R"({})", true).error().param, "content");
    EXPECT_EQ(decode_gemini_embedding_request(R"({})", false).error().param, "requests");
    EXPECT_EQ(decode_gemini_embedding_request(R"({"requests":[{"content":{"parts":[{"text":"a"}]}},{"content":{}}]})", false).error().param,
              "requests[1].content");
    EXPECT_EQ(decode_gemini_embedding_request(R"({"requests":[{"content":{"parts":[{"inlineData":{}}]}}]})", false).error().param,
              "requests[0].content.parts");
}

TEST(Embeddings, UnknownMembersAreReportedOrRefused) {
    const auto request = decode_openai_embedding_request(R"({"model":"m","input":"a","user":"u","x":null})");
    EXPECT_EQ(encode_gemini_embedding_request(*request, target())->adjustments.names(), std::vector<std::string>{"user"});
    EXPECT_EQ(encode_gemini_embedding_request(*request, target(true)).error().param, "user");
}

TEST(Embeddings, CutVectorsGetLengthOne) {
    EmbeddingRequest request;
    const auto untouched = decode_gemini_embeddings(R"({"embeddings":[{"values":[3,4]}]})", request);
    EXPECT_EQ(untouched->vectors.front(), (std::vector<double>{3, 4}));
    request.dimensions = "2";
    const auto unit = decode_gemini_embeddings(R"({"embeddings":[{"values":[3,4]},{"values":[0,0]}]})", request);
    EXPECT_DOUBLE_EQ(unit->vectors[0][0], 0.6);
    EXPECT_DOUBLE_EQ(unit->vectors[0][1], 0.8);
    EXPECT_EQ(unit->vectors[1], (std::vector<double>{0, 0}));
}

TEST(Embeddings, AnswersInBothForms) {
    EmbeddingAnswer answer;
    answer.vectors = {{0.5, -0.25, 1e-7}, {1, 2, 3}};
    answer.usage.input = 8;
    EmbeddingRequest request;
    const auto plain = json::parse(encode_openai_embeddings(answer, request, "m"));
    EXPECT_EQ(plain, json::parse(R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.5,-0.25,1e-07]},
        {"object":"embedding","index":1,"embedding":[1,2,3]}],"model":"m","usage":{"prompt_tokens":8,"total_tokens":8}})"));
    EXPECT_EQ(decode_openai_embeddings(plain.dump())->vectors, answer.vectors);
    EXPECT_EQ(decode_openai_embeddings(plain.dump())->usage.input, 8U);
    const auto gemini = json::parse(encode_gemini_embeddings(answer, request));
    EXPECT_EQ(gemini.at("embeddings").at(1).at("values"), json({1, 2, 3}));
    request.single = true;
    EXPECT_EQ(json::parse(encode_gemini_embeddings(answer, request)).at("embedding").at("values").at(0), 0.5);
}

/// Little-endian float32, as numpy reads them from what the OpenAI SDKs ask for.
TEST(Embeddings, Base64) {
    EmbeddingRequest request;
    request.base64 = true;
    const auto text = [&](std::vector<double> vector) {
        EmbeddingAnswer answer;
        answer.vectors = {std::move(vector)};
        return json::parse(encode_openai_embeddings(answer, request, "m")).at("data").at(0).at("embedding").get<std::string>();
    };
    EXPECT_EQ(text({1.0}), "AACAPw==");
    EXPECT_EQ(text({1.0, -2.0}), "AACAPwAAAMA=");
    EXPECT_EQ(text({1.0, -2.0, 0.5}), "AACAPwAAAMAAAAA/");
    EXPECT_EQ(text({}), "");
}

TEST(Embeddings, AnswersThatAreNoneAreUpstreamErrors) {
    EXPECT_EQ(decode_openai_embeddings("nope").error().failure, Failure::upstream_error);
    EXPECT_EQ(decode_openai_embeddings(R"({"data":[{"embedding":["x"]}]})").error().failure, Failure::upstream_error);
    EXPECT_EQ(decode_gemini_embeddings(R"({"embeddings":[{}]})", {}).error().failure, Failure::upstream_error);
}

}  // namespace
}  // namespace smg::codec
