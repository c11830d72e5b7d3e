#pragma once
/// A value that every thread reads at any time and that one thread replaces whole now and then (a reload of the configuration).
#include <atomic>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace smg {

/// Reading costs one load. A reader may hold the reference as long as this object lives: values that were replaced are kept, since a stream may
/// run for hours and nothing on the path of a request counts references. They are a few hundred bytes each, and people reload by hand.
template <typename T>
class Published {
public:
    explicit Published(T first) { replace(std::move(first)); }

    [[nodiscard]] const T& get() const noexcept { return *current_.load(std::memory_order_acquire); }
    /// Any thread.
    void replace(T next) {
        auto made = std::make_unique<const T>(std::move(next));
        const std::lock_guard lock(mutex_);
        current_.store(made.get(), std::memory_order_release);
        all_.push_back(std::move(made));
    }

private:
    std::mutex mutex_;
    std::vector<std::unique_ptr<const T>> all_;
    std::atomic<const T*> current_{nullptr};
};

}  // namespace smg
