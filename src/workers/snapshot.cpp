#include "workers/snapshot.hpp"

#include <algorithm>
#include <charconv>

#include "providers/spelling.hpp"

namespace smg::workers {

namespace {

bool has_index_entries(const Worker& worker) { return worker.status != Status::draining && worker.has_list(); }

bool lists_the_same(const Worker& a, const Worker& b) {
    return a.spec == b.spec && a.discovered == b.discovered && (a.status == Status::draining) == (b.status == Status::draining);
}

}  // namespace

Snapshot::Snapshot(std::vector<WorkerPtr> workers, std::shared_ptr<const providers::Catalog> catalog,
                   std::shared_ptr<const std::map<std::string, std::string, std::less<>>> aliases, std::uint64_t version,
                   const Snapshot* previous)
    : workers_(std::move(workers)), catalog_(std::move(catalog)), aliases_(std::move(aliases)), version_(version) {
    listed_by_ = previous && lists_as(*previous) ? previous->listed_by_ : build_index();
}

/// The index holds positions and pointers into specs: it fits if every worker is where it was with the lists it had, and new ones have none.
bool Snapshot::lists_as(const Snapshot& previous) const noexcept {
    if (workers_.size() < previous.workers_.size()) return false;
    for (std::size_t i = 0; i < previous.workers_.size(); ++i)
        if (!lists_the_same(*workers_[i], *previous.workers_[i])) return false;
    return std::none_of(workers_.begin() + static_cast<std::ptrdiff_t>(previous.workers_.size()), workers_.end(),
                        [](const auto& worker) { return has_index_entries(*worker); });
}

std::shared_ptr<const Snapshot::Index> Snapshot::build_index() const {
    auto index = std::make_shared<Index>();
    for (std::uint32_t i = 0; i < workers_.size(); ++i) {
        const auto& worker = *workers_[i];
        if (!has_index_entries(worker)) continue;
        const auto add = [&](const std::string& model, const ModelCard* card) {
            auto& listings = (*index)[model];
            if (listings.empty() || listings.back().worker != i) listings.push_back({i, card});
        };
        if (worker.spec->models) {  // declared is an allow-list: what was discovered beside it does not count
            for (const auto& card : *worker.spec->models) {
                add(card.id, &card);
                for (const auto& alias : card.aliases) add(alias, &card);
            }
        } else {
            for (const auto& model : *worker.discovered) add(model.id, nullptr);
        }
    }
    return index;
}

WorkerPtr Snapshot::by_id(std::string_view id) const {
    const auto found = std::find_if(workers_.begin(), workers_.end(), [&](const auto& worker) { return worker->id == id; });
    return found == workers_.end() ? nullptr : *found;
}

WorkerPtr Snapshot::by_spelling(std::string_view spelling) const {
    if (auto worker = by_id(spelling)) return worker;
    for (const auto& worker : workers_)
        if (!spelling.empty() && worker->spec->name == spelling) return worker;
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(spelling.data(), spelling.data() + spelling.size(), index);
    const bool is_index = error == std::errc() && end == spelling.data() + spelling.size();
    return is_index && index < workers_.size() ? workers_[index] : nullptr;
}

WorkerPtr Snapshot::by_url_and_name(std::string_view url_key, std::string_view name) const {
    for (const auto& worker : workers_)
        if (worker->status != Status::draining && worker->identity.url_key == url_key && worker->spec->name == name) return worker;
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
    for (const auto& [model, listings] : *listed_by_) {
        if (++compared > most_compared) break;
        if (const auto distance = providers::spelling_distance(id, model, limit); distance <= limit) near.emplace_back(distance, model);
    }
    std::sort(near.begin(), near.end());
    std::vector<std::string> names;
    for (std::size_t i = 0; i < near.size() && i < 3; ++i) names.push_back(std::move(near[i].second));
    return names;
}

}  // namespace smg::workers
