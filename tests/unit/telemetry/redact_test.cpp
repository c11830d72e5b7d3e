#include "telemetry/redact.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "telemetry/log_line.hpp"

namespace smg::telemetry {
namespace {

using nlohmann::json;

TEST(Redact, KnownFormsOfKeys) {
    for (const std::string key : {"sk-proj-abcdefgh12345678", "sk-ant-api03-AbC_dEf-123", "xai-0123456789abcdef", "AIzaSyD0123456789abcdefghij",
                                  "AQ.Ab8RN6Ixxxxxxxxxxxxxxx", "gsk_0123456789abcdef", "sk-or-v1-0123456789abcdef"}) {
        EXPECT_TRUE(holds_key(key)) << key;
        EXPECT_EQ(redact(key), "[redacted]");
        EXPECT_EQ(redact("Incorrect API key provided: " + key + ". See"), "Incorrect API key provided: [redacted] See");
        EXPECT_EQ(redact("{\"key\":\"" + key + "\"}"), "{\"key\":\"[redacted]\"}");
        EXPECT_EQ(redact(key + " " + key), "[redacted] [redacted]");
    }
}

TEST(Redact, WhatStandsBehindAScheme) {
    EXPECT_EQ(redact("Authorization: Bearer abc123def456"), "Authorization: Bearer [redacted]");
    EXPECT_EQ(redact("authorization: bearer  a-token-longer-than-any-word x"), "authorization: bearer  [redacted] x");
    EXPECT_EQ(redact("Proxy-Authorization: Basic dXNlcjpwYXNz=="), "Proxy-Authorization: Basic [redacted]");
}

TEST(Redact, BehindAnEscapeAndInsideAWord) {
    EXPECT_EQ(redact_target("/v1/x%20xai-0123456789abcdef"), "/v1/x%20[redacted]");
    EXPECT_EQ(redact("keysk-ant-api03-AbC_dEf-123"), "key[redacted]");
    LogLine line(true);
    line.begin(std::chrono::system_clock::now(), "INFO", "a\nsk-abcdefgh12345678");
    line.add("note", "b\rsk-abcdefgh12345678");
    const auto parsed = json::parse(line.finish());
    EXPECT_EQ(parsed["message"], "a\n[redacted]");
    EXPECT_EQ(parsed["note"], "b\r[redacted]");
}

TEST(Redact, ProseStays) {
    for (const std::string text : {"sk-learn", "ask-12345678901234", "task-abcdefghijklmnop", "basic authentication",
                                   "Bearer credentials are missing", "xai-", "AIza", "", "max-tokens"}) {
        EXPECT_FALSE(holds_key(text)) << text;
        EXPECT_EQ(redact(text), text);
    }
}

TEST(Redact, Targets) {
    EXPECT_EQ(redact_target("/v1beta/models?key=secret"), "/v1beta/models?key=[redacted]");
    EXPECT_EQ(redact_target("/a?x=1&KEY=secret&alt=sse"), "/a?x=1&KEY=[redacted]&alt=sse");
    EXPECT_EQ(redact_target("/a?api-key=s&access_token=t&token=u&x-goog-api-key=v"),
              "/a?api-key=[redacted]&access_token=[redacted]&token=[redacted]&x-goog-api-key=[redacted]");
    EXPECT_EQ(redact_target("/a?monkey=see&key"), "/a?monkey=see&key");
    EXPECT_EQ(redact_target("/v1/files/sk-proj-abcdefgh12345678"), "/v1/files/[redacted]");
    EXPECT_EQ(redact_target("/v1/models"), "/v1/models");
    EXPECT_EQ(redact_target("/a?"), "/a?");
}

}  // namespace
}  // namespace smg::telemetry
