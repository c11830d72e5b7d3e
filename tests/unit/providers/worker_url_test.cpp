#include "providers/worker_url.hpp"

#include <gtest/gtest.h>

namespace smg::providers {
namespace {

WorkerUrl parsed(std::string_view text) {
    auto url = parse_worker_url(text);
    EXPECT_TRUE(url.has_value()) << text << ": " << (url ? "" : url.error().message);
    return url.value_or(WorkerUrl());
}

TEST(WorkerUrl, Spellings_of_one_root_are_equal) {
    for (const auto* text : {"https://api.openai.com", "https://api.openai.com/", "https://api.openai.com/v1", "https://api.openai.com/v1/",
                             "HTTPS://API.OpenAI.com:443/v1", "https://api.openai.com./v1//", " https://api.openai.com/v1 "}) {
        const auto url = parsed(text);
        EXPECT_EQ(url.origin() + url.api_root("/v1"), "https://api.openai.com/v1") << text;
        EXPECT_EQ(url.given, text);
    }
}

TEST(WorkerUrl, A_version_at_the_end_is_the_root_as_given) {
    EXPECT_EQ(parsed("https://generativelanguage.googleapis.com").api_root("/v1beta"), "/v1beta");
    EXPECT_EQ(parsed("https://generativelanguage.googleapis.com/v1beta/").api_root("/v1beta"), "/v1beta");
    EXPECT_EQ(parsed("https://generativelanguage.googleapis.com/v1").api_root("/v1beta"), "/v1");
    EXPECT_EQ(parsed("https://api.groq.com/openai/v1").api_root("/v1"), "/openai/v1");
    EXPECT_EQ(parsed("https://host/api/v3").api_root("/v1"), "/api/v3");
    EXPECT_EQ(parsed("https://host/a/b").api_root("/v1"), "/a/b/v1");
    EXPECT_EQ(parsed("https://host/v1/deep").api_root("/v1"), "/v1/deep/v1");
}

TEST(WorkerUrl, Version_segments) {
    for (const auto* yes : {"v1", "v10", "v1beta", "v1alpha", "v1beta2", "V1"}) EXPECT_TRUE(is_version_segment(yes)) << yes;
    for (const auto* no : {"", "v", "vbeta", "1", "v1gamma", "version", "v1beta-2", "v1.1", "xv1"}) EXPECT_FALSE(is_version_segment(no)) << no;
}

TEST(WorkerUrl, Base_path_is_where_health_hangs) {
    EXPECT_EQ(parsed("http://localhost:8000/v1").base_path(), "");
    EXPECT_EQ(parsed("http://localhost:8000").base_path(), "");
    EXPECT_EQ(parsed("http://localhost:8000/engine/v1").base_path(), "/engine");
    EXPECT_EQ(parsed("http://localhost:8000/engine").base_path(), "/engine");
}

TEST(WorkerUrl, Ports_and_addresses) {
    EXPECT_EQ(parsed("http://a").port, 80);
    EXPECT_EQ(parsed("https://a").port, 443);
    EXPECT_EQ(parsed("http://a:443").authority(), "a:443");
    EXPECT_EQ(parsed("https://a:443").authority(), "a");
    const auto v6 = parsed("http://[::1]:8080/v1");
    EXPECT_EQ(v6.host, "::1");
    EXPECT_EQ(v6.authority(), "[::1]:8080");
    EXPECT_TRUE(v6.is_loopback());
    EXPECT_TRUE(parsed("http://localhost:1").is_loopback());
    EXPECT_TRUE(parsed("http://127.0.0.3").is_loopback());
    EXPECT_FALSE(parsed("http://127.evil.com").is_loopback());
    EXPECT_FALSE(parsed("http://10.0.0.1").is_loopback());
}

TEST(WorkerUrl, What_is_no_worker_url) {
    for (const auto* text : {"",
                             "api.openai.com",
                             "ftp://host",
                             "unix:///x",
                             "https://",
                             "https:///v1",
                             "https://user:pw@host",
                             "https://host?x=1",
                             "https://host/v1#f",
                             "https://host:0",
                             "https://host:70000",
                             "https://host:x",
                             "https://ho st",
                             "https://[::1",
                             "https://[zz]",
                             "https://host/../v1",
                             "https://host/a//b",
                             "https://host/a\nb",
                             "https://host/\x80",
                             "https://a..b",
                             "https://.a"}) {
        const auto url = parse_worker_url(text);
        ASSERT_FALSE(url.has_value()) << text;
        EXPECT_EQ(url.error().failure, Failure::invalid_request);
        EXPECT_EQ(url.error().param, "url");
    }
}

TEST(WorkerUrl, An_error_never_repeats_a_password) {
    const auto url = parse_worker_url("https://me:hunter2@host/v1");
    ASSERT_FALSE(url.has_value());
    EXPECT_EQ(url.error().message.find("hunter2"), std::string::npos);
}

TEST(WorkerUrl, Encoding) {
    EXPECT_EQ(encode_path("ft:gpt-4o:org::id", false), "ft:gpt-4o:org::id");
    EXPECT_EQ(encode_path("a/b ?#%", false), "a%2Fb%20%3F%23%25");
    EXPECT_EQ(encode_path("a/b", true), "a/b");
    EXPECT_EQ(encode_query("a=b&c d+"), "a%3Db%26c%20d%2B");
}

}  // namespace
}  // namespace smg::providers
