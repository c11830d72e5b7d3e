#include "base/word_search.hpp"

#include <gtest/gtest.h>

#include <string>

namespace smg {
namespace {

TEST(WordSearch, FindsTheFirstWhereverItStands) {
    for (const std::string word : {"\"usage\"", "abc", "thought_signature"})
        for (std::size_t before = 0; before < 70; ++before)
            for (const std::size_t after : {0U, 1U, 15U, 40U}) {
                const auto text = std::string(before, 'u') + word + std::string(after, '"') + word;
                ASSERT_EQ(find_word(text, word), text.find(word)) << word << " behind " << before << " before " << after;
            }
}

TEST(WordSearch, WhatIsCutOffIsNotThere) {
    const std::string text = std::string(40, '"') + "\"usag";
    EXPECT_EQ(find_word(text, "\"usage\""), std::string_view::npos);
    EXPECT_EQ(find_word("", "\"usage\""), std::string_view::npos);
    EXPECT_EQ(find_word("\"u", "\"usage\""), std::string_view::npos);
}

TEST(FindWord, InNothingThereIsNone) {
    EXPECT_EQ(find_word({}, "word"), std::string_view::npos);
    EXPECT_EQ(find_word("wor", "word"), std::string_view::npos);
}

}  // namespace
}  // namespace smg
