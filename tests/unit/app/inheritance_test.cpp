#include "app/inheritance.hpp"

#include <gtest/gtest.h>

namespace smg::app {
namespace {

config::Environment variables(const std::string& pid, const std::string& count, const std::string& names = {}) {
    config::Environment all{{"LISTEN_PID", pid}, {"LISTEN_FDS", count}};
    if (!names.empty()) all["LISTEN_FDNAMES"] = names;
    return all;
}

TEST(InheritanceTest, CountsWhenItIsMeantForUsOrComesFromOurParent) {
    EXPECT_TRUE(read_inheritance({}, 7, 6)->http.empty());
    EXPECT_TRUE(read_inheritance(variables("5", "1"), 7, 6)->http.empty());
    EXPECT_TRUE(read_inheritance(variables("7", "0"), 7, 6)->http.empty());
    EXPECT_TRUE(read_inheritance(variables("7", "-3"), 7, 6)->http.empty());
    EXPECT_TRUE(read_inheritance(variables("7", "100000"), 7, 6)->http.empty());
}

TEST(InheritanceTest, ADescriptorThatIsNotOpenIsNamed) {
    // 3 to 130 cannot all be open here.
    const auto found = read_inheritance(variables("7", "128"), 7, 6);
    ASSERT_FALSE(found);
    EXPECT_TRUE(found.error().message.starts_with("LISTEN_FDS: the descriptor ")) << found.error().message;
}

}  // namespace
}  // namespace smg::app
