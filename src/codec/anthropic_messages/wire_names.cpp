#include "codec/anthropic_messages/wire_names.hpp"

#include <algorithm>
#include <cstdint>

namespace smg::codec::messages {
namespace {

constexpr std::size_t longest_name = 64;

bool is_allowed(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-'; }

bool is_legal(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), is_allowed); }

/// FNV-1a, 64 bits: the ids of one conversation do not collide, and nobody gains by making them.
std::string hash_of(std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    std::string out;
    for (int shift = 60; shift >= 0; shift -= 4) out += "0123456789abcdef"[(hash >> shift) & 15U];
    return out;
}

}  // namespace

std::string legal_tool_name(std::string_view name) {
    if (is_legal(name) && name.size() <= longest_name) return std::string(name);
    const auto hash = hash_of(name).substr(0, 8);
    std::string out(name.substr(0, longest_name - hash.size() - 1));
    std::replace_if(
        out.begin(), out.end(), [](char c) { return !is_allowed(c); }, '_');
    return out + "_" + hash;
}

std::string legal_call_id(std::string_view id) { return is_legal(id) ? std::string(id) : "smg_" + hash_of(id); }

}  // namespace smg::codec::messages
