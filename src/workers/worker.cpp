#include "workers/worker.hpp"

#include <algorithm>

#include "workers/breakers.hpp"

namespace smg::workers {

Counters::Counters() : breakers(std::make_shared<Breakers>()) {}

void Counters::cool_until(Clock::time_point end) noexcept {
    const auto wanted = std::chrono::duration_cast<std::chrono::nanoseconds>(end.time_since_epoch()).count();
    auto current = cooled_until_ns.load(std::memory_order_relaxed);
    while (current < wanted && !cooled_until_ns.compare_exchange_weak(current, wanted, std::memory_order_relaxed)) {}
}

void Counters::end_pause() noexcept {
    cooled_until_ns.store(0, std::memory_order_relaxed);
    cooled_by_quota.store(false, std::memory_order_relaxed);
}

void InFlight::release() noexcept {
    if (!counters_) return;
    counters_->in_flight.fetch_sub(1);
    counters_->processed.fetch_add(1);
    counters_.reset();
}

bool Worker::takes_stream_usage_option() const noexcept {
    if (provider().quirks.stream_usage_option) return true;
    return spec->runtime_type == RuntimeType::vllm || spec->runtime_type == RuntimeType::sglang || spec->runtime_type == RuntimeType::trtllm;
}

const ModelCard* Worker::card(std::string_view model) const noexcept {
    if (!spec->models) return nullptr;
    for (const auto& card : *spec->models)
        if (card.id == model || std::find(card.aliases.begin(), card.aliases.end(), model) != card.aliases.end()) return &card;
    return nullptr;
}

const providers::ListedModel* Worker::listed(std::string_view model) const noexcept {
    if (!discovered) return nullptr;
    for (const auto& entry : *discovered)
        if (entry.id == model) return &entry;
    return nullptr;
}

codec::ModelCapabilities Worker::capabilities(std::string_view upstream_model) const {
    if (const auto* entry = listed(upstream_model)) return entry->capabilities;
    return provider().capabilities(upstream_model);
}

}  // namespace smg::workers
