#pragma once
/// The registry at one moment: immutable, so that a request sees one world from beginning to end. Shared by all threads.
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "workers/worker.hpp"
#include "workers/worker_index.hpp"

namespace smg::workers {

/// Why a worker can serve a model.
enum class Basis {
    declared,    ///< its declared models hold it
    discovered,  ///< its discovered list holds it
    named,       ///< the model's name names its provider (or the prefix names the provider or the worker)
    catch_all,   ///< an openai-compatible worker without any list, and nobody's pattern names the model
};

struct Serving {
    WorkerPtr worker;
    std::string upstream_model;  ///< what the worker is asked for
    Basis basis = Basis::named;
};

/// Which workers can serve a model, whatever their status (draining ones excepted), in order of creation.
struct Resolution {
    std::string model;  ///< as requested
    std::string meant;  ///< the same less the gateway's alias, a worker's alias, `models/`, and a prefix that names a provider or a worker
    std::vector<Serving> servings;
    providers::ProviderPtr named;  ///< whom the model's name (or its prefix) names; null when nobody
    bool missed_lists = false;     ///< served by name although its workers have lists without it: a refresh may be due
    std::string alias_of;          ///< the gateway's alias led here; empty otherwise
    bool sampled = false;          ///< there are more: these are those that the sampling looks at
    std::optional<PolicyKind> policy{};  ///< sampled: the label of the first of all that has one
};

/// At which to look when more can serve a model than a request looks at; asked only then. Given the policy label of the first that has one.
using Sampling = std::function<Look(std::optional<PolicyKind>)>;

/// A model as `GET /v1/models` shows it.
struct KnownModel {
    std::string id;
    std::int64_t created = 0;
    std::string owned_by;
    std::string display_name;
    std::uint64_t context_length = 0;
    std::uint64_t max_output_tokens = 0;
    std::vector<std::string> methods;  ///< Gemini's
    std::vector<std::pair<std::string, codec::RawJson>> stated;  ///< `providers::ListedModel::stated`
    codec::Origin origin = codec::Origin::unknown;               ///< in whose list's shape that is
    std::string provider;
};

/// What a provider's list says of one of its models.
[[nodiscard]] KnownModel known_from(const providers::Provider& provider, const providers::ListedModel& listed);

class Snapshot {
public:
    using Aliases = std::map<std::string, std::string, std::less<>>;
    /// `workers` in order of creation; `aliases` are the gateway's (`--model-alias`).
    Snapshot(std::vector<WorkerPtr> workers, std::shared_ptr<const providers::Catalog> catalog, std::shared_ptr<const Aliases> aliases,
             std::uint64_t version);

    // The next version, one change later. What it costs does not grow with the number of models, and with that of workers only by a pointer each.
    [[nodiscard]] std::shared_ptr<const Snapshot> with_added(WorkerPtr worker) const;
    /// In the place of the one with its id.
    [[nodiscard]] std::shared_ptr<const Snapshot> with_replaced(WorkerPtr worker) const;
    [[nodiscard]] std::shared_ptr<const Snapshot> without(std::string_view id) const;
    /// Other providers, and the same workers as they are under them.
    [[nodiscard]] std::shared_ptr<const Snapshot> with_catalog(std::shared_ptr<const providers::Catalog> catalog,
                                                               std::vector<WorkerPtr> workers) const;
    [[nodiscard]] std::shared_ptr<const Snapshot> with_aliases(std::shared_ptr<const Aliases> aliases) const;

    [[nodiscard]] const std::vector<WorkerPtr>& workers() const noexcept { return workers_; }
    [[nodiscard]] const providers::Catalog& catalog() const noexcept { return *catalog_; }
    [[nodiscard]] std::uint64_t version() const noexcept { return version_; }

    [[nodiscard]] WorkerPtr by_id(std::string_view id) const;
    /// The first of that name; null when there is none.
    [[nodiscard]] WorkerPtr by_name(std::string_view name) const;
    /// By its number in order of creation; null when it is gone.
    [[nodiscard]] WorkerPtr by_sequence(std::uint64_t sequence) const;
    /// By index in order of creation, name or id, as `X-SMG-Target-Worker` spells it; null when there is none.
    [[nodiscard]] WorkerPtr by_spelling(std::string_view spelling) const;
    /// By identity: the same API root and name. Draining workers do not count.
    [[nodiscard]] WorkerPtr by_url_and_name(std::string_view url_key, std::string_view name) const;

    /// The one rule of contract section 2, "Which workers can serve it". `only`: as if there were no other worker. `sample` (maybe null): of more
    /// than `sampled_beyond`, some of the highest priority.
    [[nodiscard]] Resolution resolve(std::string_view model, const Worker* only = nullptr, const Sampling* sample = nullptr) const;
    /// Whoever is of that provider, for a request that names no model. `model`: what they are asked for all the same.
    [[nodiscard]] Resolution all_of_provider(std::string_view provider, std::string_view model, const Worker* only = nullptr) const;
    /// Is there no ready worker for it, but a pending one that could serve it once registered?
    [[nodiscard]] bool pending_could_serve(std::string_view model) const;
    /// Every model that ready workers declare or discovered, aliases too, each id once, by name.
    [[nodiscard]] std::vector<KnownModel> known_models() const;
    /// One of them, by the name that a client would use (aliases and prefixes as in `resolve`).
    [[nodiscard]] std::optional<KnownModel> known_model(std::string_view id) const;
    /// Known ids close to a misspelt one, at most three, the nearest first.
    [[nodiscard]] std::vector<std::string> nearest_models(std::string_view id) const;

    [[nodiscard]] std::size_t ready_count() const noexcept;

private:
    Snapshot(std::vector<WorkerPtr> workers, WorkerIndex::Ptr index, const Snapshot& before);
    [[nodiscard]] std::size_t position_of(std::string_view id) const noexcept;  // npos: nowhere
    /// Those of a group (maybe null) that are not draining: `use(worker, listing)`.
    template <typename Use>
    void visit(const WorkerIndex::Group* group, const Worker* only, const Sampling* sample, Resolution& resolution, Use use) const;
    /// `<prefix>/name`: false when the prefix names neither a provider nor a worker.
    [[nodiscard]] bool resolve_prefixed(std::string_view prefix, std::string_view name, const Worker* only, const Sampling* sample,
                                        Resolution& resolution) const;
    void serve_open(const WorkerIndex::Group* group, std::string_view model, const Worker* only, const Sampling* sample,
                    Resolution& resolution) const;

    std::vector<WorkerPtr> workers_;
    WorkerIndex::Ptr index_;
    std::shared_ptr<const providers::Catalog> catalog_;
    std::shared_ptr<const Aliases> aliases_;
    std::uint64_t version_;
};

using SnapshotPtr = std::shared_ptr<const Snapshot>;

}  // namespace smg::workers
