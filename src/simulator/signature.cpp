#include "simulator/signature.hpp"

#include "simulator/text.hpp"

namespace smg::simulator {
namespace {

constexpr std::size_t mark_size = 16;
constexpr std::size_t filler_size = 72;

std::string mark(std::string_view text, std::string_view purpose) { return made_up_hex(hash_of(text, hash_of(purpose)), mark_size); }

/// Mark of the text, mark of the issuer over it, and some length.
std::string open(std::string_view signature) {
    auto bytes = base64_decode(signature);
    return bytes && bytes->size() == 2 * mark_size + filler_size ? *bytes : std::string();
}

}  // namespace

std::string issue_signature(std::string_view provider, std::string_view signed_text) {
    auto bytes = mark(signed_text, "text");
    bytes += mark(bytes, provider);
    bytes += made_up(hash_of(bytes), filler_size);
    return base64_encode(bytes);
}

bool is_issued(std::string_view provider, std::string_view signature) {
    const auto bytes = open(signature);
    return !bytes.empty() && mark(std::string_view(bytes).substr(0, mark_size), provider) == std::string_view(bytes).substr(mark_size, mark_size) &&
           made_up(hash_of(std::string_view(bytes).substr(0, 2 * mark_size)), filler_size) == std::string_view(bytes).substr(2 * mark_size);
}

bool signs(std::string_view provider, std::string_view signature, std::string_view text) {
    return is_issued(provider, signature) && std::string_view(open(signature)).substr(0, mark_size) == mark(text, "text");
}

}  // namespace smg::simulator
