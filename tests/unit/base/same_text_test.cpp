#include "base/same_text.hpp"

#include <gtest/gtest.h>

#include <string>

namespace smg {
namespace {

TEST(SameText, IsEqualityOfEveryLength) {
    for (std::size_t size = 0; size < 40; ++size) {
        const std::string text(size, 'x');
        EXPECT_TRUE(same_text(text, std::string(text))) << size;
        EXPECT_FALSE(same_text(text, text + "x")) << size;
        for (std::size_t at = 0; at < size; ++at) {
            auto other = text;
            other[at] = 'y';
            EXPECT_FALSE(same_text(text, other)) << size << " at " << at;
        }
    }
    EXPECT_TRUE(same_text({}, ""));
}

}  // namespace
}  // namespace smg
