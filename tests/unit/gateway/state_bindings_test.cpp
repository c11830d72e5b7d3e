#include "gateway/state_bindings.hpp"

#include <gtest/gtest.h>

namespace smg::gateway {
namespace {

TEST(StateBindings, RememberWhoIssuedAnId) {
    StateBindings bindings;
    bindings.remember("resp_1", "a");
    bindings.remember("resp_2", "b");
    bindings.remember("resp_1", "c");
    EXPECT_EQ(bindings.find("resp_1"), "c");
    EXPECT_EQ(bindings.find("resp_2"), "b");
    EXPECT_EQ(bindings.find("resp_3"), "");
    EXPECT_EQ(bindings.find(""), "");
}

TEST(StateBindings, ForgetTheOldestFirst) {
    StateBindings bindings(2);
    for (const auto* id : {"1", "2", "3"}) bindings.remember(id, "w");
    EXPECT_EQ(bindings.find("1"), "");
    EXPECT_EQ(bindings.find("2"), "w");
    EXPECT_EQ(bindings.find("3"), "w");
}

TEST(StateBindings, KeepNoIdThatIsNone) {
    StateBindings bindings;
    bindings.remember("", "w");
    bindings.remember(std::string(257, 'x'), "w");
    EXPECT_EQ(bindings.find(""), "");
    EXPECT_EQ(bindings.find(std::string(257, 'x')), "");
}

}  // namespace
}  // namespace smg::gateway
