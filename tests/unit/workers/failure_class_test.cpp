#include "workers/failure_class.hpp"

#include <gtest/gtest.h>

#include <set>

namespace smg::workers {
namespace {

using enum FailureClass;

TEST(FailureTable, EveryClassHasItsRowAndAName) {
    std::set<std::string_view> names;
    for (int i = 0; i < failure_classes; ++i) {
        const auto& rule = rule_of(static_cast<FailureClass>(i));
        EXPECT_EQ(static_cast<int>(rule.kind), i);
        EXPECT_TRUE(names.insert(rule.name).second) << rule.name;
    }
}

struct Row {
    FailureClass kind;
    bool unary, stream;  ///< to another worker
    bool same_worker;    ///< a stream, to the same one
    BreakerEffect breaker;
};

class FailureTableOf : public ::testing::TestWithParam<Row> {};

TEST_P(FailureTableOf, SaysWhatContractSection7Says) {
    const auto& row = GetParam();
    FailureFacts facts;
    facts.kind = row.kind;
    EXPECT_EQ(verdict_of(facts).elsewhere, row.unary);
    facts.stream = true;
    EXPECT_EQ(verdict_of(facts).elsewhere, row.stream);
    EXPECT_EQ(verdict_of(facts).same_worker, row.same_worker);
    EXPECT_EQ(rule_of(row.kind).breaker, row.breaker);
}

constexpr auto failure = BreakerEffect::failure;
constexpr auto none = BreakerEffect::none;
constexpr auto success = BreakerEffect::success;
INSTANTIATE_TEST_SUITE_P(All, FailureTableOf,
                         ::testing::Values(Row{unreachable, true, true, true, failure}, Row{timed_out, false, true, false, failure},
                                           Row{cut, false, true, true, failure}, Row{malformed, false, true, true, failure},
                                           Row{overloaded, true, true, true, failure}, Row{server_error, true, true, true, failure},
                                           Row{odd_server_error, false, false, false, failure}, Row{rate_limited, true, true, true, none},
                                           Row{quota, true, true, false, none}, Row{credential, true, true, false, none},
                                           Row{forbidden, true, true, false, none}, Row{conflict, false, false, false, success},
                                           Row{not_found, false, false, false, success}, Row{context_too_long, false, false, false, success},
                                           Row{content_refused, false, false, false, success}, Row{bad_request, false, false, false, success}),
                         [](const auto& row) { return std::string(rule_of(row.param.kind).name); });

TEST(FailureVerdict, AStreamMovesAfterATimeoutOnce) {
    FailureFacts facts;
    facts.kind = timed_out;
    facts.stream = true;
    EXPECT_TRUE(verdict_of(facts).elsewhere);
    facts.timed_out_before = true;
    EXPECT_FALSE(verdict_of(facts).elsewhere);
}

TEST(FailureVerdict, ACallersKeyMeetsTheSameEverywhere) {
    for (const auto kind : {quota, credential, forbidden}) {
        FailureFacts facts;
        facts.kind = kind;
        facts.callers_key = true;
        EXPECT_FALSE(verdict_of(facts).elsewhere) << rule_of(kind).name;
    }
}

TEST(FailureVerdict, TheProvidersWordOnRetriesIsHeeded) {
    FailureFacts facts;
    facts.kind = overloaded;
    facts.should_retry = false;
    EXPECT_FALSE(verdict_of(facts).elsewhere);
    facts.kind = conflict;
    EXPECT_FALSE(verdict_of(facts).elsewhere);
    facts.should_retry = true;
    EXPECT_TRUE(verdict_of(facts).elsewhere);
    // It speaks of the key that was sent; another worker's is another.
    facts.kind = credential;
    facts.should_retry = false;
    EXPECT_TRUE(verdict_of(facts).elsewhere);
}

TEST(FailureVerdict, AWorkersOwnStatusCodesReplaceTheTable) {
    const std::vector<int> codes{418};
    FailureFacts facts;
    facts.kind = server_error;
    facts.status = 500;
    EXPECT_FALSE(verdict_of(facts, &codes).elsewhere);
    facts.kind = bad_request;
    facts.status = 418;
    EXPECT_TRUE(verdict_of(facts, &codes).elsewhere);
    EXPECT_TRUE(verdict_of(facts, &codes).same_worker);
    facts.kind = unreachable;  // no status at all
    facts.status = 0;
    EXPECT_TRUE(verdict_of(facts, &codes).elsewhere);
}

}  // namespace
}  // namespace smg::workers
