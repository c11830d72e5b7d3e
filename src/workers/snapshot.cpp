#include "workers/snapshot.hpp"

#include <algorithm>
#include <charconv>

#include "providers/spelling.hpp"

namespace smg::workers {

namespace {

constexpr std::size_t npos = static_cast<std::size_t>(-1);

}  // namespace

Snapshot::Snapshot(std::vector<WorkerPtr> workers, std::shared_ptr<const providers::Catalog> catalog, std::shared_ptr<const Aliases> aliases,
                   std::uint64_t version)
    : workers_(std::move(workers)),
      index_(WorkerIndex::of(workers_)),
      catalog_(std::move(catalog)),
      aliases_(std::move(aliases)),
      version_(version) {}

Snapshot::Snapshot(std::vector<WorkerPtr> workers, WorkerIndex::Ptr index, const Snapshot& before)
    : workers_(std::move(workers)),
      index_(std::move(index)),
      catalog_(before.catalog_),
      aliases_(before.aliases_),
      version_(before.version_ + 1) {}

SnapshotPtr Snapshot::with_added(WorkerPtr worker) const {
    std::vector<WorkerPtr> workers;
    workers.reserve(workers_.size() + 1);
    workers = workers_;
    const auto& added = *worker;
    workers.push_back(std::move(worker));
    auto index = index_->with_added(added, workers);
    return SnapshotPtr(new Snapshot(std::move(workers), std::move(index), *this));
}

SnapshotPtr Snapshot::with_replaced(WorkerPtr worker) const {
    auto workers = workers_;
    auto& place = workers[position_of(worker->id)];
    auto index = index_->with_replaced(*place, *worker);
    place = std::move(worker);
    return SnapshotPtr(new Snapshot(std::move(workers), index ? std::move(index) : index_, *this));
}

SnapshotPtr Snapshot::without(std::string_view id) const {
    auto workers = workers_;
    const auto place = workers.begin() + static_cast<std::ptrdiff_t>(position_of(id));
    const auto gone = *place;
    workers.erase(place);
    auto index = index_->without(*gone, workers);
    return SnapshotPtr(new Snapshot(std::move(workers), std::move(index), *this));
}

SnapshotPtr Snapshot::with_catalog(std::shared_ptr<const providers::Catalog> catalog, std::vector<WorkerPtr> workers) const {
    return std::make_shared<const Snapshot>(std::move(workers), std::move(catalog), aliases_, version_ + 1);
}

SnapshotPtr Snapshot::with_aliases(std::shared_ptr<const Aliases> aliases) const {
    std::shared_ptr<Snapshot> next(new Snapshot(workers_, index_, *this));
    next->aliases_ = std::move(aliases);
    return next;
}

std::size_t Snapshot::position_of(std::string_view id) const noexcept {
    const auto slot = index_->slot_of(id);
    return slot ? index_->position(*slot) : npos;
}

WorkerPtr Snapshot::by_id(std::string_view id) const {
    const auto position = position_of(id);
    return position == npos ? nullptr : workers_[position];
}

WorkerPtr Snapshot::by_name(std::string_view name) const {
    const auto* const named = name.empty() ? nullptr : index_->named(name);
    return named == nullptr ? nullptr : workers_[index_->position(named->all.front().slot)];
}

WorkerPtr Snapshot::by_sequence(std::uint64_t sequence) const {
    const auto place = std::lower_bound(workers_.begin(), workers_.end(), sequence,
                                        [](const WorkerPtr& worker, std::uint64_t wanted) { return worker->sequence < wanted; });
    return place != workers_.end() && (*place)->sequence == sequence ? *place : nullptr;
}

WorkerPtr Snapshot::by_spelling(std::string_view spelling) const {
    if (auto worker = by_id(spelling)) return worker;
    if (auto worker = by_name(spelling)) return worker;
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(spelling.data(), spelling.data() + spelling.size(), index);
    const bool is_index = error == std::errc() && end == spelling.data() + spelling.size();
    return is_index && index < workers_.size() ? workers_[index] : nullptr;
}

WorkerPtr Snapshot::by_url_and_name(std::string_view url_key, std::string_view name) const {
    const auto* there = index_->at(url_key, name);
    if (there == nullptr) return nullptr;
    for (const auto& listing : there->all)
        if (const auto& worker = workers_[index_->position(listing.slot)]; worker->status != Status::draining) return worker;
    return nullptr;
}

bool Snapshot::pending_could_serve(std::string_view model) const {
    const auto servings = resolve(model).servings;
    const auto any = [&](Status status) {
        return std::any_of(servings.begin(), servings.end(), [&](const Serving& serving) { return serving.worker->status == status; });
    };
    return any(Status::pending) && !any(Status::ready);
}

std::size_t Snapshot::ready_count() const noexcept {
    return static_cast<std::size_t>(std::count_if(workers_.begin(), workers_.end(), [](const auto& worker) { return worker->ready(); }));
}

namespace {

KnownModel declared_model(const Worker& worker, const ModelCard& card) {
    KnownModel model;
    if (const auto* listed = worker.listed(card.upstream())) model = known_from(worker.provider(), *listed);
    model.id = card.id;
    model.provider = worker.provider().name;
    if (model.owned_by.empty()) model.owned_by = card.provider.empty() ? worker.provider().name : card.provider;
    if (!card.display_name.empty()) model.display_name = card.display_name;
    if (card.context_length != 0) model.context_length = card.context_length;
    return model;
}

/// In service, or out of it for a while: a list that flickers with a health check helps nobody.
bool is_shown(const Worker& worker) { return worker.status == Status::ready || worker.status == Status::not_ready; }

}  // namespace

KnownModel known_from(const providers::Provider& provider, const providers::ListedModel& listed) {
    KnownModel model;
    model.id = listed.id;
    model.created = listed.created;
    model.owned_by = listed.owned_by.empty() ? provider.name : listed.owned_by;
    model.display_name = listed.display_name;
    model.context_length = listed.context_length;
    model.max_output_tokens = listed.max_output_tokens;
    model.methods = listed.methods;
    model.stated = listed.stated;
    model.origin = provider.origin;
    model.provider = provider.name;
    return model;
}

std::vector<KnownModel> Snapshot::known_models() const {
    std::map<std::string, KnownModel, std::less<>> known;
    const auto add = [&](KnownModel model) { known.emplace(model.id, model); };  // the first worker that lists it describes it
    for (const auto& worker : workers_) {
        if (!is_shown(*worker)) continue;
        if (worker->spec->models) {
            for (const auto& card : *worker->spec->models) {
                auto model = declared_model(*worker, card);
                add(model);
                for (const auto& alias : card.aliases) {
                    model.id = alias;
                    add(model);
                }
            }
        } else if (worker->discovered) {
            for (const auto& listed : *worker->discovered) add(known_from(worker->provider(), listed));
        }
    }
    for (const auto& [alias, target] : *aliases_)
        if (const auto found = known.find(target); found != known.end()) {
            auto model = found->second;
            model.id = alias;
            known.insert_or_assign(alias, std::move(model));
        }
    std::vector<KnownModel> models;
    models.reserve(known.size());
    for (auto& entry : known) models.push_back(std::move(entry.second));
    return models;
}

std::optional<KnownModel> Snapshot::known_model(std::string_view id) const {
    for (const auto& serving : resolve(id).servings) {
        const auto& worker = *serving.worker;
        if (!is_shown(worker)) continue;
        std::optional<KnownModel> model;
        if (const auto* card = worker.card(serving.upstream_model))
            model = declared_model(worker, *card);
        else if (const auto* own = worker.card(id))
            model = declared_model(worker, *own);
        else if (const auto* listed = worker.listed(serving.upstream_model))
            model = known_from(worker.provider(), *listed);
        if (!model) continue;
        model->id = std::string(id);
        return model;
    }
    return std::nullopt;
}

std::vector<std::string> Snapshot::nearest_models(std::string_view id) const {
    constexpr std::size_t most_compared = 4000;  // a flood of misspelt names must stay cheap
    if (id.size() > 128) return {};
    const std::size_t limit = std::max<std::size_t>(2, id.size() / 4);
    std::vector<std::pair<std::size_t, std::string>> near;
    std::size_t compared = 0;
    index_->models().for_each([&](const std::string& model, const WorkerIndex::Group&) {
        if (const auto distance = providers::spelling_distance(id, model, limit); distance <= limit) near.emplace_back(distance, model);
        return ++compared < most_compared;
    });
    std::sort(near.begin(), near.end());
    std::vector<std::string> names;
    for (std::size_t i = 0; i < near.size() && i < 3; ++i) names.push_back(std::move(near[i].second));
    return names;
}

}  // namespace smg::workers
