#include "http/writer.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "unit/http/read_all.hpp"

namespace smg::http {
namespace {

using namespace std::string_literals;

TEST(Token, TheTable) {
    EXPECT_TRUE(is_token("x-Api_Key.1~|`^!#$%&'*+"));
    for (const auto& bad : {""s, "a b"s, "a:"s, "a\r"s, "a\n"s, "\0"s, "(a"s, "a,b"s, "\"a"s, "\xC3\xA9"s, "a\x7f"s})
        EXPECT_FALSE(is_token(bad)) << bad;
}

TEST(FieldValue, EveryByteAtEveryPlace) {
    for (int byte = 0; byte < 256; ++byte) {
        const bool allowed = byte == '\t' || (byte >= 0x20 && byte != 0x7f);
        for (std::size_t at = 0; at < 19; ++at) {
            std::string text(19, 'x');
            text[at] = static_cast<char>(byte);
            EXPECT_EQ(is_field_value(text), allowed) << byte << " at " << at;
            text.assign(19, '\xff');
            text[at] = static_cast<char>(byte);
            EXPECT_EQ(is_field_value(text), allowed) << byte << " at " << at << " among high bytes";
        }
    }
    EXPECT_TRUE(is_field_value(""));
}

TEST(AppendField, InjectionIsRefusedAndLeavesNothing) {
    const std::pair<std::string, std::string> rows[] = {{"x", "a\r\nEvil: 1"}, {"x", "a\nb"}, {"x", "a\rb"}, {"x", "a\0b"s}, {"x\r\nEvil", "1"},
                                                        {"x: 1\r\nEvil", "1"}, {"", "1"},     {"x ", "1"},   {"x", "\x7f"}};
    for (const auto& [name, value] : rows) {
        std::string out = "before";
        EXPECT_FALSE(append_field(out, name, value));
        EXPECT_EQ(out, "before");
    }
    std::string out;
    EXPECT_TRUE(append_field(out, "x-model", "caf\xC3\xA9\t1"));
    EXPECT_EQ(out, "x-model: caf\xC3\xA9\t1\r\n");
}

TEST(AppendRequestHead, IsReadBackAsWritten) {
    RequestHead head;
    head.method = "POST";
    head.target = "/v1/x?y=1";
    head.fields.add("Host", "a:1");
    head.fields.add("content-length", "0");
    std::string text;
    ASSERT_TRUE(append_request_head(text, head));
    EXPECT_EQ(text, "POST /v1/x?y=1 HTTP/1.1\r\nHost: a:1\r\ncontent-length: 0\r\n");
    RequestReader reader;
    ASSERT_TRUE(read_all(reader, {text + "\r\n"}).complete);
    EXPECT_EQ(reader.head().target, head.target);
}

TEST(AppendRequestHead, MethodAndTargetCannotInject) {
    for (const auto& [method, target] : {std::pair("GET /x HTTP/1.1\r\nA:"s, "/"s), std::pair("GET"s, "/ HTTP/1.1\r\nEvil: 1\r\n"s),
                                         std::pair("GET"s, "/a b"s), std::pair("GET"s, ""s), std::pair(""s, "/"s), std::pair("GET"s, "/\0"s)}) {
        RequestHead head;
        head.method = method;
        head.target = target;
        std::string out;
        EXPECT_FALSE(append_request_head(out, head));
        EXPECT_EQ(out, "");
    }
}

TEST(AppendResponseHead, ReasonsAndStatuses) {
    ResponseHead head;
    head.status = 429;
    head.fields.add("Retry-After", "1");
    head.fields.add("Bad", "a\r\nSet-Cookie: x");
    std::string out;
    append_response_head(out, head);
    EXPECT_EQ(out, "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\n") << "a field that may not be written is left out";

    head.fields.clear();
    head.reason = "Slow down";
    out.clear();
    append_response_head(out, head);
    EXPECT_EQ(out, "HTTP/1.1 429 Slow down\r\n");

    head.reason = "OK\r\nEvil: 1";
    out.clear();
    append_response_head(out, head);
    EXPECT_EQ(out, "HTTP/1.1 429 Too Many Requests\r\n");

    head.status = 7;
    head.reason.clear();
    out.clear();
    append_response_head(out, head);
    EXPECT_EQ(out, "HTTP/1.1 500 Internal Server Error\r\n");
}

TEST(ReasonPhrase, KnownAndUnknown) {
    EXPECT_EQ(reason_phrase(200), "OK");
    EXPECT_EQ(reason_phrase(503), "Service Unavailable");
    EXPECT_EQ(reason_phrase(599), "Unknown");
}

TEST(Chunks, AreReadBackAsWritten) {
    std::string text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    append_chunk(text, "hello ");
    append_chunk(text, "");
    append_chunk_size(text, 26);
    text += std::string(26, 'z') + "\r\n";
    text += last_chunk;
    EXPECT_NE(text.find("\r\n1a\r\nz"), std::string::npos);
    ResponseReader reader;
    const auto out = read_all(reader, {text});
    EXPECT_TRUE(out.complete);
    EXPECT_EQ(out.body, "hello " + std::string(26, 'z'));
    std::string size;
    append_chunk_size(size, std::numeric_limits<std::uint64_t>::max());
    EXPECT_EQ(size, "ffffffffffffffff\r\n");
}

}  // namespace
}  // namespace smg::http
