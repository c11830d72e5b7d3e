#pragma once
/// The registry at one moment: immutable, so that a request sees one world from beginning to end. Shared by all threads.
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "workers/worker.hpp"

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
};

/// A model as `GET /v1/models` shows it.
struct KnownModel {
    std::string id;
    std::int64_t created = 0;
    std::string owned_by;
    std::string display_name;
    std::uint64_t context_length = 0;
    std::uint64_t max_output_tokens = 0;
    std::vector<std::string> methods;  ///< Gemini's
    std::string provider;
};

class Snapshot {
public:
    /// `workers` in order of creation; `aliases` are the gateway's (`--model-alias`). `previous` (maybe null) lends its index where no list
    /// has changed, so that a change of status costs nothing per model.
    Snapshot(std::vector<WorkerPtr> workers, std::shared_ptr<const providers::Catalog> catalog,
             std::shared_ptr<const std::map<std::string, std::string, std::less<>>> aliases, std::uint64_t version,
             const Snapshot* previous = nullptr);

    [[nodiscard]] const std::vector<WorkerPtr>& workers() const noexcept { return workers_; }
    [[nodiscard]] const providers::Catalog& catalog() const noexcept { return *catalog_; }
    [[nodiscard]] std::uint64_t version() const noexcept { return version_; }

    [[nodiscard]] WorkerPtr by_id(std::string_view id) const;
    /// By index in order of creation, name or id, as `X-SMG-Target-Worker` spells it; null when there is none.
    [[nodiscard]] WorkerPtr by_spelling(std::string_view spelling) const;
    /// By identity: the same API root and name. Draining workers do not count.
    [[nodiscard]] WorkerPtr by_url_and_name(std::string_view url_key, std::string_view name) const;

    /// The one rule of contract section 2, "Which workers can serve it". `only`: as if there were no other worker.
    [[nodiscard]] Resolution resolve(std::string_view model, const Worker* only = nullptr) const;
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
    /// A worker that lists a model; the declared card, or null when it discovered it.
    struct Listing {
        std::uint32_t worker;
        const ModelCard* card;
    };
    struct TransparentHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>()(text); }
    };
    using Index = std::unordered_map<std::string, std::vector<Listing>, TransparentHash, std::equal_to<>>;

    std::vector<WorkerPtr> workers_;
    std::shared_ptr<const providers::Catalog> catalog_;
    std::shared_ptr<const std::map<std::string, std::string, std::less<>>> aliases_;
    std::uint64_t version_;
    [[nodiscard]] bool lists_as(const Snapshot& previous) const noexcept;
    [[nodiscard]] std::shared_ptr<const Index> build_index() const;

    std::shared_ptr<const Index> listed_by_;  ///< model id or alias → the workers that list it
};

using SnapshotPtr = std::shared_ptr<const Snapshot>;

}  // namespace smg::workers
