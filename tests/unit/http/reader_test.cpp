// What the reader accepts, at every split point, and what it makes of it.
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "unit/http/read_all.hpp"

namespace smg::http {
namespace {

template <bool is_request>
using Check = std::function<void(MessageReader<is_request>&, const Outcome&)>;

template <bool is_request>
void at_every_split(const std::string& text, const Check<is_request>& check) {
    const auto run = [&](const std::vector<std::string_view>& pieces, const std::string& trace) {
        SCOPED_TRACE(trace);
        MessageReader<is_request> reader;
        const auto out = read_all(reader, pieces);
        ASSERT_FALSE(out.failed) << out.problem;
        check(reader, out);
    };
    for (std::size_t at = 0; at <= text.size(); ++at) run(split_at(text, at), "split at " + std::to_string(at));
    run(single_bytes(text), "byte by byte");
}

TEST(RequestReader, GetWithoutBody) {
    const std::string text =
        "GET /v1/models?key=a%20b HTTP/1.1\r\nHost: localhost:8080\r\nX-A:  two words \t\r\nx-empty:\r\nX-Text: \xC3\xA9\t!\r\n\r\n";
    at_every_split<true>(text + "GET /next", [&](RequestReader& reader, const Outcome& out) {
        EXPECT_TRUE(out.complete);
        EXPECT_EQ(out.consumed, text.size()) << "nothing of the next request is taken";
        EXPECT_EQ(reader.head().method, "GET");
        EXPECT_EQ(reader.head().target, "/v1/models?key=a%20b");
        EXPECT_EQ(reader.head().version, 11);
        EXPECT_EQ(reader.head().fields.size(), 4U);
        EXPECT_EQ(reader.head().fields.get("x-a"), "two words");
        EXPECT_EQ(reader.head().fields.find("X-Empty"), "");
        EXPECT_EQ(reader.head().fields.get("x-text"), "\xC3\xA9\t!");
        EXPECT_EQ(reader.framing().kind, BodyKind::none);
        EXPECT_TRUE(reader.framing().keep_alive);
    });
}

TEST(RequestReader, SizedBody) {
    const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n";
    at_every_split<true>(head + "hello world" + "POST", [&](RequestReader& reader, const Outcome& out) {
        EXPECT_TRUE(out.complete);
        EXPECT_EQ(out.body, "hello world");
        EXPECT_EQ(out.consumed, head.size() + 11);
        EXPECT_EQ(reader.framing().kind, BodyKind::sized);
        EXPECT_EQ(reader.framing().length, 11U);
    });
}

TEST(RequestReader, EmptySizedBodyIsCompleteWithItsHead) {
    at_every_split<true>("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", [](RequestReader& reader, const Outcome& out) {
        EXPECT_TRUE(out.complete);
        EXPECT_EQ(reader.framing().kind, BodyKind::sized);
    });
}

TEST(RequestReader, ChunkedBodyWithExtensionsAndTrailers) {
    const std::string text =
        "POST / HTTP/1.1\r\nHost: a\r\ntransfer-encoding: Chunked\r\n\r\n"
        "5\r\nhello\r\n1;name=value;flag=\"x y\"\r\n \r\n0005\r\nworld\r\n00;last\r\nX-Sum: 1\r\nEmpty:\r\n\r\n";
    at_every_split<true>(text + "GET", [&](RequestReader& reader, const Outcome& out) {
        EXPECT_TRUE(out.complete);
        EXPECT_EQ(out.body, "hello world");
        EXPECT_EQ(out.consumed, text.size());
        EXPECT_EQ(reader.framing().kind, BodyKind::chunked);
        EXPECT_FALSE(reader.head().fields.contains("x-sum")) << "trailers are dropped";
    });
}

TEST(RequestReader, ChunkOfOneReadIsOneStep) {
    RequestReader reader;
    const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    ASSERT_EQ(reader.feed(head)->consumed, head.size());
    const std::string piece = "A\r\n0123456789\r\n0\r\n\r\n";
    const auto step = reader.feed(piece);
    ASSERT_TRUE(step);
    EXPECT_EQ(step->body, "0123456789");
    EXPECT_EQ(step->consumed, piece.size());
    EXPECT_TRUE(reader.complete());
}

TEST(RequestReader, DataBeforeABadByteIsHandedOutFirst) {
    RequestReader reader;
    ASSERT_TRUE(reader.feed("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"));
    const std::string_view piece = "3\r\nabc\r\nzz";
    const auto step = reader.feed(piece);
    ASSERT_TRUE(step);
    EXPECT_EQ(step->body, "abc");
    EXPECT_EQ(step->consumed, piece.size() - 2);
    EXPECT_FALSE(reader.feed("zz"));
}

TEST(RequestReader, BadByteBehindDataIsRememberedWhateverItWouldHaveMeant) {
    for (const char* bad : {"3\r\nabc\r\n0\r\n\rX", "3\r\nabc\r\n5\rX"}) {
        RequestReader reader;
        ASSERT_TRUE(reader.feed("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"));
        const auto step = reader.feed(bad);
        ASSERT_TRUE(step);
        EXPECT_EQ(step->body, "abc");
        EXPECT_FALSE(reader.complete());
        EXPECT_FALSE(reader.feed("X"));
    }
}

TEST(RequestReader, LargestChunkSizeIsNoOverflow) {
    RequestReader reader;
    const auto out = read_all(reader, {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffff\r\nabc"});
    EXPECT_FALSE(out.failed);
    EXPECT_EQ(out.body, "abc");
    EXPECT_FALSE(out.complete);
}

TEST(RequestReader, PipelinedRequestsOneAfterAnother) {
    const std::string text =
        "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
        "POST /2 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nde\r\n0\r\n\r\n"
        "\r\nGET /3 HTTP/1.1\r\nHost: a\r\n\r\n";
    RequestReader reader;
    std::string_view rest = text;
    std::vector<std::string> seen;
    while (!rest.empty()) {
        const auto out = read_all(reader, {rest});
        ASSERT_TRUE(out.complete) << out.problem;
        seen.push_back(reader.head().target + " " + out.body);
        rest.remove_prefix(out.consumed);
        reader.reset();
        EXPECT_FALSE(reader.started());
        EXPECT_FALSE(reader.head_complete());
    }
    EXPECT_EQ(seen, (std::vector<std::string>{"/1 abc", "/2 de", "/3 "}));
}

TEST(RequestReader, OneEmptyLineMayComeFirst) {
    at_every_split<true>("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", [](RequestReader&, const Outcome& out) { EXPECT_TRUE(out.complete); });
    RequestReader reader;
    EXPECT_EQ(reader.feed("\r\n")->consumed, 2U);
    EXPECT_FALSE(reader.started());
    EXPECT_EQ(reader.feed("G")->consumed, 1U);
    EXPECT_TRUE(reader.started());
}

TEST(RequestReader, AbsoluteFormBecomesOriginForm) {
    const std::pair<const char*, const char*> rows[] = {{"http://a.b:80/x?y=1", "/x?y=1"}, {"HTTPS://A.B:80", "/"}, {"http://a.b:80?q", "/?q"}};
    for (const auto& [given, expected] : rows)
        at_every_split<true>("GET " + std::string(given) + " HTTP/1.1\r\nHost: a.b:80\r\n\r\n",
                             [&](RequestReader& reader, const Outcome&) { EXPECT_EQ(reader.head().target, expected); });
}

TEST(RequestReader, OptionsAsterisk) {
    at_every_split<true>("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", [](RequestReader& reader, const Outcome& out) {
        EXPECT_TRUE(out.complete);
        EXPECT_EQ(reader.head().target, "*");
    });
}

TEST(RequestReader, HostForms) {
    for (const char* host : {"a", "[::1]:8080", "127.0.0.1", "my_host.internal:1", ""})
        at_every_split<true>("GET / HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n",
                             [](RequestReader&, const Outcome& out) { EXPECT_TRUE(out.complete); });
}

TEST(RequestReader, KeepAliveByVersionAndConnection) {
    struct Row {
        const char* version;
        const char* connection;
        bool expected;
    };
    const Row rows[] = {{"1.1", "", true},
                        {"1.1", "Connection: close\r\n", false},
                        {"1.1", "Connection: x, Close ,y\r\n", false},
                        {"1.1", "Connection: x\r\nConnection: close\r\n", false},
                        {"1.1", "Connection: closed\r\n", true},
                        {"1.1", "Connection: keep-alive\r\n", true},
                        {"1.0", "", false},
                        {"1.0", "Connection: Keep-Alive\r\n", true},
                        {"1.0", "Connection: keep-alive, close\r\n", false}};
    for (const auto& row : rows) {
        RequestReader reader;
        const auto out = read_all(reader, {"GET / HTTP/" + std::string(row.version) + "\r\nHost: a\r\n" + row.connection + "\r\n"});
        ASSERT_TRUE(out.complete);
        EXPECT_EQ(reader.framing().keep_alive, row.expected) << row.version << ' ' << row.connection;
        EXPECT_EQ(reader.head().version, row.version[2] == '1' ? 11 : 10);
    }
}

TEST(RequestReader, Http10NeedsNoHost) {
    at_every_split<true>("GET / HTTP/1.0\r\n\r\n", [](RequestReader&, const Outcome& out) { EXPECT_TRUE(out.complete); });
}

TEST(RequestReader, EndOfInput) {
    RequestReader fresh;
    EXPECT_FALSE(fresh.feed_end());
    RequestReader in_head;
    ASSERT_TRUE(in_head.feed("GET / HT"));
    EXPECT_FALSE(in_head.feed_end());
    RequestReader in_body;
    read_all(in_body, {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nab"});
    EXPECT_FALSE(in_body.feed_end());
    RequestReader whole;
    read_all(whole, {"GET / HTTP/1.1\r\nHost: a\r\n\r\n"});
    EXPECT_TRUE(whole.feed_end());
}

TEST(RequestReader, HeadMayBeMovedOutBeforeTheBodyIsRead) {
    RequestReader reader;
    const std::string head = "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n";
    ASSERT_EQ(reader.feed(head)->consumed, head.size());
    const auto taken = std::move(reader.head());
    EXPECT_EQ(taken.target, "/x");
    EXPECT_EQ(reader.feed("ok!")->body, "ok");
    EXPECT_TRUE(reader.complete());
    EXPECT_EQ(reader.feed("!")->consumed, 0U);
    reader.reset();
    EXPECT_TRUE(reader.head().fields.empty());
}

TEST(ResponseReader, SizedBody) {
    const std::string text = "HTTP/1.1 404 Not Found\r\ncontent-length: 4\r\n\r\nnope";
    at_every_split<false>(text + "HTTP", [&](ResponseReader& reader, const Outcome& out) {
        EXPECT_TRUE(out.complete);
        EXPECT_EQ(out.consumed, text.size());
        EXPECT_EQ(out.body, "nope");
        EXPECT_EQ(reader.head().status, 404);
        EXPECT_EQ(reader.head().reason, "Not Found");
        EXPECT_TRUE(reader.framing().keep_alive);
    });
}

TEST(ResponseReader, ReasonMayBeEmptyOrLeftOut) {
    for (const char* line : {"HTTP/1.1 200 \r\n", "HTTP/1.1 200\r\n"})
        at_every_split<false>(std::string(line) + "Content-Length: 0\r\n\r\n", [](ResponseReader& reader, const Outcome& out) {
            EXPECT_TRUE(out.complete);
            EXPECT_EQ(reader.head().reason, "");
        });
}

TEST(ResponseReader, BodyUntilClose) {
    at_every_split<false>("HTTP/1.1 200 OK\r\nA: b\r\n\r\nall of it", [](ResponseReader& reader, const Outcome& out) {
        EXPECT_EQ(out.body, "all of it");
        EXPECT_FALSE(reader.complete());
        EXPECT_EQ(reader.framing().kind, BodyKind::until_close);
        EXPECT_FALSE(reader.framing().keep_alive);
        EXPECT_TRUE(reader.feed_end());
        EXPECT_TRUE(reader.complete());
    });
}

TEST(ResponseReader, CutChunkedBodyIsNotComplete) {
    ResponseReader reader;
    const auto out = read_all(reader, {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"});
    EXPECT_EQ(out.body, "abc");
    EXPECT_FALSE(out.complete);
    EXPECT_FALSE(reader.feed_end());
}

TEST(ResponseReader, StatusesWithoutBody) {
    for (const char* status : {"100", "102", "103", "204", "304"})
        at_every_split<false>("HTTP/1.1 " + std::string(status) + " X\r\n\r\nHTTP/1.1 200", [&](ResponseReader& reader, const Outcome& out) {
            EXPECT_TRUE(out.complete) << status;
            EXPECT_EQ(out.body, "");
            EXPECT_EQ(reader.framing().kind, BodyKind::none);
            EXPECT_TRUE(reader.framing().keep_alive);
        });
}

TEST(ResponseReader, NotModifiedMayNameALength) {
    ResponseReader reader;
    EXPECT_TRUE(read_all(reader, {"HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n"}).complete);
    EXPECT_TRUE(reader.framing().keep_alive);
}

TEST(ResponseReader, BodyWhereNoneMayBeEndsTheConnection) {
    for (const char* field : {"Content-Length: 3\r\n", "Transfer-Encoding: chunked\r\n"}) {
        ResponseReader reader;
        EXPECT_TRUE(read_all(reader, {"HTTP/1.1 204 No Content\r\n" + std::string(field) + "\r\n"}).complete);
        EXPECT_FALSE(reader.framing().keep_alive);
    }
    ResponseReader switched;
    EXPECT_TRUE(read_all(switched, {"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"}).complete);
    EXPECT_FALSE(switched.framing().keep_alive);
}

TEST(ResponseReader, ExpectNoBodyHoldsOverInterimAnswersForOneFinalOne) {
    ResponseReader reader;
    reader.expect_no_body();
    EXPECT_TRUE(read_all(reader, {"HTTP/1.1 100 Continue\r\n\r\n"}).complete);
    reader.reset();
    EXPECT_TRUE(read_all(reader, {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"}).complete);
    EXPECT_TRUE(reader.framing().keep_alive);
    reader.reset();
    const auto next = read_all(reader, {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"});
    EXPECT_EQ(next.body, "hello");
}

TEST(ResponseReader, InterimThenFinal) {
    const std::string interim = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n";
    const std::string text = interim + "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    ResponseReader reader;
    EXPECT_EQ(read_all(reader, {text}).consumed, interim.size());
    reader.reset();
    EXPECT_EQ(read_all(reader, {std::string_view(text).substr(interim.size())}).body, "ok");
    EXPECT_FALSE(reader.head().fields.contains("link"));
}

}  // namespace
}  // namespace smg::http
