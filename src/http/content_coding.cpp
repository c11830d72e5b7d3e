#include "http/content_coding.hpp"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "base/ascii.hpp"

namespace smg::http {
namespace {

/// More codings one upon the other than anybody sends in earnest.
constexpr std::size_t most_codings = 4;
constexpr std::size_t step = 64 * 1024;

std::vector<std::string> codings_of(std::string_view field) {
    std::vector<std::string> codings;
    while (!field.empty()) {
        const auto comma = std::min(field.find(','), field.size());
        const auto name = trim(field.substr(0, comma));
        if (!name.empty() && !iequals(name, "identity")) codings.push_back(ascii_lower(name));
        field.remove_prefix(std::min(comma + 1, field.size()));
    }
    return codings;
}

bool is_known(std::string_view coding) noexcept { return coding == "gzip" || coding == "x-gzip" || coding == "deflate" || coding == "zstd"; }

auto malformed(std::string_view coding) {
    return fail(Failure::invalid_request, "the body is not what its content-encoding '" + std::string(coding) + "' says, or is cut short",
                "content-encoding");
}

auto too_large(std::size_t limit) { return fail(Failure::payload_too_large, "the body inflates to more than " + std::to_string(limit) + " bytes"); }

/// `window_bits` as zlib's inflateInit2 takes them: 15+16 gzip, 15 zlib, -15 bare.
Result<std::string> inflate_body(std::string_view coding, std::string_view body, int window_bits, std::size_t limit) {
    z_stream stream{};
    if (inflateInit2(&stream, window_bits) != Z_OK) return fail(Failure::internal_error, "zlib cannot be set up");
    const std::unique_ptr<z_stream, void (*)(z_stream*)> owner(&stream, [](z_stream* each) { inflateEnd(each); });
    // zlib does not write to its input; its interface is older than const.
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
    stream.avail_in = static_cast<uInt>(body.size());
    std::string out;
    std::vector<char> buffer(step);
    for (;;) {
        stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
        stream.avail_out = static_cast<uInt>(buffer.size());
        const int code = inflate(&stream, Z_NO_FLUSH);
        if (code != Z_OK && code != Z_STREAM_END) return malformed(coding);
        out.append(buffer.data(), buffer.size() - stream.avail_out);
        if (out.size() > limit) return too_large(limit);
        if (code == Z_STREAM_END && stream.avail_in == 0) return out;
        if (code == Z_STREAM_END && (window_bits < 16 || inflateReset(&stream) != Z_OK)) return malformed(coding);  // gzip members may follow
    }
}

/// RFC 9110 means zlib's format; some clients send deflate without its wrapper, which begins with no valid zlib header.
bool has_zlib_header(std::string_view body) noexcept {
    if (body.size() < 2) return false;
    const auto first = static_cast<unsigned char>(body[0]), second = static_cast<unsigned char>(body[1]);
    return (first & 0x0F) == 8 && (first * 256U + second) % 31 == 0;
}

Result<std::string> decompress_zstd(std::string_view body, std::size_t limit) {
    const std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(), ZSTD_freeDCtx);
    if (!context) return fail(Failure::internal_error, "zstd cannot be set up");
    ZSTD_inBuffer in{body.data(), body.size(), 0};
    std::string out;
    std::vector<char> buffer(step);
    std::size_t hint = 1;
    bool full = false;  // the last call filled its buffer: more may be waiting inside
    while (in.pos < in.size || full) {
        ZSTD_outBuffer piece{buffer.data(), buffer.size(), 0};
        hint = ZSTD_decompressStream(context.get(), &piece, &in);
        if (ZSTD_isError(hint) != 0U) return malformed("zstd");
        full = piece.pos == piece.size;
        out.append(buffer.data(), piece.pos);
        if (out.size() > limit) return too_large(limit);
    }
    if (hint != 0) return malformed("zstd");  // a frame has not ended
    return out;
}

Result<std::string> undo(const std::string& coding, std::string_view body, std::size_t limit) {
    if (coding == "zstd") return decompress_zstd(body, limit);
    if (coding == "deflate") return inflate_body(coding, body, has_zlib_header(body) ? 15 : -15, limit);
    return inflate_body(coding, body, 15 + 16, limit);
}

}  // namespace

bool is_known_coding(std::string_view content_encoding) noexcept {
    const auto codings = codings_of(content_encoding);
    return codings.size() <= most_codings && std::all_of(codings.begin(), codings.end(), [](const auto& each) { return is_known(each); });
}

Result<std::string> decode_content(std::string_view content_encoding, std::string body, std::size_t limit) {
    if (!is_known_coding(content_encoding))
        return fail(Failure::unsupported_media_type,
                    "the body's content-encoding '" + std::string(content_encoding) + "' is not understood; gzip, deflate and zstd are",
                    "content-encoding");
    const auto codings = codings_of(content_encoding);
    for (auto coding = codings.rbegin(); coding != codings.rend(); ++coding) {
        auto plain = undo(*coding, body, limit);
        if (!plain) return plain;
        body = std::move(*plain);
    }
    return body;
}

}  // namespace smg::http
