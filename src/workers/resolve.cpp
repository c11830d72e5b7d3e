/// Which workers can serve a model: contract section 2, one rule for all who ask.
#include <algorithm>

#include "workers/snapshot.hpp"

namespace smg::workers {

namespace {

constexpr std::string_view collection = "models/";

std::string_view without_collection(std::string_view model) {
    return model.starts_with(collection) && model.size() > collection.size() ? model.substr(collection.size()) : model;
}

/// The serving of a worker whose own list holds the model; nothing when it does not.
std::optional<Serving> exact(const WorkerPtr& worker, std::string_view model) {
    if (const auto* card = worker->card(model)) return Serving{worker, card->upstream(), Basis::declared};
    if (!worker->declares_models() && worker->listed(model)) return Serving{worker, std::string(model), Basis::discovered};
    return std::nullopt;
}

/// Among these workers: those that list the model, else those that declare nothing.
void serve_among(const std::vector<WorkerPtr>& workers, std::string_view model, Resolution& resolution) {
    for (const auto& worker : workers)
        if (auto serving = exact(worker, model)) resolution.servings.push_back(std::move(*serving));
    if (!resolution.servings.empty()) return;
    for (const auto& worker : workers) {
        if (worker->declares_models()) continue;
        resolution.servings.push_back({worker, std::string(model), Basis::named});
        resolution.missed_lists = resolution.missed_lists || worker->discovered != nullptr;
    }
}

}  // namespace

Resolution Snapshot::resolve(std::string_view asked, const Worker* only) const {
    Resolution resolution;
    resolution.model = std::string(asked);
    std::string_view model = asked;
    if (const auto alias = aliases_->find(asked); alias != aliases_->end()) {
        resolution.alias_of = alias->first;
        model = alias->second;
    }
    const auto counts = [&](const Worker& worker) { return worker.status != Status::draining && (!only || worker.id == only->id); };
    const auto workers_with = [&](auto predicate) {
        std::vector<WorkerPtr> some;
        for (const auto& worker : workers_)
            if (counts(*worker) && predicate(*worker)) some.push_back(worker);
        return some;
    };

    // 1. The exact id or alias, then the same without `models/`.
    for (const auto name : {model, without_collection(model)}) {
        const auto found = listed_by_->find(name);
        if (found == listed_by_->end()) continue;
        for (const auto& [index, card] : found->second) {
            if (!counts(*workers_[index])) continue;
            if (resolution.meant.empty()) resolution.meant = card ? card->id : std::string(name);
            resolution.servings.push_back(
                {workers_[index], card ? card->upstream() : std::string(name), card ? Basis::declared : Basis::discovered});
        }
        if (!resolution.servings.empty()) {
            resolution.named = catalog_->of_model(name);
            return resolution;
        }
    }

    // 2. `<provider>/name`, `<worker name>/name`: among those, with the prefix stripped.
    model = without_collection(model);
    if (const auto slash = model.find('/'); slash != std::string_view::npos && slash + 1 < model.size()) {
        const auto prefix = model.substr(0, slash);
        const auto rest = without_collection(model.substr(slash + 1));
        const auto provider = catalog_->find(prefix);
        auto some =
            provider ? workers_with([&](const Worker& worker) { return same_provider(worker.provider(), *provider); }) : std::vector<WorkerPtr>();
        if (some.empty()) some = workers_with([&](const Worker& worker) { return worker.spec->name == prefix; });
        if (!some.empty()) {
            resolution.named = some.front()->identity.provider;
            resolution.meant = std::string(rest);
            serve_among(some, rest, resolution);
            return resolution;
        }
    }

    // 3. The provider that the name names; 4. nobody's name: openai-compatible workers that have no list.
    resolution.meant = std::string(model);
    resolution.named = catalog_->of_model(model);
    if (resolution.named) {
        const auto named = workers_with([&](const Worker& w) { return same_provider(w.provider(), *resolution.named) && !w.declares_models(); });
        serve_among(named, model, resolution);
    } else {
        for (auto& worker : workers_with([](const Worker& w) { return !w.provider().first_party && !w.has_list(); }))
            resolution.servings.push_back({std::move(worker), std::string(model), Basis::catch_all});
    }
    return resolution;
}

}  // namespace smg::workers
