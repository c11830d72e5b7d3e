#include "codec/json_unescape.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace smg::codec {
namespace {

/// Nothing when there is an escape that is none.
std::optional<std::string> unescaped(const std::string& contents) {
    const auto padded = contents + std::string(32, '\\');  // what stands behind must not matter
    std::string out(contents.size() + 16, '?');
    const auto* const end = unescape(std::string_view(padded).substr(0, contents.size()), out.data());
    if (end == nullptr) return std::nullopt;
    EXPECT_LE(static_cast<std::size_t>(end - out.data()), contents.size());
    return out.substr(0, static_cast<std::size_t>(end - out.data()));
}

struct Case {
    std::string spelled, means;
};
const Case cases[] = {{R"(\")", "\""},
                      {R"(\\)", "\\"},
                      {R"(\/)", "/"},
                      {R"(\b\f\n\r\t)", "\b\f\n\r\t"},
                      {R"(\u0041)", "A"},
                      {R"(\u00e9)", "\xC3\xA9"},
                      {R"(\u20AC)", "\xE2\x82\xAC"},
                      {R"(\uD83d\ude00)", "\xF0\x9F\x98\x80"},
                      {R"(\u0000)", std::string(1, '\0')},
                      {R"(\\u0041)", R"(\u0041)"},
                      {R"(\\\\\\)", R"(\\\)"},
                      {"\xE2\x80\xA6", "\xE2\x80\xA6"}};

/// Blocks of sixteen bytes are looked at together: an escape must be found wherever it lies in one, or between two.
TEST(JsonUnescape, ReadsEveryEscapeAtEveryPlace) {
    for (const auto& each : cases)
        for (std::size_t length = 0; length < 70; ++length)
            for (std::size_t at = 0; at <= length; ++at) {
                std::string spelled(length, 'x'), means = spelled;
                spelled.insert(at, each.spelled);
                means.insert(at, each.means);
                ASSERT_EQ(unescaped(spelled), means) << spelled;
            }
}

TEST(JsonUnescape, ReadsEscapesThatFollowEachOther) {
    for (const auto& first : cases)
        for (const auto& second : cases)
            for (std::size_t before = 0; before < 36; ++before) {
                const std::string padding(before, 'y'), rest(40, 'z');
                ASSERT_EQ(unescaped(padding + first.spelled + second.spelled + second.spelled + rest),
                          padding + first.means + second.means + second.means + rest);
            }
}

TEST(JsonUnescape, RefusesWhatIsNoEscape) {
    for (const std::string wrong :
         {R"(\x)", R"(\U0041)", R"(\u12)", R"(\u12g4)", R"(\ud83d)", R"(\ud83dx)", R"(\ud83d\n)", R"(\ud83d\u0041)", R"(\ude00)", R"(\0)"})
        for (std::size_t before = 0; before < 36; ++before)
            for (const std::size_t after : {0U, 1U, 40U}) {
                const auto spelled = std::string(before, 'x') + wrong + std::string(after, ' ');
                EXPECT_FALSE(unescaped(spelled)) << spelled;
            }
}

}  // namespace
}  // namespace smg::codec
