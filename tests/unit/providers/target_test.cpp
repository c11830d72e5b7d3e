#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "providers/catalog.hpp"

namespace smg::providers {
namespace {

std::string target(const char* provider, const char* url, Operation operation, const char* model = "m", bool stream = false) {
    const auto result = Catalog::built_in()->find(provider)->target(parse_worker_url(url).value(), Ask(operation, model, stream));
    return result ? *result : "error: " + std::string(error_code(result.error().failure));
}

TEST(Target, Each_provider_has_its_paths) {
    EXPECT_EQ(target("openai", "https://api.openai.com", Operation::chat), "/v1/chat/completions");
    EXPECT_EQ(target("openai", "https://api.openai.com/v1/", Operation::responses), "/v1/responses");
    EXPECT_EQ(target("openai", "https://api.openai.com/v1/", Operation::embeddings), "/v1/embeddings");
    EXPECT_EQ(target("openai", "https://api.openai.com/v1/", Operation::completions), "/v1/completions");
    EXPECT_EQ(target("openai", "https://api.openai.com/v1/", Operation::count_tokens), "/v1/responses/input_tokens");
    EXPECT_EQ(target("openai", "https://api.openai.com", Operation::get_model, "gpt-4o"), "/v1/models/gpt-4o");
    EXPECT_EQ(target("anthropic", "https://api.anthropic.com", Operation::chat), "/v1/messages");
    EXPECT_EQ(target("anthropic", "https://api.anthropic.com/v1", Operation::count_tokens), "/v1/messages/count_tokens");
    EXPECT_EQ(target("xai", "https://api.x.ai/v1", Operation::chat), "/v1/chat/completions");
    EXPECT_EQ(target("groq", "https://api.groq.com", Operation::chat), "/openai/v1/chat/completions");
    EXPECT_EQ(target("groq", "https://api.groq.com/openai/v1", Operation::chat), "/openai/v1/chat/completions");
    EXPECT_EQ(target("openrouter", "https://openrouter.ai", Operation::get_model, "meta-llama/llama-3"), "/api/v1/models/meta-llama/llama-3");
}

TEST(Target, Gemini_has_the_model_and_the_method_in_its_path) {
    const char* url = "https://generativelanguage.googleapis.com";
    EXPECT_EQ(target("gemini", url, Operation::chat, "gemini-2.5-pro"), "/v1beta/models/gemini-2.5-pro:generateContent");
    EXPECT_EQ(target("gemini", url, Operation::chat, "gemini-2.5-pro", true), "/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse");
    EXPECT_EQ(target("gemini", url, Operation::chat, "models/gemini-2.5-pro"), "/v1beta/models/gemini-2.5-pro:generateContent");
    EXPECT_EQ(target("gemini", url, Operation::chat, "tunedModels/mine-1"), "/v1beta/tunedModels/mine-1:generateContent");
    EXPECT_EQ(target("gemini", url, Operation::embeddings, "text-embedding-004"), "/v1beta/models/text-embedding-004:batchEmbedContents");
    EXPECT_EQ(target("gemini", url, Operation::count_tokens, "gemini-2.5-pro"), "/v1beta/models/gemini-2.5-pro:countTokens");
    EXPECT_EQ(target("gemini", url, Operation::get_model, "gemini-2.5-pro"), "/v1beta/models/gemini-2.5-pro");
}

TEST(Target, A_models_name_cannot_leave_its_path) {
    const char* url = "https://generativelanguage.googleapis.com";
    EXPECT_EQ(target("gemini", url, Operation::chat, "a?key=b"), "/v1beta/models/a%3Fkey=b:generateContent");
    EXPECT_EQ(target("gemini", url, Operation::chat, "a/b"), "/v1beta/models/a%2Fb:generateContent");
    for (const auto* model : {"..", "../x", "a/../b", "a/%2e%2e/b", "a\r\nX: y", "a b", "a#b", "a\\b", "."})
        EXPECT_EQ(target("gemini", url, Operation::chat, model), "error: invalid_request") << model;
    EXPECT_EQ(target("gemini", url, Operation::chat, ""), "error: invalid_request");
}

TEST(Target, What_is_not_offered_is_not_supported) {
    EXPECT_EQ(target("anthropic", "https://api.anthropic.com", Operation::embeddings), "error: not_supported");
    EXPECT_EQ(target("gemini", "https://generativelanguage.googleapis.com", Operation::responses), "error: not_supported");
    EXPECT_FALSE(Catalog::built_in()->find("xai")->offers(Operation::count_tokens));
}

TEST(Target, Query_of_provider_and_worker) {
    Provider provider = openai_compatible();
    provider.query = {{"api-version", "1"}, {"b", "x y"}};
    const auto url = parse_worker_url("https://h").value();
    EXPECT_EQ(provider.target(url, Ask(Operation::chat, "m")).value(), "/v1/chat/completions?api-version=1&b=x%20y");
    EXPECT_EQ(provider.target(url, Ask(Operation::chat, "m"), {{"api-version", "2"}}).value(), "/v1/chat/completions?b=x%20y&api-version=2");
    Provider google = gemini();
    EXPECT_EQ(google.target(url, Ask(Operation::chat, "m", true), {{"a", "b"}}).value(), "/v1beta/models/m:streamGenerateContent?alt=sse&a=b");
}

TEST(Target, Passthrough_below_the_root) {
    const auto catalog = Catalog::built_in();
    const auto raw = [&](const char* provider, const char* url, const char* path) {
        const auto result = catalog->find(provider)->passthrough_target(parse_worker_url(url).value(), path);
        return result ? *result : "error: " + std::string(error_code(result.error().failure));
    };
    EXPECT_EQ(raw("openai", "https://api.openai.com", "/images/generations"), "/v1/images/generations");
    EXPECT_EQ(raw("openai", "https://api.openai.com/v1", "/v1/files?limit=2"), "/v1/files?limit=2");
    EXPECT_EQ(raw("groq", "https://api.groq.com", "/v1/files"), "/openai/v1/files");
    EXPECT_EQ(raw("groq", "https://api.groq.com/openai/v1", "/v1/files"), "/openai/v1/files");
    EXPECT_EQ(raw("gemini", "https://generativelanguage.googleapis.com", "/upload/v1beta/files?key=SECRET&a=1"), "/upload/v1beta/files?a=1");
    EXPECT_EQ(raw("gemini", "https://generativelanguage.googleapis.com", "/v1alpha/models?key=SECRET"), "/v1alpha/models");
    for (const auto* path : {"/../admin", "/a/%2E%2e/b", "/a b", "/a#b", "files", "/a\\b"})
        EXPECT_EQ(raw("openai", "https://api.openai.com", path), "error: invalid_request") << path;
}

}  // namespace
}  // namespace smg::providers
