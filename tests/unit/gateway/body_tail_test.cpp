#include "gateway/body_tail.hpp"

#include <gtest/gtest.h>

namespace smg::gateway {
namespace {

std::string body_of(std::size_t size) {
    std::string body(size, ' ');
    for (std::size_t i = 0; i < size; ++i) body[i] = static_cast<char>('a' + i * 7 % 26);
    return body;
}

http::Framing framing_of(http::BodyKind kind, std::uint64_t length) {
    http::Framing framing;
    framing.kind = kind;
    framing.length = length;
    return framing;
}

TEST(BodyTail, IsTheEndHoweverTheBodyComes) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{10}, BodyTail::size, BodyTail::size + 1, 10 * BodyTail::size + 3}) {
        const auto body = body_of(size);
        for (const std::size_t piece : {std::size_t{777}, BodyTail::size - 1, BodyTail::size, 3 * BodyTail::size})
            for (const auto& framing : {framing_of(http::BodyKind::sized, size), framing_of(http::BodyKind::chunked, 0)}) {
                BodyTail tail(framing);
                for (std::size_t at = 0; at < size; at += piece) tail.add(std::string_view(body).substr(at, piece));
                EXPECT_EQ(tail.text(), BodyTail::last_bytes(body)) << size << " by " << piece;
            }
    }
}

}  // namespace
}  // namespace smg::gateway
