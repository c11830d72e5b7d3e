#include "gateway/state_bindings.hpp"

namespace smg::gateway {
namespace {

constexpr std::size_t longest_id = 256;

}  // namespace

void StateBindings::remember(std::string_view id, std::string_view worker_id) {
    if (id.empty() || id.size() > longest_id || capacity_ == 0) return;
    const std::lock_guard lock(mutex_);
    const auto [place, added] = workers_.insert_or_assign(std::string(id), std::string(worker_id));
    if (!added) return;
    order_.push_back(place->first);
    if (order_.size() <= capacity_) return;
    workers_.erase(order_.front());
    order_.pop_front();
}

std::string StateBindings::find(std::string_view id) const {
    const std::lock_guard lock(mutex_);
    const auto found = workers_.find(std::string(id));
    return found == workers_.end() ? std::string() : found->second;
}

}  // namespace smg::gateway
