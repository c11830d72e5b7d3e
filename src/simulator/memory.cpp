#include "simulator/memory.hpp"

#include <utility>

namespace smg::simulator {

void Memory::keep(const std::string& key, Json value) {
    const std::lock_guard lock(mutex_);
    auto& entry = entries_[key];
    if (entry.number != 0) order_.erase(entry.number);
    entry.number = next_++;
    entry.value = std::move(value);
    order_[entry.number] = key;
    if (order_.size() <= limit_) return;
    entries_.erase(order_.begin()->second);
    order_.erase(order_.begin());
}

std::optional<Json> Memory::find(const std::string& key) const {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(key);
    if (found == entries_.end()) return std::nullopt;
    return found->second.value;
}

bool Memory::forget(const std::string& key) {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(key);
    if (found == entries_.end()) return false;
    order_.erase(found->second.number);
    entries_.erase(found);
    return true;
}

std::vector<Json> Memory::all(std::string_view prefix) const {
    const std::lock_guard lock(mutex_);
    std::vector<Json> values;
    for (auto each = order_.rbegin(); each != order_.rend(); ++each)
        if (std::string_view(each->second).starts_with(prefix)) values.push_back(entries_.at(each->second).value);
    return values;
}

}  // namespace smg::simulator
