#include "workers/breakers.hpp"

#include <functional>
#include <tuple>
#include <utility>

namespace smg::workers {
namespace {

constexpr std::string_view the_rest = "*";

std::size_t bucket_of(std::string_view model, std::size_t buckets) noexcept { return std::hash<std::string_view>()(model) % buckets; }

int severity(BreakerState state) noexcept { return state == BreakerState::open ? 2 : state == BreakerState::half_open ? 1 : 0; }

}  // namespace

Breakers::~Breakers() {
    for (auto& head : heads_)
        for (auto* entry = head.load(); entry != nullptr;) delete std::exchange(entry, entry->next);
}

Breakers::Entry* Breakers::find(std::string_view model) const noexcept {
    for (auto* entry = heads_[bucket_of(model, buckets)].load(std::memory_order_acquire); entry != nullptr; entry = entry->next)
        if (entry->model == model) return entry;
    return nullptr;
}

Breakers::Entry& Breakers::find_or_add(std::string_view model) {
    if (auto* known = find(model)) return *known;
    const std::lock_guard lock(adding_);
    if (models_ >= most_models) model = the_rest;
    if (auto* known = find(model)) return *known;
    auto entry = std::make_unique<Entry>(model);
    auto& head = heads_[bucket_of(model, buckets)];
    entry->next = head.load(std::memory_order_relaxed);
    head.store(entry.get(), std::memory_order_release);
    ++models_;
    return *entry.release();
}

std::optional<Clock::time_point> Breakers::blocked_until(std::string_view model, Clock::time_point now) const {
    if (not_closed_.load(std::memory_order_relaxed) == 0) return std::nullopt;
    const auto* entry = find(model);
    if (entry == nullptr) entry = find(the_rest);
    if (entry == nullptr) return std::nullopt;
    const std::lock_guard lock(entry->mutex);
    if (!entry->machine.blocks(now)) return std::nullopt;
    return entry->machine.state() == BreakerState::open ? entry->machine.open_until() : now;
}

std::vector<Breakers::Shown> Breakers::shown() const {
    std::vector<Shown> all;
    for (const auto& head : heads_) {
        for (const auto* entry = head.load(std::memory_order_acquire); entry != nullptr; entry = entry->next) {
            const std::lock_guard lock(entry->mutex);
            const auto& machine = entry->machine;
            all.push_back({entry->model, machine.state(), machine.consecutive_failures(), machine.consecutive_successes()});
        }
    }
    return all;
}

Breakers::Shown Breakers::worst() const {
    Shown worst{{}, BreakerState::closed, 0, 0};
    for (auto& each : shown())
        if (std::tuple(severity(each.state), each.consecutive_failures, each.consecutive_successes) >=
            std::tuple(severity(worst.state), worst.consecutive_failures, worst.consecutive_successes))
            worst = std::move(each);
    return worst;
}

void Breakers::note(const BreakerMachine::Change& change) noexcept {
    if (!change) return;
    const auto [from, to] = *change;
    if (from == BreakerState::closed) not_closed_.fetch_add(1);
    if (to == BreakerState::closed) not_closed_.fetch_sub(1);
    transitions[static_cast<std::size_t>(from)][static_cast<std::size_t>(to)].fetch_add(1, std::memory_order_relaxed);
}

BreakerPass::BreakerPass(std::shared_ptr<Breakers> breakers, std::string_view model, const BreakerRules& rules, Clock::time_point now)
    : permit_(BreakerMachine::Permit::normal), began_(now), rules_(rules) {
    if (!rules.enabled || !breakers) return;
    breakers_ = std::move(breakers);
    entry_ = &breakers_->find_or_add(model);
    BreakerMachine::Change change;
    {
        const std::lock_guard lock(entry_->mutex);
        permit_ = entry_->machine.begin(rules, now, change);
    }
    breakers_->note(change);
}

BreakerPass& BreakerPass::operator=(BreakerPass&& other) noexcept {
    if (this == &other) return *this;
    release();
    breakers_ = std::move(other.breakers_);
    entry_ = std::exchange(other.entry_, nullptr);
    permit_ = std::exchange(other.permit_, BreakerMachine::Permit::refused);
    began_ = other.began_;
    succeeded_ = other.succeeded_;
    rules_ = other.rules_;
    return *this;
}

void BreakerPass::success(Clock::time_point now) {
    if (entry_ == nullptr || std::exchange(succeeded_, true)) return;
    BreakerMachine::Change change;
    {
        const std::lock_guard lock(entry_->mutex);
        entry_->machine.end(permit_, began_, true, rules_, now, change);
    }
    permit_ = BreakerMachine::Permit::normal;
    breakers_->successes.fetch_add(1, std::memory_order_relaxed);
    breakers_->note(change);
}

void BreakerPass::failure(Clock::time_point now) {
    auto* entry = std::exchange(entry_, nullptr);
    if (entry == nullptr) return;
    BreakerMachine::Change change;
    {
        const std::lock_guard lock(entry->mutex);
        entry->machine.end(permit_, began_, false, rules_, now, change);
    }
    breakers_->failures.fetch_add(1, std::memory_order_relaxed);
    breakers_->note(change);
}

void BreakerPass::release() noexcept {
    auto* entry = std::exchange(entry_, nullptr);
    if (entry == nullptr || permit_ != BreakerMachine::Permit::trial) return;
    const std::lock_guard lock(entry->mutex);
    entry->machine.abandon(permit_, began_);
}

}  // namespace smg::workers
