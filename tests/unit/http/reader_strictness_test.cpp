// Each row of what the reader refuses, whole and at every split point.
#include <gtest/gtest.h>

#include <string>

#include "unit/http/read_all.hpp"

namespace smg::http {
namespace {

using namespace std::string_literals;

struct Row {
    const char* name;
    std::string text;
    const char* problem;  ///< part of the message
};

template <bool is_request>
void expect_refused(const Row& row) {
    SCOPED_TRACE(row.name);
    {
        MessageReader<is_request> reader;
        const auto whole = read_all(reader, {row.text});
        EXPECT_TRUE(whole.failed);
        EXPECT_NE(whole.problem.find(row.problem), std::string::npos) << whole.problem;
        EXPECT_FALSE(reader.complete());
        EXPECT_FALSE(reader.feed("GET / HTTP/1.1\r\nHost: a\r\n\r\n")) << "a failed reader stays failed";
    }
    for (std::size_t at = 0; at <= row.text.size(); ++at) {
        MessageReader<is_request> reader;
        EXPECT_TRUE(read_all(reader, split_at(row.text, at)).failed) << "split at " << at;
    }
    MessageReader<is_request> reader;
    EXPECT_TRUE(read_all(reader, single_bytes(row.text)).failed) << "byte by byte";
}

std::string get(const std::string& fields) { return "GET / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n"; }
std::string chunks(const std::string& body) { return "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + body; }
std::string ok(const std::string& fields) { return "HTTP/1.1 200 OK\r\n" + fields + "\r\n"; }

TEST(ReaderStrictness, RequestLine) {
    const Row rows[] = {
        {"bare LF", "GET / HTTP/1.1\nHost: a\n\n", "CR LF"},
        {"bare LF after a CR LF", "GET / HTTP/1.1\r\nHost: a\n\r\n", "CR LF"},
        {"bare CR", "GET / HTTP/1.1\rHost: a\r\n\r\n", "spoken here"},
        {"bare CR in the method", "G\rET / HTTP/1.1\r\nHost: a\r\n\r\n", "method"},
        {"no version (0.9)", "GET /\r\n\r\n", "request line"},
        {"empty target", "GET  HTTP/1.1\r\nHost: a\r\n\r\n", "request line"},
        {"two spaces", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", "escaped"},
        {"space in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", "escaped"},
        {"tab as separator", "GET\t/\tHTTP/1.1\r\nHost: a\r\n\r\n", "request line"},
        {"trailing space", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", "spoken here"},
        {"method no token", "G@T / HTTP/1.1\r\nHost: a\r\n\r\n", "method"},
        {"empty method", " / HTTP/1.1\r\nHost: a\r\n\r\n", "method"},
        {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "spoken here"},
        {"HTTP/1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", "spoken here"},
        {"HTTP/11", "GET / HTTP/11\r\nHost: a\r\n\r\n", "spoken here"},
        {"lower case", "GET / http/1.1\r\nHost: a\r\n\r\n", "spoken here"},
        {"control byte in the target", "GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n", "escaped"},
        {"raw UTF-8 in the target", "GET /\xC3\xA9 HTTP/1.1\r\nHost: a\r\n\r\n", "escaped"},
        {"fragment", "GET /#a HTTP/1.1\r\nHost: a\r\n\r\n", "escaped"},
        {"authority form", "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", "must be a path"},
        {"asterisk for another method", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", "must be a path"},
        {"relative path", "GET v1/models HTTP/1.1\r\nHost: a\r\n\r\n", "must be a path"},
        {"two empty lines first", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "request line is missing"},
        {"a lone CR first", "\rGET / HTTP/1.1\r\nHost: a\r\n\r\n", "CR LF"},
        {"a lone LF first", "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "CR LF"},
    };
    for (const auto& row : rows) expect_refused<true>(row);
}

TEST(ReaderStrictness, Host) {
    const Row rows[] = {
        {"none", "GET / HTTP/1.1\r\nAccept: */*\r\n\r\n", "Host is missing"},
        {"two", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "twice"},
        {"two equal", "GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n", "twice"},
        {"two on 1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", "twice"},
        {"a list", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", "malformed"},
        {"a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", "malformed"},
        {"user information", "GET / HTTP/1.1\r\nHost: me@a\r\n\r\n", "malformed"},
        {"differs from the target's", "GET http://b/x HTTP/1.1\r\nHost: a\r\n\r\n", "different hosts"},
        {"target's port differs", "GET http://a:81/x HTTP/1.1\r\nHost: a\r\n\r\n", "different hosts"},
        {"absolute form without host", "GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n", "no valid host"},
        {"absolute form with user", "GET http://me@a/x HTTP/1.1\r\nHost: a\r\n\r\n", "no valid host"},
        {"absolute form of 1.1 needs Host too", "GET http://a/x HTTP/1.1\r\n\r\n", "Host is missing"},
        {"another scheme", "GET ftp://a/x HTTP/1.1\r\nHost: a\r\n\r\n", "must be a path"},
    };
    for (const auto& row : rows) expect_refused<true>(row);
}

TEST(ReaderStrictness, Fields) {
    const Row rows[] = {
        {"space before the colon", get("Accept : a\r\n"), "name of a header field"},
        {"tab before the colon", get("Accept\t: a\r\n"), "name of a header field"},
        {"obs-fold with a space", get("Accept: a\r\n b\r\n"), "folded"},
        {"obs-fold with a tab", get("Accept: a\r\n\tb\r\n"), "folded"},
        {"fold right after the request line", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", "folded"},
        {"no colon", get("Accept\r\n"), "no colon"},
        {"no name", get(": a\r\n"), "name of a header field"},
        {"bracket in the name", get("Acc(ept: a\r\n"), "name of a header field"},
        {"NUL in the name", get("Acc\0ept: a\r\n"s), "name of a header field"},
        {"NUL in a value", get("Accept: a\0b\r\n"s), "control character"},
        {"bare CR in a value", get("Accept: a\rb\r\n"), "control character"},
        {"bare CR before CR LF", get("Accept: a\r\r\n"), "control character"},
        {"bare LF in a value", get("Accept: a\nX: b\r\n"), "CR LF"},
        {"bell in a value", get("Accept: a\x07\r\n"), "control character"},
        {"DEL deep in a value", get("Accept: 0123456789abcdef\x7f" "0123456789\r\n"), "control character"},
        {"control byte in the eighth place", get("Accept: 1234567\x1f\r\n"), "control character"},
    };
    for (const auto& row : rows) expect_refused<true>(row);
}

TEST(ReaderStrictness, Framing) {
    const Row rows[] = {
        {"length and chunked", get("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"), "both"},
        {"chunked and length", get("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n"), "both"},
        {"two lengths", get("Content-Length: 3\r\nContent-Length: 4\r\n"), "twice"},
        {"two equal lengths", get("Content-Length: 3\r\ncontent-length: 3\r\n"), "twice"},
        {"a list of lengths", get("Content-Length: 3, 3\r\n"), "malformed"},
        {"negative", get("Content-Length: -1\r\n"), "malformed"},
        {"plus", get("Content-Length: +1\r\n"), "malformed"},
        {"hexadecimal", get("Content-Length: 0x10\r\n"), "malformed"},
        {"empty", get("Content-Length:\r\n"), "malformed"},
        {"fraction", get("Content-Length: 1.0\r\n"), "malformed"},
        {"space inside", get("Content-Length: 1 0\r\n"), "malformed"},
        {"overflow", get("Content-Length: 99999999999999999999\r\n"), "malformed"},
        {"xchunked", get("Transfer-Encoding: xchunked\r\n"), "Transfer-Encoding"},
        {"gzip, chunked", get("Transfer-Encoding: gzip, chunked\r\n"), "Transfer-Encoding"},
        {"chunked twice", get("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), "Transfer-Encoding"},
        {"chunked, chunked", get("Transfer-Encoding: chunked, chunked\r\n"), "Transfer-Encoding"},
        {"identity", get("Transfer-Encoding: identity\r\n"), "Transfer-Encoding"},
        {"empty coding", get("Transfer-Encoding:\r\n"), "Transfer-Encoding"},
        {"vertical tab", get("Transfer-Encoding: \x0b" "chunked\r\n"), "control character"},
        {"parameter", get("Transfer-Encoding: chunked;q=1\r\n"), "Transfer-Encoding"},
        {"chunked on 1.0", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.0"},
    };
    for (const auto& row : rows) expect_refused<true>(row);
}

TEST(ReaderStrictness, Chunks) {
    const Row rows[] = {
        {"no digits", chunks("\r\n"), "chunk size"},
        {"not hexadecimal", chunks("g\r\nx\r\n"), "chunk size"},
        {"0x", chunks("0x1\r\na\r\n0\r\n\r\n"), "chunk size"},
        {"minus", chunks("-1\r\n"), "chunk size"},
        {"leading space", chunks(" 1\r\na\r\n"), "chunk size"},
        {"trailing space", chunks("1 \r\na\r\n"), "chunk size"},
        {"overflow", chunks("10000000000000000\r\n"), "too large"},
        {"endless zeros", chunks(std::string(300, '0')), "too large"},
        {"bare LF", chunks("1\na\r\n0\r\n\r\n"), "chunk size"},
        {"bare CR", chunks("1\ra\r\n0\r\n\r\n"), "CR LF"},
        {"longer than its size", chunks("1\r\nab\r\n0\r\n\r\n"), "longer than its size"},
        {"data ends in a bare LF", chunks("1\r\na\n0\r\n\r\n"), "longer than its size"},
        {"data ends in a bare CR", chunks("1\r\na\r0\r\n\r\n"), "CR LF"},
        {"extension too long", chunks("1;" + std::string(300, 'x') + "\r\n"), "extension is too long"},
        {"LF in an extension", chunks("1;a\nb\r\na\r\n"), "extension is malformed"},
        {"NUL in an extension", chunks("1;a\0b\r\na\r\n"s), "extension is malformed"},
        {"bare CR in an extension", chunks("1;a\rb\r\na\r\n"), "CR LF"},
        {"trailer without colon", chunks("0\r\nfoo\r\n\r\n"), "trailer"},
        {"folded trailer", chunks("0\r\na: b\r\n c\r\n\r\n"), "trailer"},
        {"NUL in a trailer", chunks("0\r\na: \0\r\n\r\n"s), "trailer"},
        {"bare LF in a trailer", chunks("0\r\na: b\n\r\n"), "trailer"},
        {"endless trailers", chunks("0\r\na: " + std::string(9000, 'x')), "trailer fields are too long"},
        {"bare LF at the end", chunks("0\r\n\n"), "trailer"},
        {"bare CR at the end", chunks("0\r\n\rx"), "CR LF"},
    };
    for (const auto& row : rows) expect_refused<true>(row);
}

TEST(ReaderStrictness, Responses) {
    const Row rows[] = {
        {"status of two digits", "HTTP/1.1 20 OK\r\n\r\n", "status"},
        {"status of four digits", "HTTP/1.1 2000\r\n\r\n", "status line"},
        {"status no number", "HTTP/1.1 2x0 OK\r\n\r\n", "status"},
        {"status too small", "HTTP/1.1 099 OK\r\n\r\n", "range"},
        {"status too large", "HTTP/1.1 600 OK\r\n\r\n", "range"},
        {"no status", "HTTP/1.1\r\n\r\n", "status line"},
        {"HTTP/2", "HTTP/2 200\r\n\r\n", "status line"},
        {"HTTP/2.0", "HTTP/2.0 200 OK\r\n\r\n", "spoken here"},
        {"no HTTP", "SSH-2.0-OpenSSH_9.2 Debian\r\n\r\n", "status line"},
        {"control byte in the reason", "HTTP/1.1 200 O\x01K\r\n\r\n", "reason"},
        {"empty line first", "\r\nHTTP/1.1 200 OK\r\n\r\n", "status line is missing"},
        {"length and chunked", ok("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"), "both"},
        {"two lengths", ok("Content-Length: 3\r\nContent-Length: 3\r\n"), "twice"},
        {"gzip coding", ok("Transfer-Encoding: gzip, chunked\r\n"), "Transfer-Encoding"},
        {"chunked on 1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.0"},
        {"obs-fold", ok("A: b\r\n c\r\n"), "folded"},
        {"bare LF", "HTTP/1.1 200 OK\nA: b\n\n", "CR LF"},
        {"space before the colon", ok("A : b\r\n"), "name of a header field"},
        {"bad chunk", ok("Transfer-Encoding: chunked\r\n") + "zz\r\n", "chunk size"},
    };
    for (const auto& row : rows) expect_refused<false>(row);
}

TEST(ReaderStrictness, BytesThatAreNoHttpAreRefusedAtOnce) {
    RequestReader tls;
    EXPECT_TRUE(read_all(tls, {"\x16\x03\x01\x02\x00"s}).failed);
    RequestReader bare_cr;
    EXPECT_TRUE(read_all(bare_cr, {"GET / HTTP/1.1\rHost: a\r\r"}).failed);
}

TEST(ReaderStrictness, HeadLimit) {
    const auto message = get("A: " + std::string(200, 'x') + "\r\n");
    HeadLimits limits;
    limits.max_bytes = message.size();
    for (std::size_t at = 0; at <= message.size(); ++at) {
        RequestReader reader(limits);
        EXPECT_TRUE(read_all(reader, split_at(message, at)).complete) << at;
    }
    limits.max_bytes = message.size() - 1;
    for (std::size_t at = 0; at <= message.size(); ++at) {
        RequestReader reader(limits);
        const auto out = read_all(reader, split_at(message, at));
        EXPECT_TRUE(out.failed) << at;
        EXPECT_NE(out.problem.find("too large"), std::string::npos);
    }
    RequestReader endless(limits);
    const auto step = endless.feed("GET /" + std::string(10'000, 'x'));
    ASSERT_FALSE(step);
    EXPECT_EQ(step.error().failure, Failure::headers_too_large);
}

TEST(ReaderStrictness, FieldCountLimit) {
    HeadLimits limits;
    limits.max_fields = 3;
    RequestReader fits(limits);
    EXPECT_TRUE(read_all(fits, {get("A: 1\r\nB: 2\r\n")}).complete);
    RequestReader too_many(limits);
    const auto step = too_many.feed(get("A: 1\r\nB: 2\r\nC: 3\r\n"));
    ASSERT_FALSE(step);
    EXPECT_EQ(step.error().failure, Failure::headers_too_large);
}

}  // namespace
}  // namespace smg::http
