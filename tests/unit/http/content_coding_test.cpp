#include "http/content_coding.hpp"

#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

namespace smg::http {
namespace {

std::string deflated(std::string_view text, int window_bits) {
    z_stream stream{};
    deflateInit2(&stream, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY);
    std::string out(deflateBound(&stream, text.size()) + 64, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
    out.resize(out.size() - stream.avail_out);
    deflateEnd(&stream);
    return out;
}
std::string gzip(std::string_view text) { return deflated(text, 15 + 16); }
std::string zstd(std::string_view text) {
    std::string out(ZSTD_compressBound(text.size()), '\0');
    out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
    return out;
}

std::string long_text() {
    std::string text;
    for (int i = 0; i < 40'000; ++i) text += std::to_string(i * 7919) + ",";
    return text;
}

struct Case {
    std::string name;
    std::string coding;
    std::string (*encode)(std::string_view);
};

class Codings : public testing::TestWithParam<Case> {};

TEST_P(Codings, AreUndone) {
    const auto& [name, coding, encode] = GetParam();
    for (const auto& text : {std::string(), std::string("{}"), long_text(), std::string(200'000, 'x')}) {
        const auto plain = decode_content(coding, encode(text), 1 << 22);
        ASSERT_TRUE(plain) << plain.error().message;
        EXPECT_EQ(*plain, text);
    }
}

TEST_P(Codings, CutAnywhereAreRefused) {
    const auto& [name, coding, encode] = GetParam();
    const auto whole = encode(R"({"model":"gpt-4o","messages":[]})");
    for (std::size_t length = 0; length < whole.size(); ++length) {
        const auto plain = decode_content(coding, whole.substr(0, length), 1 << 20);
        ASSERT_FALSE(plain) << name << " of " << length << " bytes";
        EXPECT_EQ(plain.error().failure, Failure::invalid_request);
        EXPECT_EQ(plain.error().param, "content-encoding");
    }
}

TEST_P(Codings, FollowedByOtherBytesAreRefused) {
    const auto& [name, coding, encode] = GetParam();
    EXPECT_FALSE(decode_content(coding, encode("{}") + "garbage", 1 << 20));
}

TEST_P(Codings, StopAtTheLimit) {
    const auto& [name, coding, encode] = GetParam();
    const std::string zeros(10'000'000, '\0');
    const auto plain = decode_content(coding, encode(zeros), 1'000'000);
    ASSERT_FALSE(plain);
    EXPECT_EQ(plain.error().failure, Failure::payload_too_large);
    EXPECT_TRUE(decode_content(coding, encode(zeros), zeros.size()));
}

INSTANTIATE_TEST_SUITE_P(Each, Codings,
                         testing::Values(Case{"gzip", "gzip", gzip}, Case{"x_gzip", "X-GZip", gzip}, Case{"zstd", "zstd", zstd},
                                         Case{"deflate", "deflate", [](std::string_view text) { return deflated(text, 15); }},
                                         Case{"bare_deflate", "deflate", [](std::string_view text) { return deflated(text, -15); }}),
                         [](const auto& test) { return test.param.name; });

TEST(ContentCoding, NoneLeavesTheBody) {
    EXPECT_EQ(*decode_content("", "abc", 10), "abc");
    EXPECT_EQ(*decode_content("identity", "abc", 10), "abc");
}

TEST(ContentCoding, OneUponTheOther) { EXPECT_EQ(*decode_content("gzip, zstd", zstd(gzip("abc")), 100), "abc"); }

TEST(ContentCoding, MembersOfGzipFollowEachOther) { EXPECT_EQ(*decode_content("gzip", gzip("abc") + gzip("def"), 100), "abcdef"); }

TEST(ContentCoding, UnknownOnesAreRefusedByName) {
    for (const auto* coding : {"br", "gzip, br", "gzip,gzip,gzip,gzip,gzip", "compress"}) {
        EXPECT_FALSE(is_known_coding(coding));
        const auto plain = decode_content(coding, "abc", 100);
        ASSERT_FALSE(plain);
        EXPECT_EQ(plain.error().failure, Failure::unsupported_media_type);
        EXPECT_NE(plain.error().message.find(coding), std::string::npos);
    }
}

}  // namespace
}  // namespace smg::http
