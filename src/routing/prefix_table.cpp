#include "routing/prefix_table.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace smg::routing {
namespace {

/// Of a node's text, chained to the hash of the nodes before it: eight bytes a step.
std::uint64_t extend(std::uint64_t hash, std::string_view text) noexcept {
    for (std::size_t at = 0; at + 8 <= text.size(); at += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data() + at, 8);
        hash = (hash ^ word) * 0x9e3779b97f4a7c15ULL;
        hash ^= hash >> 29U;
    }
    hash *= 0xbf58476d1ce4e5b9ULL;
    hash ^= hash >> 32U;
    return hash == 0 ? 1 : hash;
}

}  // namespace

PrefixTable::PrefixTable(std::uint64_t bytes) : sets_(std::max<std::uint64_t>(1, bytes / (sizeof(Node) * ways))), memory_(nullptr, std::free) {}

PrefixTable::Node* PrefixTable::nodes() const noexcept {
    auto* nodes = nodes_.load(std::memory_order_acquire);
    if (nodes != nullptr || allocating_.exchange(true)) return nodes;  // while one thread takes the memory, the others do without
    // Zeroed pages are empty nodes, and cost nothing until they are written.
    memory_.reset(std::calloc(sets_ * ways, sizeof(Node)));
    nodes = static_cast<Node*>(memory_.get());
    if (nodes == nullptr) {
        allocating_ = false;
        return nullptr;
    }
    nodes_.store(nodes, std::memory_order_release);
    return nodes;
}

PrefixTable::Node* PrefixTable::place_of(std::uint64_t key) const noexcept {
    auto* const all = nodes();
    return all == nullptr ? nullptr : all + (key % sets_) * ways;
}

PrefixTable::Match PrefixTable::find(std::uint64_t tree, std::string_view text) const noexcept {
    text = text.substr(0, longest_text);
    Match match;
    match.of = text.size();
    auto key = tree;
    for (std::size_t at = 0; at + node_bytes <= text.size(); at += node_bytes) {
        key = extend(key, text.substr(at, node_bytes));
        const auto* const set = place_of(key);
        if (set == nullptr) break;
        const auto* const end = set + ways;
        const auto* const node = std::find_if(set, end, [key](const Node& each) { return each.key.load(std::memory_order_relaxed) == key; });
        if (node == end) break;
        const auto workers = node->workers.load(std::memory_order_relaxed);
        match.bytes = at + node_bytes;
        match.workers = {static_cast<std::uint32_t>(workers), static_cast<std::uint32_t>(workers >> 32U)};
    }
    return match;
}

void PrefixTable::note(std::uint64_t tree, std::string_view text, std::uint32_t worker, std::uint32_t now) noexcept {
    text = text.substr(0, longest_text);
    auto key = tree;
    for (std::size_t at = 0; at + node_bytes <= text.size(); at += node_bytes) {
        key = extend(key, text.substr(at, node_bytes));
        auto* const set = place_of(key);
        if (set == nullptr) return;
        auto* const end = set + ways;
        auto* node = std::find_if(set, end, [key](const Node& each) { return each.key.load(std::memory_order_relaxed) == key; });
        if (node == end) {
            const auto used = [](const Node& each) {
                return each.key.load(std::memory_order_relaxed) == 0 ? 0 : each.used.load(std::memory_order_relaxed);
            };
            node = std::min_element(set, end, [&](const Node& a, const Node& b) { return used(a) < used(b); });
            node->workers.store(0, std::memory_order_relaxed);
            node->key.store(key, std::memory_order_relaxed);
        }
        const auto before = node->workers.load(std::memory_order_relaxed);
        const auto latest = static_cast<std::uint32_t>(before);
        if (latest != worker) node->workers.store(static_cast<std::uint64_t>(latest) << 32U | worker, std::memory_order_relaxed);
        node->used.store(now, std::memory_order_relaxed);
    }
}

}  // namespace smg::routing
