#include "fleet/seal.hpp"

#include <gtest/gtest.h>

namespace smg::fleet {
namespace {

Seal seal_of(const std::string& passphrase, const std::string& salt) { return *Seal::from_passphrase(Secret(passphrase), salt); }

TEST(SealTest, OpensWithTheSameWordsInTheSamePlaceAlone) {
    const auto salt = Seal::random_salt();
    const auto seal = seal_of("correct horse", salt);
    const auto sealed = seal.close("sk-secret", "worker 1");
    EXPECT_EQ(sealed.find("sk-secret"), std::string::npos);
    EXPECT_EQ(seal.open(sealed, "worker 1"), "sk-secret");
    EXPECT_EQ(seal_of("correct horse", salt).open(sealed, "worker 1"), "sk-secret") << "made anew, as after a restart";
    EXPECT_FALSE(seal.open(sealed, "worker 2"));
    EXPECT_FALSE(seal_of("battery staple", salt).open(sealed, "worker 1"));
    EXPECT_FALSE(seal_of("correct horse", Seal::random_salt()).open(sealed, "worker 1"));
}

TEST(SealTest, NoticesEveryAlteredByte) {
    const auto seal = seal_of("x", Seal::random_salt());
    const auto sealed = seal.close("text", "place");
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        auto altered = sealed;
        altered[i] = static_cast<char>(altered[i] ^ 1);
        EXPECT_FALSE(seal.open(altered, "place")) << i;
        EXPECT_FALSE(seal.open(std::string_view(sealed).substr(0, i), "place")) << i;
    }
}

TEST(SealTest, NeverSealsAlikeTwice) {
    const auto seal = seal_of("x", Seal::random_salt());
    EXPECT_NE(seal.close("same", "place"), seal.close("same", "place"));
    EXPECT_EQ(seal.open(seal.close("", ""), ""), "");
}

}  // namespace
}  // namespace smg::fleet
