#include "base/published.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>

namespace smg {
namespace {

TEST(PublishedTest, AReaderKeepsWhatItHolds) {
    Published<std::string> value("first");
    const auto& held = value.get();
    value.replace("second");
    EXPECT_EQ(held, "first");
    EXPECT_EQ(value.get(), "second");
}

TEST(PublishedTest, ReadersSeeOneOfTheValuesWhole) {
    Published<std::string> value(std::string(100, '0'));
    std::atomic<bool> over{false};
    std::thread reader([&] {
        while (!over) {
            const auto& text = value.get();
            EXPECT_EQ(text, std::string(100, text[0]));
        }
    });
    for (int i = 0; i < 500; ++i) value.replace(std::string(100, static_cast<char>('a' + i % 26)));
    over = true;
    reader.join();
}

}  // namespace
}  // namespace smg
