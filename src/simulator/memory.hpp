#pragma once
/// What a simulated provider keeps between two requests: stored responses and uploaded files.
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/json.hpp"

namespace smg::simulator {

/// Values by key, the newest `limit` of them. Thread-safe.
class Memory {
public:
    explicit Memory(std::size_t limit = 2000) : limit_(limit) {}

    /// Replaces what was there. The oldest is forgotten when there are too many.
    void keep(const std::string& key, Json value);
    [[nodiscard]] std::optional<Json> find(const std::string& key) const;
    /// False when there was none.
    bool forget(const std::string& key);
    /// Those whose key begins so, newest first.
    [[nodiscard]] std::vector<Json> all(std::string_view prefix) const;

private:
    struct Entry {
        std::uint64_t number = 0;
        Json value;
    };
    mutable std::mutex mutex_;
    std::map<std::string, Entry> entries_;
    std::map<std::uint64_t, std::string> order_;
    std::uint64_t next_ = 1;
    std::size_t limit_;
};

}  // namespace smg::simulator
