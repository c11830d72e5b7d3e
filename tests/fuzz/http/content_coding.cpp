// Any bytes as a compressed body: never more than the limit comes out of it, whatever went in. The first byte chooses the codings.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "http/content_coding.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace smg;
    constexpr std::string_view codings[] = {"gzip", "deflate", "zstd", "gzip, zstd", "deflate, gzip", "x-gzip, identity", "br", ""};
    constexpr std::size_t limit = 64 * 1024;
    if (size == 0 || size > limit) return 0;
    const auto coding = codings[data[0] % std::size(codings)];
    const std::string body(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto plain = http::decode_content(coding, body, limit);
    if (plain ? plain->size() > limit : plain.error().message.empty()) std::abort();
    if (coding.empty() && (!plain || *plain != body)) std::abort();
    if (plain && !http::is_known_coding(coding)) std::abort();
    // Its first part cannot be taken for all of it.
    if (coding.empty() || body.empty()) return 0;
    const auto shorter = http::decode_content(coding, body.substr(0, body.size() - 1), limit);
    if (plain && shorter && *shorter == *plain) std::abort();
    return 0;
}
