#include "workers/worker_index.hpp"

#include <algorithm>

namespace smg::workers {
namespace {

using Listing = WorkerIndex::Listing;
using Group = WorkerIndex::Group;

/// Slots of workers that have gone, beyond as many as there are: then all are numbered anew.
constexpr std::size_t most_empty_slots = 1024;

/// Which of `count` buckets a key falls into; one bucket more moves as few keys as can be (Lamping and Veach, "A Fast, Minimal Memory, Consistent
/// Hash Algorithm", arXiv:1406.2294).
std::uint64_t jump_hash(std::uint64_t key, std::uint64_t count) noexcept {
    std::int64_t bucket = -1, next = 0;
    while (next < static_cast<std::int64_t>(count)) {
        bucket = next;
        key = key * 2862933555777941757ULL + 1;
        next = static_cast<std::int64_t>(static_cast<double>(bucket + 1) * (static_cast<double>(1LL << 31) / static_cast<double>((key >> 33) + 1)));
    }
    return static_cast<std::uint64_t>(bucket);
}

/// `before` had one worker more or less, or another priority of one.
std::vector<std::uint32_t> seats_of(const std::vector<Listing>& preferred, const WorkerIndex::Crowd* before, std::size_t& gaps) {
    constexpr auto left = WorkerIndex::Crowd::left;
    std::vector<std::uint32_t> seats;
    gaps = 0;
    if (before == nullptr || before->gaps * 4 > before->seats.size()) {  // nobody sits yet, or too many gaps
        for (const auto& each : preferred) seats.push_back(each.slot);
        return seats;
    }
    std::size_t same = 0;  // of the two lists, both by slot, up to where they differ
    while (same < preferred.size() && same < before->preferred.size() && preferred[same].slot == before->preferred[same].slot) ++same;
    seats = before->seats;
    gaps = before->gaps;
    if (preferred.size() + 1 == before->preferred.size()) {
        *std::find(seats.begin(), seats.end(), before->preferred[same].slot) |= left;
        ++gaps;
    } else if (preferred.size() == before->preferred.size() + 1) {
        const auto came = preferred[same].slot;
        const auto own = gaps == 0 ? seats.end() : std::find(seats.begin(), seats.end(), came | left);
        if (own == seats.end()) {
            seats.push_back(came);
        } else {
            *own = came;
            --gaps;
        }
    } else if (same < preferred.size() || same < before->preferred.size()) {
        return seats_of(preferred, nullptr, gaps);  // others are preferred now
    }
    return seats;
}

void survey(Group& group) {
    const auto before = std::move(group.crowd);
    group.crowd = nullptr;
    if (group.all.size() <= sampled_beyond) return;
    auto crowd = std::make_shared<WorkerIndex::Crowd>();
    auto highest = group.all.front().priority;
    for (const auto& each : group.all) {
        highest = std::max(highest, each.priority);
        if (!crowd->policy) crowd->policy = each.policy;
    }
    for (const auto& each : group.all)
        if (each.priority == highest) crowd->preferred.push_back(each);
    crowd->seats = seats_of(crowd->preferred, before.get(), crowd->gaps);
    group.crowd = std::move(crowd);
}

std::optional<PolicyKind> policy_label(const WorkerSpec& spec) {
    const auto label = spec.labels.find("policy");
    if (label == spec.labels.end()) return std::nullopt;
    const auto kind = policy_named(label->second);
    return kind ? std::optional(*kind) : std::nullopt;
}

auto place_in(std::vector<Listing>& all, std::uint32_t slot) {
    return std::lower_bound(all.begin(), all.end(), slot, [](const Listing& listing, std::uint32_t wanted) { return listing.slot < wanted; });
}

}  // namespace

std::vector<Listing> Group::at(const Look& look) const {
    const auto& preferred = crowd->preferred;
    if (preferred.size() <= look.width) return preferred;
    std::vector<Listing> some;
    some.reserve(look.width);
    if (look.keyed) {
        const auto& seats = crowd->seats;
        const auto by_slot = [](const Listing& listing, std::uint32_t slot) { return listing.slot < slot; };
        for (auto seat = jump_hash(look.point, seats.size()); some.size() < look.width; seat = (seat + 1) % seats.size())
            if ((seats[seat] & Crowd::left) == 0) some.push_back(*std::lower_bound(preferred.begin(), preferred.end(), seats[seat], by_slot));
    } else {
        for (auto i = look.point % preferred.size(); some.size() < look.width; i = (i + 1) % preferred.size()) some.push_back(preferred[i]);
    }
    std::sort(some.begin(), some.end(), [](const Listing& a, const Listing& b) { return a.slot < b.slot; });
    return some;
}

std::string WorkerIndex::place_key(std::string_view url_key, std::string_view name) { return std::string(url_key).append("\n").append(name); }

bool WorkerIndex::found_alike(const Worker& a, const Worker& b) {
    return a.spec == b.spec && a.discovered == b.discovered && (a.status == Status::draining) == (b.status == Status::draining);
}

template <typename Use>
void WorkerIndex::for_each_key(const Worker& worker, Use use) {
    if (!worker.spec->name.empty()) use(names_, worker.spec->name, nullptr);
    use(places_, place_key(worker.identity.url_key, worker.spec->name), nullptr);
    if (worker.status == Status::draining) return;
    use(providers_, worker.provider().name, nullptr);
    if (!worker.declares_models()) use(open_, worker.provider().name, nullptr);
    if (!worker.provider().first_party && !worker.has_list()) use(open_, std::string(catch_all), nullptr);
    if (worker.declares_models()) {  // an allow-list: what was discovered beside it does not count
        for (const auto& card : *worker.spec->models) {
            use(models_, card.id, &card);
            for (const auto& alias : card.aliases) use(models_, alias, &card);
        }
    } else if (worker.discovered) {
        for (const auto& model : *worker.discovered) use(models_, model.id, nullptr);
    }
}

void WorkerIndex::put(const Worker& worker, std::uint32_t slot, bool surveyed) {
    const auto policy = policy_label(*worker.spec);
    const auto priority = static_cast<std::int16_t>(worker.spec->priority);
    ids_.change(worker.id, [&](Slot& its) { its.number = slot; });
    for_each_key(worker, [&](ShardedMap<Group>& map, const std::string& key, const ModelCard* card) {
        map.change(key, [&](Group& group) {
            const auto at = place_in(group.all, slot);
            if (at != group.all.end() && at->slot == slot) return;  // the first card of that name counts
            group.all.insert(at, {slot, priority, policy, card});
            if (surveyed) survey(group);
        });
    });
}

void WorkerIndex::take_out(const Worker& worker, std::uint32_t slot) {
    ids_.change(worker.id, [](Slot& its) { its.number.reset(); });
    for_each_key(worker, [&](ShardedMap<Group>& map, const std::string& key, const ModelCard*) {
        map.change(key, [&](Group& group) {
            const auto at = place_in(group.all, slot);
            if (at == group.all.end() || at->slot != slot) return;
            group.all.erase(at);
            survey(group);
        });
    });
}

void WorkerIndex::survey_all(ShardedMap<Group>& map) {
    std::vector<std::string> crowded;
    map.for_each([&](const std::string& key, const Group& group) {
        if (group.all.size() > sampled_beyond) crowded.push_back(key);
        return true;
    });
    for (const auto& key : crowded) map.change(key, survey);
}

WorkerIndex::Ptr WorkerIndex::of(const std::vector<WorkerPtr>& workers) {
    auto index = std::make_shared<WorkerIndex>();
    auto positions = std::make_shared<std::vector<std::uint32_t>>();
    for (std::uint32_t i = 0; i < workers.size(); ++i) {
        index->put(*workers[i], i, false);
        positions->push_back(i);
    }
    for (auto* map : {&index->models_, &index->providers_, &index->open_}) survey_all(*map);
    index->positions_ = std::move(positions);
    return index;
}

WorkerIndex::Ptr WorkerIndex::with_added(const Worker& added, const std::vector<WorkerPtr>& workers) const {
    auto index = std::make_shared<WorkerIndex>(*this);
    auto positions = std::make_shared<std::vector<std::uint32_t>>(*positions_);
    index->put(added, static_cast<std::uint32_t>(positions->size()));
    positions->push_back(static_cast<std::uint32_t>(workers.size() - 1));
    index->positions_ = std::move(positions);
    return index;
}

WorkerIndex::Ptr WorkerIndex::with_replaced(const Worker& before, const Worker& now) const {
    if (found_alike(before, now)) return nullptr;
    auto index = std::make_shared<WorkerIndex>(*this);
    const auto slot = *slot_of(before.id);
    index->take_out(before, slot);
    index->put(now, slot);
    return index;
}

WorkerIndex::Ptr WorkerIndex::without(const Worker& gone, const std::vector<WorkerPtr>& workers) const {
    if (positions_->size() > 2 * workers.size() + most_empty_slots) return of(workers);
    auto index = std::make_shared<WorkerIndex>(*this);
    const auto slot = *slot_of(gone.id);
    index->take_out(gone, slot);
    // Those behind it move up by one, and slots are in the order of positions.
    auto positions = std::make_shared<std::vector<std::uint32_t>>(*positions_);
    for (std::size_t later = slot + 1; later < positions->size(); ++later)
        if ((*positions)[later] > 0) --(*positions)[later];
    index->positions_ = std::move(positions);
    return index;
}

std::optional<std::uint32_t> WorkerIndex::slot_of(std::string_view id) const noexcept {
    const auto* slot = ids_.find(id);
    return slot == nullptr ? std::nullopt : slot->number;
}

}  // namespace smg::workers
