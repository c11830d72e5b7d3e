#include "telemetry/char_class.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "telemetry/redact.hpp"

namespace smg::telemetry {
namespace {

/// Whatever stands around it, and wherever in the text.
TEST(TextClasses, NoKeyIsOverlooked) {
    std::mt19937 random(7);
    const std::string ends = "ab kI-_.z9QrcA";
    for (const std::string key : {"sk-12345678", "sk-proj-12345678", "sk-ant-12345678", "xai-12345678", "AIza1234567890123456", "AQ.1234567890123456",
                                  "gsk_12345678", "Bearer abc12345", "basic abc=1234", "BEARER 1234567890"}) {
        ASSERT_TRUE(holds_key(key)) << key;
        for (std::size_t before = 0; before < 40; ++before)
            for (std::size_t behind = 0; behind < 20; ++behind) {
                std::string text(before, ' ');
                for (auto& c : text) c = ends[random() % ends.size()];
                text += " " + key + " ";
                for (std::size_t i = 0; i < behind; ++i) text += ends[random() % ends.size()];
                ASSERT_TRUE(classes_of(text).may_hold_key) << text;
            }
    }
}

TEST(TextClasses, AreThoseOfEachLetter) {
    std::mt19937 random(7);
    for (int i = 0; i < 200'000; ++i) {
        std::string text(random() % 40, ' ');
        for (auto& c : text) c = static_cast<char>(random() % 8 == 0 ? random() % 256 : 'a' + random() % 26);
        const auto all = [&](CharClass wanted) { return std::all_of(text.begin(), text.end(), [wanted](char c) { return is(wanted, c); }); };
        const auto found = classes_of(text);
        ASSERT_EQ(found.plain, all(plain_char)) << text;
        ASSERT_EQ(found.bare, all(bare_char)) << text;
        ASSERT_TRUE(found.may_hold_key || !holds_key(text)) << text;
    }
    EXPECT_FALSE(classes_of("OpenAI/Python 2.0.0 on Linux").may_hold_key) << "else each request would be searched";
}

}  // namespace
}  // namespace smg::telemetry
