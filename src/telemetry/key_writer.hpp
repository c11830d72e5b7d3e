#pragma once
/// A key for a map, made of several texts, into memory that is reused.
#include <string>
#include <string_view>

namespace smg::telemetry {

/// Writes texts behind each other, each with a NUL behind it, so that no two lists of texts without one make the same key. `key` outlives it.
class KeyWriter {
public:
    explicit KeyWriter(std::string& key) : key_(key) {}
    void add(std::string_view text) {
        if (key_.size() - size_ < text.size() + 1) key_.resize(2 * key_.size() + text.size() + 1);
        text.copy(key_.data() + size_, text.size());
        size_ += text.size();
        key_[size_++] = '\0';
    }
    [[nodiscard]] std::string_view written() const noexcept { return std::string_view(key_).substr(0, size_); }

private:
    std::string& key_;
    std::size_t size_ = 0;
};

}  // namespace smg::telemetry
