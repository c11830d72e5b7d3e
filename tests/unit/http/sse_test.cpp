#include "http/sse.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace smg::http {
namespace {

using Events = std::vector<std::pair<std::string, std::string>>;

/// The events of `pieces`, fed one after another, and of the stream's end.
Events read(const std::vector<std::string_view>& pieces) {
    Events events;
    SseReader reader;
    const auto note = [&](const SseEvent& event) { events.emplace_back(event.name, event.data); };
    for (const auto piece : pieces) EXPECT_TRUE(reader.feed(piece, note));
    reader.finish(note);
    return events;
}

/// Whole, at every single split, and byte by byte: always the same.
void expect_at_every_split(std::string_view text, const Events& expected) {
    EXPECT_EQ(read({text}), expected);
    for (std::size_t at = 0; at <= text.size(); ++at)
        EXPECT_EQ(read({text.substr(0, at), text.substr(at)}), expected) << "split at " << at;
    std::vector<std::string_view> bytes;
    for (std::size_t i = 0; i < text.size(); ++i) bytes.push_back(text.substr(i, 1));
    EXPECT_EQ(read(bytes), expected) << "byte by byte";
}

TEST(SseReader, NamedAndUnnamedEvents) {
    expect_at_every_split("event: message_start\ndata: {\"a\":1}\n\ndata: [DONE]\n\n", {{"message_start", "{\"a\":1}"}, {"", "[DONE]"}});
}

TEST(SseReader, LineEndsInAnyMix) {
    expect_at_every_split("data: a\r\n\r\ndata: b\r\rdata: c\n\ndata: d\r\n\ndata: e\n\r\ndata: f\r\n\r",
                          {{"", "a"}, {"", "b"}, {"", "c"}, {"", "d"}, {"", "e"}, {"", "f"}});
}

TEST(SseReader, SeveralDataLinesAreJoined) {
    expect_at_every_split("data: one\ndata:two\ndata\ndata:  three\n\n", {{"", "one\ntwo\n\n three"}});
}

TEST(SseReader, EmptyDataIsAnEventNoDataIsNone) {
    expect_at_every_split("data:\n\ndata\n\nevent: lonely\n\nid: 7\n\nretry: 10\n\n\n\ndata: x\n\n", {{"", ""}, {"", ""}, {"", "x"}});
}

TEST(SseReader, CommentsAndUnknownFieldsAreSkipped) {
    expect_at_every_split(": ping\n:\ndata: a\n: inside\nid: 1\ncolour: red\nnocolon\ndataset: no\n Data: no\n\n: ping\n\n", {{"", "a"}});
}

TEST(SseReader, ByteOrderMarkAtTheStartOnly) {
    expect_at_every_split("\xEF\xBB\xBF" "data: a\n\n\xEF\xBB\xBF" "data: b\n\n", {{"", "a"}});
    expect_at_every_split("\xEF\xBB\xBF\ndata: a\n\n", {{"", "a"}});
}

TEST(SseReader, LastNameWins) { expect_at_every_split("event: a\nevent: b\ndata: x\n\ndata: y\n\n", {{"b", "x"}, {"", "y"}}); }

TEST(SseReader, LastEventWithoutItsBlankLineComesAtTheEnd) {
    expect_at_every_split("data: a\n\nevent: e\ndata: b", {{"", "a"}, {"e", "b"}});
    expect_at_every_split("data: a\n\ndata: b\r", {{"", "a"}, {"", "b"}});
    expect_at_every_split("event: e", {});
}

TEST(SseReader, EventInOnePieceIsNotCopied) {
    const std::string text = "event: name\ndata: payload\n\n: c\ndata: second\n\n";
    const auto inside = [&](std::string_view view) { return view.data() >= text.data() && view.data() < text.data() + text.size(); };
    SseReader reader;
    int seen = 0;
    ASSERT_TRUE(reader.feed(text, [&](const SseEvent& event) {
        ++seen;
        EXPECT_TRUE(inside(event.data));
        EXPECT_TRUE(event.name.empty() || inside(event.name));
    }));
    EXPECT_EQ(seen, 2);
}

TEST(SseReader, WhatIsHeldDoesNotPointIntoAnOldPiece) {
    SseReader reader;
    Events events;
    const auto note = [&](const SseEvent& event) { events.emplace_back(event.name, event.data); };
    {
        std::string piece = "event: first\ndata: whole line\n";
        ASSERT_TRUE(reader.feed(piece, note));
        piece.assign(piece.size(), '#');
    }
    ASSERT_TRUE(reader.feed("\n", note));
    EXPECT_EQ(events, (Events{{"first", "whole line"}}));
}

TEST(SseReader, LimitIsTheSameAtEverySplit) {
    const std::string fits = "data: 1234\ndata: 56\n\n";  // 7 bytes of data; the second line holds 8 while 4 are kept
    const std::string too_long = "data: 1234\ndata: 5678\n\n";
    for (std::size_t at = 0; at <= fits.size(); ++at) {
        SseReader reader(12);
        EXPECT_TRUE(reader.feed(std::string_view(fits).substr(0, at), [](const SseEvent&) {}));
        EXPECT_TRUE(reader.feed(std::string_view(fits).substr(at), [](const SseEvent&) {}));
    }
    for (std::size_t at = 0; at <= too_long.size(); ++at) {
        SseReader reader(12);
        const bool first = reader.feed(std::string_view(too_long).substr(0, at), [](const SseEvent&) {});
        EXPECT_FALSE(first && reader.feed(std::string_view(too_long).substr(at), [](const SseEvent&) {})) << "split at " << at;
    }
}

TEST(SseReader, LineWithoutEndIsBounded) {
    SseReader reader(1000);
    const std::string piece(100, 'x');
    std::size_t accepted = 0;
    while (accepted < 100 && reader.feed(piece, [](const SseEvent&) {})) ++accepted;
    EXPECT_EQ(accepted, 10U);
}

TEST(SseReader, ManyEventsDoNotCountTogether) {
    SseReader reader(16);
    std::size_t seen = 0;
    for (int i = 0; i < 1000; ++i) ASSERT_TRUE(reader.feed("data: 0123456789\n\n", [&](const SseEvent&) { ++seen; }));
    EXPECT_EQ(seen, 1000U);
}

TEST(SseReader, BoundaryOnlyBetweenEvents) {
    const std::pair<std::string_view, bool> cases[] = {{"", true},          {"data: a", false},     {"data: a\n", false}, {"data: a\n\n", true},
                                                       {"event: a\n", false}, {"id: 1\n", false},     {": ping\n", true},   {": pin", false},
                                                       {"data: a\r\n\r", true}, {"data: a\n\nd", false}};
    for (const auto& [text, boundary] : cases) {
        SseReader reader;
        ASSERT_TRUE(reader.feed(text, [](const SseEvent&) {}));
        EXPECT_EQ(reader.at_boundary(), boundary) << text;
    }
}

TEST(SseReader, OneKindOfLineEndCostsNoQuadraticScan) {
    // 4 MiB of one-byte CR lines: scanning to the end for an LF at each line would read 4 TiB and run into the test's time limit.
    std::string text;
    for (int i = 0; i < 2 * 1024 * 1024; ++i) text += ":\r";
    text += "data: end\r\r";
    EXPECT_EQ(read({text}), (Events{{"", "end"}}));
}

TEST(AppendSseEvent, WritesWhatTheReaderReads) {
    std::string text;
    append_sse_event(text, "delta", "one");
    append_sse_event(text, "", "two\nlines\r\nor three\rfour");
    append_sse_event(text, "", "");
    append_sse_event(text, "", "ends\n");
    EXPECT_EQ(text,
              "event: delta\ndata: one\n\ndata: two\ndata: lines\ndata: or three\ndata: four\n\ndata: \n\ndata: ends\ndata: \n\n");
    expect_at_every_split(text, {{"delta", "one"}, {"", "two\nlines\nor three\nfour"}, {"", ""}, {"", "ends\n"}});
}

TEST(AppendSseEvent, NameCannotBeginAnotherField) {
    std::string text;
    append_sse_event(text, "a\ndata: forged", "real");
    EXPECT_EQ(read({text}), (Events{{"a", "real"}}));
}

}  // namespace
}  // namespace smg::http
