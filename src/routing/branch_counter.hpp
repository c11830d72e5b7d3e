#pragma once
/// Which way a policy went, for the metrics.
#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

namespace smg::routing {

/// A few branches, each known by a text that lives for ever (a literal). Any thread.
class BranchCounter {
public:
    struct Branch {
        std::atomic<const char*> name{nullptr};
        std::atomic<std::uint64_t> taken{0};
    };

    void count(const char* name) noexcept {
        for (auto& branch : branches_) {
            const char* held = branch.name.load(std::memory_order_acquire);
            if (held == nullptr && branch.name.compare_exchange_strong(held, name)) held = name;
            if (std::string_view(held) != name) continue;
            branch.taken.fetch_add(1, std::memory_order_relaxed);
            return;
        }
    }
    [[nodiscard]] const std::array<Branch, 4>& branches() const noexcept { return branches_; }

private:
    std::array<Branch, 4> branches_;
};

}  // namespace smg::routing
