// Small rules about fields: their container, which of them belong to one connection, and content types.
#include "http/fields.hpp"

#include <gtest/gtest.h>

#include "http/hop_by_hop.hpp"
#include "http/media_type.hpp"

namespace smg::http {
namespace {

std::string names(const Fields& fields) {
    std::string text;
    for (const auto& field : fields) text.append(field.name).append(" ");
    return text;
}

TEST(Fields, NamesCompareWithoutCaseAndOrderStays) {
    Fields fields;
    fields.add("Set-Cookie", "1");
    fields.add("X-A", "2");
    fields.add("set-cookie", "3");
    EXPECT_EQ(fields.get("SET-COOKIE"), "1");
    EXPECT_EQ(fields.count("set-cookie"), 2U);
    EXPECT_FALSE(fields.find("x-b"));
    EXPECT_EQ(fields.get("x-b"), "");
    fields.set("x-a", "4");
    EXPECT_EQ(names(fields), "Set-Cookie set-cookie x-a ");
    fields.erase("Set-cookie");
    EXPECT_EQ(names(fields), "x-a ");
    fields.erase_if([](const Field& field) { return field.value == "4"; });
    EXPECT_TRUE(fields.empty());
}

/// The text moves when it grows: what is added may lie in it.
TEST(Fields, OwnNamesAndValuesMayBeAddedAgain) {
    Fields fields;
    fields.add("x-first", "a value that is too long to be kept inside of a short string");
    for (int i = 0; i < 40; ++i) fields.add((*fields.begin()).name, fields.get("x-first"));
    EXPECT_EQ(fields.count("X-First"), 41U);
    for (const auto& field : fields) EXPECT_EQ(field.value, "a value that is too long to be kept inside of a short string");
    fields.set("x-first", fields.get("x-first"));
    const Fields copy = fields;
    fields.clear();
    EXPECT_EQ(copy.size(), 1U);
    EXPECT_EQ(copy.get("x-first").size(), 60U);
}

TEST(HopByHop, TheList) {
    for (const char* name : {"Connection", "KEEP-ALIVE", "te", "Trailer", "Transfer-Encoding", "upgrade", "Proxy-Authorization", "Proxy-Authenticate",
                             "proxy-connection", "HTTP2-Settings"})
        EXPECT_TRUE(is_hop_by_hop(name)) << name;
    for (const char* name : {"", "Content-Length", "Authorization", "Host", "Ten", "X-Proxy-A", "Proxy"}) EXPECT_FALSE(is_hop_by_hop(name)) << name;
}

TEST(Fields, GrowUnderViewsOfThemselves) {
    Fields fields;
    fields.add("a", "b");
    for (int i = 0; i < 200; ++i) {
        const auto last = *fields.find("a");
        fields.add("a", last);  // the view may lie in memory that has to grow, small or large
        ASSERT_EQ(fields.size(), static_cast<std::size_t>(i) + 2);
        for (const auto& field : fields) ASSERT_EQ(std::string(field.name) + std::string(field.value), "ab");
    }
}

TEST(Fields, AreUsableAfterTheyWereMovedAndCopied) {
    Fields fields;
    fields.add("name", std::string(100, 'v'));
    Fields taken = std::move(fields);
    const Fields copy = taken;
    fields.add("other", "w");
    EXPECT_EQ(fields.size(), 1U);
    EXPECT_EQ(fields.get("other"), "w");
    EXPECT_EQ(taken.get("name"), std::string(100, 'v'));
    taken = Fields();
    taken.add("again", "x");
    EXPECT_EQ(taken.get("again"), "x");
    EXPECT_EQ(copy.get("name"), std::string(100, 'v'));
}

TEST(Fields, WhatWasCheckedStaysSoAndNothingElseIs) {
    Fields fields;
    fields.add({"parsed", "1", true});
    fields.add("own", "2");
    Fields passed;
    for (const auto& field : fields) passed.add(field);
    passed.set("parsed", "3");  // anew: not by the parser
    std::string checked;
    for (const auto& field : fields) checked += field.checked ? "+" : "-";
    for (const auto& field : passed) checked += field.checked ? "+" : "-";
    EXPECT_EQ(checked, "+---");
}

TEST(HopByHop, StripsTheListAndWhatConnectionNames) {
    Fields fields;
    fields.add("Host", "a");
    fields.add("Connection", "close, X-Private");
    fields.add("x-private", "1");
    fields.add("connection", " x-Other ");
    fields.add("X-Other", "2");
    fields.add("X-Others", "3");
    fields.add("Proxy-Authorization", "Basic x");
    fields.add("Transfer-Encoding", "chunked");
    fields.add("Accept", "*/*");
    strip_hop_by_hop(fields);
    EXPECT_EQ(names(fields), "Host X-Others Accept ");
}

TEST(MediaType, Parts) {
    const auto media = parse_media_type(" Application/JSON ; a=\"x;charset=no\\\"\"; Charset=\"UTF-8\";charset=latin1");
    ASSERT_TRUE(media);
    EXPECT_EQ(media->type, "application");
    EXPECT_EQ(media->subtype, "json");
    EXPECT_EQ(media->charset, "utf-8");
    EXPECT_EQ(parse_media_type("text/plain")->charset, "");
    EXPECT_EQ(parse_media_type("text/plain;")->charset, "");
    for (const char* bad : {"", "text", "/", "text/", "/plain", "te xt/plain", "text/pl/ain", ";charset=utf-8"})
        EXPECT_FALSE(parse_media_type(bad)) << bad;
}

TEST(MediaType, JsonAndEventStream) {
    for (const char* json :
         {"application/json", "APPLICATION/Json; charset=utf-8", "text/json", "application/problem+json", "application/vnd.a+JSON ;x"})
        EXPECT_TRUE(is_json(json)) << json;
    for (const char* other : {"", "json", "+json", "application/jsonp", "text/plain; a=application/json", "application/x-ndjson"})
        EXPECT_FALSE(is_json(other)) << other;
    EXPECT_TRUE(is_event_stream("text/event-stream;charset=utf-8"));
    EXPECT_FALSE(is_event_stream("text/event-streams"));
    EXPECT_FALSE(is_event_stream("application/json"));
}

}  // namespace
}  // namespace smg::http
