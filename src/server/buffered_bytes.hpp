#pragma once
/// What one request's body holds of the memory that all bodies together may take.
#include <atomic>
#include <cstdint>

namespace smg::server {

/// Gives back what it took when it is destroyed. The total is shared by all threads.
class BufferedBytes {
public:
    BufferedBytes(std::atomic<std::uint64_t>& total, std::uint64_t limit) : total_(total), limit_(limit) {}
    BufferedBytes(const BufferedBytes&) = delete;
    BufferedBytes& operator=(const BufferedBytes&) = delete;
    ~BufferedBytes() { release(); }

    /// The body is now so long. False when the limit is passed; then nothing more is taken.
    [[nodiscard]] bool hold(std::uint64_t size) noexcept {
        if (size <= held_) return true;
        const auto more = size - held_;
        if (total_.fetch_add(more) + more > limit_) {
            total_.fetch_sub(more);
            return false;
        }
        held_ = size;
        return true;
    }
    void release() noexcept {
        total_.fetch_sub(held_);
        held_ = 0;
    }

private:
    std::atomic<std::uint64_t>& total_;
    const std::uint64_t limit_;
    std::uint64_t held_ = 0;
};

}  // namespace smg::server
