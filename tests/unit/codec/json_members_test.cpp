#include "codec/json_members.hpp"

#include <gtest/gtest.h>

#include <cstring>

#include "codec/json_tree.hpp"

namespace smg::codec {
namespace {

struct Found {
    std::string name;
    std::string whole;
    std::string value;
    friend bool operator==(const Found&, const Found&) = default;
};

std::vector<Found> found_in(std::string_view text, std::size_t readable = 0) {
    std::vector<JsonMember> members;
    EXPECT_TRUE(find_members(text, readable, members)) << text;
    std::vector<Found> found;
    for (const auto& member : members)
        found.push_back({member.name, std::string(text.substr(member.begin, member.end - member.begin)),
                         std::string(text.substr(member.value_begin, member.end - member.value_begin))});
    return found;
}

TEST(JsonMembers, EachStandsWhereItIs) {
    const auto found = found_in(" {\"a\" : [1, {\"b\":\"}\"}] ,\n\"c\":{ } , \"d\":\"x\\\"y\" , \"e\": -1.50 ,\"f\":null }\r\n");
    const std::vector<Found> expected = {{"a", R"("a" : [1, {"b":"}"}])", R"([1, {"b":"}"}])"},
                                         {"c", R"("c":{ })", "{ }"},
                                         {"d", R"("d":"x\"y")", R"("x\"y")"},
                                         {"e", R"("e": -1.50)", "-1.50"},
                                         {"f", R"("f":null)", "null"}};
    EXPECT_EQ(found, expected);
}

TEST(JsonMembers, AnEmptyObjectHasNone) { EXPECT_TRUE(found_in(" { } ").empty()); }

TEST(JsonMembers, NamesAreUnescapedAndMayComeTwice) {
    const auto found = found_in(R"({"mod\u0065l":1,"model":2})");
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].name, "model");
    EXPECT_EQ(found[0].whole, R"("mod\u0065l":1)");
    EXPECT_EQ(found[1].name, "model");
}

TEST(JsonMembers, ATextWithRoomBehindItIsReadWhereItLies) {
    std::string text = R"({"a":{"b":[true]},"c":"d"})";
    const auto copied = found_in(text);
    text.reserve(text.size() + json_padding);
    EXPECT_EQ(found_in(text, text.capacity()), copied);
}

TEST(JsonMembers, AgreesWithATree) {
    const std::string text =
        R"({"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"a\\"}]}],"n":1e3,"x":{"y":{"z":[[],{}]}},"t":true})";
    JsonTree tree;
    const auto root = tree.parse(text);
    ASSERT_TRUE(root);
    std::vector<Found> expected;
    for (const auto member : *root) expected.push_back({std::string(member.name()), {}, std::string(member.raw())});
    auto found = found_in(text);
    for (auto& each : found) each.whole.clear();
    EXPECT_EQ(found, expected);
}

class NoMembers : public ::testing::TestWithParam<std::string_view> {};

TEST_P(NoMembers, IsRefused) {
    std::vector<JsonMember> members;
    const auto done = find_members(GetParam(), 0, members);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().failure, Failure::invalid_request);
    EXPECT_FALSE(done.error().message.empty());
}

INSTANTIATE_TEST_SUITE_P(Texts, NoMembers,
                         ::testing::Values("", " ", "{", "}", "[]", "null", "7", "\"a\"", "{} x", "{}{}", "{\"a\":1,}", "{\"a\"}", "{\"a\":1 2}",
                                           "{\"a\":[}", "{\"a\":[1}", "{\"a\":{\"b\":1}", "{\"a\":\"b}", "{\"a\":1]", "{a:1}", "{\"a\":\"\x01\"}",
                                           "{\"a\":\"\xff\"}", "{\"a\":\"b\":true},\"c\":1}"));

TEST(JsonMembers, EveryTruncationIsRefused) {
    const std::string text = R"({"model":"m","messages":[{"role":"user","content":"a"}],"stream":true})";
    for (std::size_t size = 0; size < text.size(); ++size) {
        std::vector<JsonMember> members;
        EXPECT_FALSE(find_members(std::string_view(text).substr(0, size), 0, members)) << size;
    }
}

TEST(JsonMembers, ALargeTextLeavesNothingBehind) {
    const std::string text = "{\"a\":\"" + std::string(2 * 1024 * 1024, 'x') + "\",\"b\":1}";
    const auto found = found_in(text);
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[1].value, "1");
    EXPECT_EQ(found_in(R"({"a":1})").size(), 1U);
}

}  // namespace
}  // namespace smg::codec
