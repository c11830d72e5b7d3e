#include "http/target.hpp"

#include <gtest/gtest.h>

namespace smg::http {
namespace {

TEST(SplitTarget, DecodesThePathAndLeavesTheQuery) {
    const auto target = split_target("/v1/models/meta-llama%2FLlama%203?a=%20b&c?d");
    ASSERT_TRUE(target);
    EXPECT_EQ(target->path, "/v1/models/meta-llama/Llama 3");
    EXPECT_EQ(target->query, "a=%20b&c?d");
    EXPECT_EQ(split_target("/x")->query, "");
    EXPECT_EQ(split_target("/x?")->query, "");
    EXPECT_EQ(split_target("*")->path, "*");
    EXPECT_EQ(split_target("/a+b")->path, "/a+b") << "a plus is a plus in a path";
}

TEST(SplitTarget, RefusesWhatIsNoText) {
    for (const char* bad : {"/%", "/%4", "/%4g", "/%zz", "/%00", "/%0d%0aEvil", "/%7f", "/%ff", "/%c0%af", "/%ed%a0%80", "/%f4%90%80%80",
                            "/%e0%80%80", "/%c3"}) {
        const auto target = split_target(bad);
        ASSERT_FALSE(target) << bad;
        EXPECT_EQ(target.error().failure, Failure::invalid_request);
    }
    EXPECT_EQ(split_target("/%c3%a9%E2%82%AC%f0%9f%98%80")->path, "/\u00e9\u20ac\U0001F600");
}

TEST(PercentDecode, Strict) {
    EXPECT_EQ(percent_decode("%41%2f+"), "A/+");
    EXPECT_EQ(percent_decode(""), "");
    EXPECT_FALSE(percent_decode("%4"));
    EXPECT_FALSE(percent_decode("a%"));
    EXPECT_FALSE(percent_decode("%-1"));
}

TEST(QueryParameter, FirstOfTheName) {
    EXPECT_EQ(query_parameter("alt=sse&key=a%2Bb&key=second", "key"), "a+b");
    EXPECT_EQ(query_parameter("k=a+b", "k"), "a b");
    EXPECT_EQ(query_parameter("k=a=b", "k"), "a=b");
    EXPECT_EQ(query_parameter("k&x=1", "k"), "");
    EXPECT_EQ(query_parameter("%6b=1", "k"), "1");
    EXPECT_FALSE(query_parameter("monkey=1", "key"));
    EXPECT_FALSE(query_parameter("KEY=1", "key"));
    EXPECT_FALSE(query_parameter("key=%zz", "key"));
    EXPECT_FALSE(query_parameter("", "key"));
}

TEST(WithoutQueryParameter, LeavesTheOthersAsSent) {
    EXPECT_EQ(without_query_parameter("key=secret", "key"), "");
    EXPECT_EQ(without_query_parameter("alt=sse&key=secret&x=%20", "key"), "alt=sse&x=%20");
    EXPECT_EQ(without_query_parameter("key=1&alt=sse&key=2&key", "key"), "alt=sse");
    EXPECT_EQ(without_query_parameter("%6Bey=secret&k%65y=secret&monkey=1", "key"), "monkey=1");
    EXPECT_EQ(without_query_parameter("a&&b&%zz=1", "key"), "a&b&%zz=1");
}

TEST(TargetWithoutParameter, CutsTheMarkWhenNothingIsLeft) {
    EXPECT_EQ(target_without_parameter("/v1beta/models?key=secret", "key"), "/v1beta/models");
    EXPECT_EQ(target_without_parameter("/v1beta/models?alt=sse&key=secret", "key"), "/v1beta/models?alt=sse");
    EXPECT_EQ(target_without_parameter("/x", "key"), "/x");
}

}  // namespace
}  // namespace smg::http
