#include "http/url.hpp"

#include <gtest/gtest.h>

namespace smg::http {
namespace {

TEST(ParseUrl, Parts) {
    const auto url = parse_url("https://API.OpenAI.com/v1/x%20y");
    ASSERT_TRUE(url);
    EXPECT_TRUE(url->tls);
    EXPECT_EQ(url->host, "api.openai.com");
    EXPECT_EQ(url->port, 443);
    EXPECT_EQ(url->path, "/v1/x%20y");
    EXPECT_EQ(url->authority(), "api.openai.com");
    EXPECT_EQ(url->target(), "/v1/x%20y");
}

TEST(ParseUrl, DefaultsAndPorts) {
    EXPECT_EQ(parse_url("HTTP://a")->port, 80);
    EXPECT_EQ(parse_url("http://a")->path, "/");
    EXPECT_EQ(parse_url("http://a:8080/")->authority(), "a:8080");
    EXPECT_EQ(parse_url("http://a:80/")->authority(), "a");
    EXPECT_EQ(parse_url("https://a:80/")->authority(), "a:80");
    EXPECT_EQ(*parse_url("https://A:443"), *parse_url("https://a/"));
}

TEST(ParseUrl, Ipv6InBrackets) {
    const auto url = parse_url("http://[2001:DB8::1]:90/x");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->host, "2001:db8::1");
    EXPECT_EQ(url->authority(), "[2001:db8::1]:90");
    EXPECT_EQ(parse_url("http://[::ffff:1.2.3.4]")->host, "::ffff:1.2.3.4");
}

TEST(ParseUrl, OptionalPartsOnlyWhereAsked) {
    UrlParts all;
    all.query = all.user_info = true;
    const auto url = parse_url("http://me:p%40ss@proxy:3128/?a=b?c", all);
    ASSERT_TRUE(url);
    EXPECT_EQ(url->user_info, "me:p%40ss");
    EXPECT_EQ(url->host, "proxy");
    EXPECT_EQ(url->query, "a=b?c");
    EXPECT_EQ(url->target(), "/?a=b?c");
    EXPECT_EQ(parse_url("http://a?q", all)->target(), "/?q");
}

TEST(ParseUrl, ErrorsSayWhatIsWrongAndNeverRepeatTheUrl) {
    const std::pair<const char*, const char*> rows[] = {{"", "begin with"},
                                                        {"hunter2", "begin with"},
                                                        {"ftp://hunter2", "begin with"},
                                                        {"http:/hunter2", "begin with"},
                                                        {"http://", "host"},
                                                        {"http:///hunter2", "host"},
                                                        {"http://:80/hunter2", "host"},
                                                        {"http://a b/hunter2", "escaped"},
                                                        {"http://a/hunter2\r\nX: 1", "escaped"},
                                                        {"http://a/hunter2%4", "escape"},
                                                        {"http://a/\xC3\xA9hunter2", "escaped"},
                                                        {"http://me:hunter2@a/", "password"},
                                                        {"http://a/?key=hunter2", "query"},
                                                        {"http://a/#hunter2", "fragment"},
                                                        {"http://a:0/hunter2", "port"},
                                                        {"http://a:/hunter2", "port"},
                                                        {"http://a:65536/hunter2", "port"},
                                                        {"http://a:-1/hunter2", "port"},
                                                        {"http://a:8o/hunter2", "port"},
                                                        {"http://::1/hunter2", "host"},
                                                        {"http://[::1/hunter2", "IPv6"},
                                                        {"http://[g::1]/hunter2", "IPv6"},
                                                        {"http://[1]/hunter2", "IPv6"},
                                                        {"http://[::1]80/hunter2", "after its IPv6"},
                                                        {"http://a..b/hunter2", "host"},
                                                        {"http://.a/hunter2", "host"},
                                                        {"http://a\\b/hunter2", "host"}};
    for (const auto& [text, problem] : rows) {
        const auto url = parse_url(text);
        ASSERT_FALSE(url) << text;
        EXPECT_EQ(url.error().failure, Failure::invalid_request);
        EXPECT_NE(url.error().message.find(problem), std::string::npos) << text << ": " << url.error().message;
        EXPECT_EQ(url.error().message.find("hunter2"), std::string::npos);
    }
}

}  // namespace
}  // namespace smg::http
