#include <gtest/gtest.h>

#include "unit/simulator/gemini_calls.hpp"

namespace smg::simulator {
namespace {

const std::string hello = asks("hello").dump();
const std::string generate = "/v1beta/models/gemini-2.5-flash:generateContent";

TEST(GeminiKey, MayStandInTheFieldTheQueryOrAsABearer) {
    Gemini gemini;
    EXPECT_EQ(gemini.with("POST", generate, fields_of({{"X-Goog-Api-Key", "k"}}), hello).status, 200);
    EXPECT_EQ(gemini.with("POST", generate + "?key=k", {}, hello).status, 200);
    EXPECT_EQ(gemini.with("POST", generate, fields_of({{"Authorization", "Bearer k"}}), hello).status, 200);
}

TEST(GeminiKey, IsMissed) {
    Gemini gemini;
    const auto refused = gemini.with("POST", generate, {}, hello);
    EXPECT_EQ(refused.status, 403);
    EXPECT_EQ(refused.body["error"]["status"], "PERMISSION_DENIED");
}

TEST(GeminiKey, ThatIsWrongIsABadRequest) {
    SimulatorOptions options;
    options.api_key = "AIza-right";
    Gemini gemini(options);
    EXPECT_EQ(gemini.with("POST", generate, fields_of({{"x-goog-api-key", "AIza-right"}}), hello).status, 200);
    const auto refused = gemini.with("POST", generate, fields_of({{"x-goog-api-key", "AIza-wrong"}}), hello);
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(refused.body["error"]["status"], "INVALID_ARGUMENT");
    EXPECT_EQ(refused.body["error"]["code"], 400);
    EXPECT_EQ(message_of(refused), "API key not valid. Please pass a valid API key.");
    EXPECT_EQ(refused.body["error"]["details"][0]["reason"], "API_KEY_INVALID");
}

TEST(GeminiKey, OfAnotherProviderIsWrong) {
    Gemini gemini;
    for (const std::string key : {"sk-ant-x", "xai-x", "sk-proj-x"})
        EXPECT_EQ(gemini.with("POST", generate, fields_of({{"x-goog-api-key", key}}), hello).status, 400) << key;
}

TEST(GeminiModels, AreListedInPages) {
    Gemini gemini;
    const auto all = gemini.get("/v1beta/models").body["models"];
    ASSERT_GT(all.size(), 3U);
    std::vector<OrderedJson> seen;
    std::string token;
    do {
        const auto page = gemini.get("/v1beta/models?pageSize=2" + (token.empty() ? "" : "&pageToken=" + token)).body;
        EXPECT_LE(page["models"].size(), 2U);
        for (const auto& model : page["models"]) seen.push_back(model);
        token = page.value("nextPageToken", "");
    } while (!token.empty());
    EXPECT_EQ(OrderedJson(seen), all);
}

TEST(GeminiModels, TellWhatTheyCanDo) {
    Gemini gemini;
    const auto flash = gemini.get("/v1beta/models/gemini-2.5-flash").body;
    EXPECT_EQ(flash["name"], "models/gemini-2.5-flash");
    EXPECT_EQ(flash["inputTokenLimit"], 1048576);
    EXPECT_EQ(flash["outputTokenLimit"], 65536);
    EXPECT_EQ(flash["supportedGenerationMethods"][0], "generateContent");
    EXPECT_EQ(flash["thinking"], true);
    EXPECT_EQ(gemini.get("/v1beta/models/gemini-embedding-001").body["supportedGenerationMethods"][0], "embedContent");
}

TEST(GeminiPaths, HaveThreeVersions) {
    Gemini gemini;
    for (const std::string version : {"/v1", "/v1beta", "/v1alpha"}) {
        EXPECT_EQ(gemini.get(version + "/models").status, 200) << version;
        EXPECT_EQ(gemini.post(version + "/models/gemini-2.5-flash:generateContent", hello).status, 200) << version;
    }
}

TEST(GeminiPaths, ThatAreUnknownAreNotFound) {
    Gemini gemini;
    for (const std::string path : {"/v1beta/nothing", "/v1beta/models/no-such-model", "/v1beta/openai/chat/completions", "/"}) {
        const auto missing = gemini.get(path);
        EXPECT_EQ(missing.status, 404) << path;
        EXPECT_EQ(missing.body["error"]["status"], "NOT_FOUND") << path;
    }
    EXPECT_NE(message_of(gemini.post("/v1beta/models/gpt-4o:generateContent", hello)).find("models/gpt-4o is not found"), std::string::npos);
    EXPECT_EQ(gemini.post("/v1beta/models/gemini-2.5-flash:dance", hello).status, 404);
    EXPECT_EQ(gemini.get(generate).status, 404) << "only POST generates";
}

TEST(GeminiTokens, AreCounted) {
    Gemini gemini;
    const std::string path = "/v1beta/models/gemini-2.5-flash:countTokens";
    const auto plain = gemini.post(path, asks("The quick brown fox"));
    ASSERT_EQ(plain.status, 200);
    EXPECT_GT(plain.body["totalTokens"], 0);
    EXPECT_EQ(plain.body["promptTokensDetails"][0]["tokenCount"], plain.body["totalTokens"]);
    auto request = asks("The quick brown fox");
    request["model"] = "models/gemini-2.5-flash";
    request["systemInstruction"] = turn("user", {OrderedJson{{"text", "You count."}}});
    const auto whole = gemini.post(path, OrderedJson{{"generateContentRequest", request}});
    ASSERT_EQ(whole.status, 200);
    EXPECT_GT(whole.body["totalTokens"], plain.body["totalTokens"]);
    EXPECT_EQ(gemini.post(path, OrderedJson{{"nonsense", 1}}).status, 400);
    EXPECT_EQ(gemini.post(path, std::string("{")).status, 400);
}

OrderedJson embed_request(const std::string& text, int dimensions) {
    return {{"model", "models/gemini-embedding-001"},
            {"content", {{"parts", OrderedJson::array({OrderedJson{{"text", text}}})}}},
            {"outputDimensionality", dimensions}};
}

TEST(GeminiEmbeddings, AreVectorsOfTheTextInOrder) {
    Gemini gemini;
    const std::string base = "/v1beta/models/gemini-embedding-001:";
    const auto one = gemini.post(base + "embedContent", embed_request("cat", 8));
    ASSERT_EQ(one.status, 200);
    EXPECT_EQ(one.body["embedding"]["values"].size(), 8U);
    const auto two =
        gemini.post(base + "batchEmbedContents", OrderedJson{{"requests", OrderedJson::array({embed_request("dog", 8), embed_request("cat", 8)})}});
    ASSERT_EQ(two.status, 200);
    ASSERT_EQ(two.body["embeddings"].size(), 2U);
    EXPECT_EQ(two.body["embeddings"][1], one.body["embedding"]);
    EXPECT_NE(two.body["embeddings"][0], one.body["embedding"]);
}

TEST(GeminiEmbeddings, AndTextComeFromDifferentModels) {
    Gemini gemini;
    EXPECT_EQ(gemini.post("/v1beta/models/gemini-2.5-flash:embedContent", embed_request("cat", 8)).status, 404);
    EXPECT_EQ(gemini.generate(asks("hello"), "gemini-embedding-001").status, 404);
}

TEST(GeminiFailures, HaveTheWordsOfTheStatus) {
    const std::pair<int, std::string> statuses[] = {{401, "UNAUTHENTICATED"},    {403, "PERMISSION_DENIED"}, {404, "NOT_FOUND"},
                                                    {429, "RESOURCE_EXHAUSTED"}, {500, "INTERNAL"},          {503, "UNAVAILABLE"},
                                                    {504, "DEADLINE_EXCEEDED"},  {400, "INVALID_ARGUMENT"}};
    Gemini gemini;
    for (const auto& [status, word] : statuses) {
        const auto steered = gemini.generate(asks("simulate:status=" + std::to_string(status)));
        EXPECT_EQ(steered.status, status);
        EXPECT_EQ(steered.body["error"]["code"], status);
        EXPECT_EQ(steered.body["error"]["status"], word);
        SimulatorOptions options;
        options.fail = {{status, 1}};
        EXPECT_EQ(Gemini(options).generate(asks("hello")).body["error"], steered.body["error"]);
    }
}

TEST(GeminiFailures, OfLimitsTellWhenToTryAgain) {
    Gemini gemini;
    const auto limited = gemini.generate(asks("simulate:status=429")).body["error"]["details"][0];
    EXPECT_EQ(limited["@type"], "type.googleapis.com/google.rpc.RetryInfo");
    EXPECT_EQ(limited["retryDelay"], "2s");
    const auto broke = gemini.generate(asks("simulate:quota"));
    EXPECT_EQ(broke.status, 429);
    EXPECT_NE(message_of(broke).find("exceeded your current quota"), std::string::npos);
}

}  // namespace
}  // namespace smg::simulator
