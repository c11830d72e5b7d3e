#include "codec/gemini/calls.hpp"

#include <random>

#include "codec/json_tree.hpp"

namespace smg::codec::google {
namespace {

std::uint64_t scramble(std::uint64_t& state) {  // SplitMix64
    state += 0x9e3779b97f4a7c15ULL;
    auto mixed = state;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ULL;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebULL;
    return mixed ^ (mixed >> 31);
}

std::uint64_t chance() {
    thread_local std::mt19937_64 generator{std::random_device{}()};
    return generator();
}

}  // namespace

void client_call(const RequestMemo& memo, ToolCallPart& call) {
    if (call.arguments.empty()) call.arguments = "{}";  // `args` is left out of a call without arguments
    if (const auto found = memo.tool_names.find(call.name); found != memo.tool_names.end()) call.name = found->second;
    if (!memo.custom_tools.contains(call.name)) return;
    call.kind = ToolCallPart::Kind::custom;
    JsonTree tree;
    const auto parsed = tree.parse(call.arguments);
    if (parsed && (*parsed)["input"].is_string()) call.arguments = (*parsed)["input"].text();
}

void CallIds::seed(std::string_view answer_id) {
    if (seeded_ || answer_id.empty()) return;
    seeded_ = true;
    state_ = 0xcbf29ce484222325ULL;
    for (const char c : answer_id) state_ = (state_ ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;  // FNV-1a
}

std::string CallIds::next() {
    constexpr std::string_view letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    if (!seeded_) state_ = chance();
    seeded_ = true;
    std::string id = "call_";
    for (int word = 0; word < 3; ++word) {
        auto bits = scramble(state_);
        for (int i = 0; i < 8; ++i, bits /= letters.size()) id += letters[bits % letters.size()];
    }
    return id;
}

}  // namespace smg::codec::google
