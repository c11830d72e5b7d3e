/// Which workers can serve a model: contract section 2, one rule for all who ask.
#include <algorithm>
#include <span>

#include "workers/snapshot.hpp"

namespace smg::workers {

namespace {

constexpr std::string_view collection = "models/";

std::string_view without_collection(std::string_view model) {
    return model.starts_with(collection) && model.size() > collection.size() ? model.substr(collection.size()) : model;
}

Serving listed_serving(const WorkerPtr& worker, const WorkerIndex::Listing& listing, std::string_view model) {
    if (listing.card != nullptr) return {worker, listing.card->upstream(), Basis::declared};
    return {worker, std::string(model), Basis::discovered};
}

}  // namespace

template <typename Use>
void Snapshot::visit(const WorkerIndex::Group* group, const Worker* only, const Sampling* sample, Resolution& resolution, Use use) const {
    if (group == nullptr) return;
    std::span<const WorkerIndex::Listing> some(group->all);
    std::vector<WorkerIndex::Listing> looked_at;
    if (only != nullptr) {
        const auto slot = index_->slot_of(only->id).value_or(0);
        const auto before = [](const auto& listing, std::uint32_t wanted) { return listing.slot < wanted; };
        const auto at = std::lower_bound(some.begin(), some.end(), slot, before);
        some = at != some.end() && at->slot == slot ? std::span(&*at, 1) : std::span<const WorkerIndex::Listing>();
    } else if (sample != nullptr && group->crowd) {
        resolution.sampled = true;
        resolution.policy = group->crowd->policy;
        looked_at = group->at((*sample)(resolution.policy));
        some = looked_at;
    }
    for (const auto& listing : some)
        if (const auto& worker = workers_[index_->position(listing.slot)]; worker->status != Status::draining) use(worker, listing);
}

void Snapshot::serve_open(const WorkerIndex::Group* group, std::string_view model, const Worker* only, const Sampling* sample,
                          Resolution& resolution) const {
    visit(group, only, sample, resolution, [&](const WorkerPtr& worker, const auto&) {
        resolution.servings.push_back({worker, std::string(model), Basis::named});
        resolution.missed_lists = resolution.missed_lists || worker->discovered != nullptr;
    });
}

bool Snapshot::resolve_prefixed(std::string_view prefix, std::string_view name, const Worker* only, const Sampling* sample,
                                Resolution& resolution) const {
    // Among those of the provider, or of that name: who lists the model, else who declares nothing.
    const auto* const listing = index_->listing(name);
    if (const auto provider = catalog_->find(prefix)) {
        Resolution any;
        const Sampling anywhere = [](auto) { return Look(); };
        visit(index_->of_provider(provider->name), only, &anywhere, any, [&](const WorkerPtr& worker, const auto&) {
            if (!resolution.named) resolution.named = worker->identity.provider;
        });
        if (resolution.named) {
            visit(listing, only, nullptr, resolution, [&](const WorkerPtr& worker, const auto& its) {
                if (same_provider(worker->provider(), *provider)) resolution.servings.push_back(listed_serving(worker, its, name));
            });
            if (resolution.servings.empty()) serve_open(index_->open_of_provider(provider->name), name, only, sample, resolution);
            return true;
        }
    }
    const auto* const named = index_->named(prefix);
    std::vector<WorkerPtr> silent;
    visit(named, only, nullptr, resolution, [&](const WorkerPtr& worker, const auto&) {
        if (!resolution.named) resolution.named = worker->identity.provider;
        if (!worker->declares_models()) silent.push_back(worker);
        visit(listing, worker.get(), nullptr, resolution,
              [&](const WorkerPtr&, const auto& its) { resolution.servings.push_back(listed_serving(worker, its, name)); });
    });
    if (!resolution.named) return false;
    if (!resolution.servings.empty()) return true;
    for (auto& worker : silent) {
        resolution.missed_lists = resolution.missed_lists || worker->discovered != nullptr;
        resolution.servings.push_back({std::move(worker), std::string(name), Basis::named});
    }
    return true;
}

Resolution Snapshot::resolve(std::string_view asked, const Worker* only, const Sampling* sample) const {
    Resolution resolution;
    resolution.model = std::string(asked);
    std::string_view model = asked;
    if (const auto alias = aliases_->find(asked); alias != aliases_->end()) {
        resolution.alias_of = alias->first;
        model = alias->second;
    }

    // 1. The exact id or alias, then the same without `models/`.
    for (const auto name : {model, without_collection(model)}) {
        visit(index_->listing(name), only, sample, resolution, [&](const WorkerPtr& worker, const auto& its) {
            if (resolution.meant.empty()) resolution.meant = its.card != nullptr ? its.card->id : std::string(name);
            resolution.servings.push_back(listed_serving(worker, its, name));
        });
        if (resolution.servings.empty()) continue;
        resolution.named = catalog_->of_model(name);
        return resolution;
    }

    // 2. `<provider>/name`, `<worker name>/name`: among those, with the prefix stripped.
    model = without_collection(model);
    if (const auto slash = model.find('/'); slash != std::string_view::npos && slash + 1 < model.size()) {
        const auto rest = without_collection(model.substr(slash + 1));
        if (resolve_prefixed(model.substr(0, slash), rest, only, sample, resolution)) {
            resolution.meant = std::string(rest);
            return resolution;
        }
    }

    // 3. The provider that the name names; 4. nobody's name: openai-compatible workers that have no list.
    resolution.meant = std::string(model);
    resolution.named = catalog_->of_model(model);
    if (resolution.named) {
        serve_open(index_->open_of_provider(resolution.named->name), model, only, sample, resolution);
    } else {
        visit(index_->without_lists(), only, sample, resolution,
              [&](const WorkerPtr& worker, const auto&) { resolution.servings.push_back({worker, std::string(model), Basis::catch_all}); });
    }
    return resolution;
}

Resolution Snapshot::all_of_provider(std::string_view provider, std::string_view model, const Worker* only) const {
    Resolution resolution;
    resolution.model = std::string(model);
    resolution.named = catalog_->find(provider);
    if (!resolution.named) return resolution;
    visit(index_->of_provider(resolution.named->name), only, nullptr, resolution,
          [&](const WorkerPtr& worker, const auto&) { resolution.servings.push_back({worker, std::string(model), Basis::named}); });
    return resolution;
}

}  // namespace smg::workers
