#pragma once
/// Finds a snapshot's workers by id, name, URL, model and provider without looking at the others. Immutable; a change makes a new one that shares
/// with the old one all but what it touches.
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "workers/policy.hpp"
#include "workers/sharded_map.hpp"
#include "workers/worker.hpp"

namespace smg::workers {

/// Of more workers of one model than this a request looks at some, and of fewer at all.
inline constexpr std::size_t sampled_beyond = 256;

/// At which of so many, and at how many of them.
struct Look {
    static constexpr std::size_t few = 4;
    static constexpr std::size_t wide = sampled_beyond;

    std::uint64_t point = 0;
    /// A key's point: the same workers for it whoever else comes or goes; else any, each as often as the others.
    bool keyed = false;
    std::size_t width = few;
};

class WorkerIndex {
public:
    /// A worker under one key.
    struct Listing {
        std::uint32_t slot;                ///< see `position`
        std::int16_t priority;             ///< the worker's
        std::optional<PolicyKind> policy;  ///< its label
        const ModelCard* card;             ///< the declared card; null: it discovered the model, or the key is no model
    };
    /// What has to be known of so many that a request looks at some.
    struct Crowd {
        static constexpr std::uint32_t left = 0x80000000;
        std::vector<Listing> preferred;    ///< those of the highest priority
        std::optional<PolicyKind> policy;  ///< the label of the first that has one
        /// The slots of the preferred, each where it has been since it came, so that nobody else's keys move when one goes: its seat is marked
        /// (`left`), and its own if it comes again.
        std::vector<std::uint32_t> seats;
        std::size_t gaps = 0;  ///< seats left
    };
    /// All under one key, in order of creation.
    struct Group {
        std::vector<Listing> all;
        std::shared_ptr<const Crowd> crowd;  ///< null: not more than `sampled_beyond`
        [[nodiscard]] bool empty() const noexcept { return all.empty(); }
        /// Of a crowd's preferred, those that a request looks at, in order of creation.
        [[nodiscard]] std::vector<Listing> at(const Look& look) const;
    };
    using Ptr = std::shared_ptr<const WorkerIndex>;

    [[nodiscard]] static Ptr of(const std::vector<WorkerPtr>& workers);
    // The same after a change of `workers`, which is given as it is after that.
    [[nodiscard]] Ptr with_added(const Worker& added, const std::vector<WorkerPtr>& workers) const;
    /// Null: everything stands as it stood, and this one serves.
    [[nodiscard]] Ptr with_replaced(const Worker& before, const Worker& now) const;
    [[nodiscard]] Ptr without(const Worker& gone, const std::vector<WorkerPtr>& workers) const;

    /// Where in the snapshot's list the worker of a slot is.
    [[nodiscard]] std::size_t position(std::uint32_t slot) const noexcept { return (*positions_)[slot]; }
    [[nodiscard]] std::optional<std::uint32_t> slot_of(std::string_view id) const noexcept;

    // Null: nobody. Draining ones are in the first two alone.
    [[nodiscard]] const Group* named(std::string_view name) const noexcept { return names_.find(name); }
    [[nodiscard]] const Group* at(std::string_view url_key, std::string_view name) const { return places_.find(place_key(url_key, name)); }
    /// Who lists that model id or alias.
    [[nodiscard]] const Group* listing(std::string_view model) const noexcept { return models_.find(model); }
    [[nodiscard]] const Group* of_provider(std::string_view provider) const noexcept { return providers_.find(provider); }
    /// Those of a provider that declare no models.
    [[nodiscard]] const Group* open_of_provider(std::string_view provider) const noexcept { return open_.find(provider); }
    /// Those without any list whose provider's name no model's names.
    [[nodiscard]] const Group* without_lists() const noexcept { return open_.find(catch_all); }
    [[nodiscard]] const ShardedMap<Group>& models() const noexcept { return models_; }

private:
    struct Slot {
        std::optional<std::uint32_t> number;
        [[nodiscard]] bool empty() const noexcept { return !number; }
    };
    static constexpr std::string_view catch_all = "*";

    [[nodiscard]] static std::string place_key(std::string_view url_key, std::string_view name);
    [[nodiscard]] static bool found_alike(const Worker& a, const Worker& b);
    /// Every key of the worker, with its map: `use(map, key, card)`.
    template <typename Use>
    void for_each_key(const Worker& worker, Use use);
    /// Those of a worker; `surveyed` false: the groups are surveyed later.
    void put(const Worker& worker, std::uint32_t slot, bool surveyed = true);
    void take_out(const Worker& worker, std::uint32_t slot);
    static void survey_all(ShardedMap<Group>& map);

    ShardedMap<Slot> ids_;
    ShardedMap<Group> names_, places_, models_, providers_, open_;
    std::shared_ptr<const std::vector<std::uint32_t>> positions_;  ///< by slot; slots grow with every worker and are never used again
};

}  // namespace smg::workers
