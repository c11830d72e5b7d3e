#include "gateway/event_splitter.hpp"

#include <gtest/gtest.h>

namespace smg::gateway {
namespace {

TEST(EventSplitter, WholeEventsPassUntouchedAtEverySplit) {
    const std::string stream = "data: a\n\n: comment\n\nevent: x\r\ndata: b\r\n\r\ndata: c\n\n";
    for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
        EventSplitter splitter;
        std::string passed;
        for (const auto piece : {std::string_view(stream).substr(0, cut), std::string_view(stream).substr(cut)}) {
            const auto whole = splitter.feed(piece);
            passed += whole;
            EXPECT_TRUE(whole.empty() || whole.ends_with("\n\n") || whole.ends_with("\n\r\n")) << cut;
        }
        EXPECT_EQ(passed, stream) << cut;
        EXPECT_TRUE(splitter.held().empty());
    }
}

TEST(EventSplitter, ByteByByte) {
    const std::string stream = "data: a\n\ndata: b\r\n\r\n";
    EventSplitter splitter;
    std::string passed;
    for (const char c : stream) passed += splitter.feed(std::string_view(&c, 1));
    EXPECT_EQ(passed, stream);
}

TEST(EventSplitter, HoldsBackTheBeginningOfAnEvent) {
    EventSplitter splitter;
    EXPECT_EQ(splitter.feed("data: a\n\ndata: b"), "data: a\n\n");
    EXPECT_EQ(splitter.held(), "data: b");
    EXPECT_FALSE(splitter.inside_event());
}

TEST(EventSplitter, LetsAnEventThroughThatIsTooLongToBeHeld) {
    EventSplitter splitter;
    const std::string large(EventSplitter::limit + 1, 'x');
    EXPECT_EQ(splitter.feed("data: " + large).size(), large.size() + 6);
    EXPECT_TRUE(splitter.inside_event());
    EXPECT_EQ(splitter.feed("yz"), "yz");
    EXPECT_EQ(splitter.feed("\n\ndata: b"), "\n\n");
    EXPECT_FALSE(splitter.inside_event());
}

TEST(RawEvent, NameAndData) {
    EXPECT_EQ(data_of("event: a\ndata: {\"x\":1}\n\n"), "{\"x\":1}");
    EXPECT_EQ(data_of("data:no space\r\n\r\n"), "no space");
    EXPECT_EQ(name_of("event: a\r\ndata: b\r\n\r\n"), "a");
    EXPECT_EQ(data_of(": comment\n\n"), "");
    EXPECT_EQ(event_length("data: a\n\nrest"), 9U);
    EXPECT_EQ(event_length("data: a\n"), 0U);
}

}  // namespace
}  // namespace smg::gateway
