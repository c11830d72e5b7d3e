#pragma once
/// A map from texts to values of which many versions live side by side: a copy shares everything with its original, and a change copies the
/// small part that holds its key. What makes a registry of 10^5 models cheap to change.
#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace smg::workers {

/// `Value` is a container: one that is `empty()` is not kept. Readers on any thread may share what nobody changes any more.
template <typename Value>
class ShardedMap {
public:
    /// Null: nothing is there. Lives as long as this version of the map, or any other that has not changed that key.
    [[nodiscard]] const Value* find(std::string_view key) const noexcept {
        const auto hash = hash_of(key);
        const auto& shard = shards_[hash % shards_.size()];
        if (!shard) return nullptr;
        for (auto at = place_of(*shard, hash); at != shard->end() && at->hash == hash; ++at)
            if (at->entry->key == key) return &at->entry->value;
        return nullptr;
    }

    /// `edit` is given the value, an empty one where there was none.
    void change(std::string_view key, const std::function<void(Value&)>& edit) {
        const auto hash = hash_of(key);
        auto& shared = shards_[hash % shards_.size()];
        auto shard = shared ? std::make_shared<Shard>(*shared) : std::make_shared<Shard>();
        auto at = place_of(*shard, hash);
        while (at != shard->end() && at->hash == hash && at->entry->key != key) ++at;
        const bool known = at != shard->end() && at->hash == hash;
        auto entry = std::make_shared<Entry>(std::string(key), known ? at->entry->value : Value());
        edit(entry->value);
        if (entry->value.empty()) {
            if (known) shard->erase(at);
        } else if (known) {
            at->entry = std::move(entry);
        } else {
            shard->insert(at, {hash, std::move(entry)});
        }
        shared = std::move(shard);
    }

    /// In no order; `visit` returns false to end it.
    template <typename Visit>
    void for_each(Visit visit) const {
        for (const auto& shard : shards_) {
            if (!shard) continue;
            for (const auto& each : *shard)
                if (!visit(each.entry->key, each.entry->value)) return;
        }
    }

private:
    struct Entry {
        Entry(std::string its_key, Value its_value) : key(std::move(its_key)), value(std::move(its_value)) {}
        std::string key;
        Value value;
    };
    struct Place {
        std::uint64_t hash;
        std::shared_ptr<const Entry> entry;
    };
    using Shard = std::vector<Place>;  ///< by hash

    [[nodiscard]] static std::uint64_t hash_of(std::string_view key) noexcept { return std::hash<std::string_view>()(key); }
    [[nodiscard]] static auto place_of(auto& shard, std::uint64_t hash) {
        return std::lower_bound(shard.begin(), shard.end(), hash, [](const Place& place, std::uint64_t wanted) { return place.hash < wanted; });
    }

    std::array<std::shared_ptr<const Shard>, 256> shards_;
};

}  // namespace smg::workers
