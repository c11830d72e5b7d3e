#include <gtest/gtest.h>

#include "workers/worker.hpp"

namespace smg::workers {
namespace {

using std::chrono::seconds;

TEST(Counters, AWorkerThatRefusesIsAvoidedForLongerEachTime) {
    Counters counters;
    Clock::time_point now{seconds(1000)};
    for (const int expected : {1, 2, 4, 8, 16, 16}) {
        counters.avoid(now);
        counters.avoid(now + std::chrono::milliseconds(10));  // of a request that ran at the same time
        EXPECT_TRUE(counters.avoided(now + seconds(expected) - std::chrono::milliseconds(1))) << expected;
        EXPECT_FALSE(counters.avoided(now + seconds(expected))) << expected;
        now += seconds(expected);
    }
}

TEST(Counters, ASuccessEndsIt) {
    Counters counters;
    const Clock::time_point now{seconds(1000)};
    counters.avoid(now);
    counters.avoid(now + seconds(1));
    counters.succeeded();
    EXPECT_FALSE(counters.avoided(now + seconds(1)));
    counters.avoid(now + seconds(2));
    EXPECT_FALSE(counters.avoided(now + seconds(3))) << "it begins anew";
}

}  // namespace
}  // namespace smg::workers
