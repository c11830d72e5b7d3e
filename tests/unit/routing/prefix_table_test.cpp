// Which worker has seen the beginning of a text: exact, bounded, and the oldest makes room.
#include "routing/prefix_table.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace smg::routing {
namespace {

constexpr std::uint64_t megabyte = 1 << 20;

std::string text(char letter, std::size_t nodes) { return std::string(nodes * PrefixTable::node_bytes, letter); }

TEST(PrefixTable, KnowsTheLongestBeginning) {
    PrefixTable table(megabyte);
    EXPECT_EQ(table.find(1, text('a', 4)).bytes, 0U);
    table.note(1, text('a', 4), 7, 1);
    const auto longer = table.find(1, text('a', 4) + text('b', 4));
    EXPECT_EQ(longer.bytes, 4 * PrefixTable::node_bytes);
    EXPECT_EQ(longer.of, 8 * PrefixTable::node_bytes);
    EXPECT_EQ(longer.workers[0], 7U);
    EXPECT_EQ(table.find(1, text('a', 2)).bytes, 2 * PrefixTable::node_bytes);
    EXPECT_EQ(table.find(2, text('a', 4)).bytes, 0U) << "another model's tree";
    EXPECT_EQ(table.find(1, text('b', 4)).bytes, 0U);
}

TEST(PrefixTable, WhatFollowsDecidesWhoseTextItIs) {
    PrefixTable table(megabyte);
    const auto instructions = text('s', 3);
    table.note(1, instructions + text('a', 2), 1, 1);
    table.note(1, instructions + text('b', 2), 2, 2);
    EXPECT_EQ(table.find(1, instructions + text('a', 5)).workers[0], 1U);
    EXPECT_EQ(table.find(1, instructions + text('b', 5)).workers[0], 2U);
    const auto shared = table.find(1, instructions + text('c', 5));
    EXPECT_EQ(shared.bytes, 3 * PrefixTable::node_bytes);
    EXPECT_EQ(shared.workers[0], 2U) << "the latest first";
    EXPECT_EQ(shared.workers[1], 1U);
}

TEST(PrefixTable, IsBoundedAndForgetsTheOldest) {
    PrefixTable table(64 * 1024);
    for (std::uint32_t i = 0; i < 20'000; ++i) table.note(1, std::to_string(i) + text('x', 1), 1 + i, i);
    EXPECT_EQ(table.find(1, "0" + text('x', 1)).bytes, 0U);
    int known = 0;
    for (std::uint32_t i = 19'000; i < 20'000; ++i) known += table.find(1, std::to_string(i) + text('x', 1)).workers[0] == 1 + i ? 1 : 0;
    EXPECT_GT(known, 900) << "of the thousand latest, of which there is room for twice as many";
}

TEST(PrefixTable, LooksAtABoundedBeginning) {
    PrefixTable table(megabyte);
    const auto endless = std::string(4 * PrefixTable::longest_text, 'e');
    table.note(1, endless, 3, 1);
    EXPECT_EQ(table.find(1, endless).of, PrefixTable::longest_text);
    EXPECT_EQ(table.find(1, endless).bytes, PrefixTable::longest_text);
}

TEST(PrefixTable, ManyThreadsMayUseIt) {
    PrefixTable table(megabyte);
    std::vector<std::thread> threads;
    for (std::uint32_t t = 1; t <= 4; ++t)
        threads.emplace_back([&table, t] {
            for (std::uint32_t i = 0; i < 2000; ++i) {
                const auto mine = std::to_string(t) + "/" + std::to_string(i % 50) + text('y', 3);
                table.note(1, mine, t, i);
                (void)table.find(1, mine);
            }
        });
    for (auto& thread : threads) thread.join();
    for (std::uint32_t t = 1; t <= 4; ++t) EXPECT_EQ(table.find(1, std::to_string(t) + "/7" + text('y', 3)).workers[0], t);
}

}  // namespace
}  // namespace smg::routing
