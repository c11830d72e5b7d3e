#pragma once
/// A registered worker: an immutable record, replaced whole when anything changes, and the counters that outlive each version of it.
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "providers/models.hpp"
#include "workers/clock.hpp"
#include "workers/failure_class.hpp"
#include "workers/peak_ewma.hpp"
#include "workers/spec.hpp"
#include "workers/status.hpp"

namespace smg::workers {

class Breakers;

/// Shared by every version of a worker and every request that runs on it. All members may be touched from any thread.
struct Counters {
    Counters();
    std::atomic<std::int64_t> in_flight{0};            ///< requests, to their last byte
    std::atomic<std::uint64_t> processed{0};           ///< requests finished, whatever came of them
    std::atomic<std::uint32_t> unreachable_in_row{0};  ///< attempts that found nobody, since the last that did
    std::atomic<std::int64_t> cooled_until_ns{0};      ///< Clock; the wait that its provider stated: not chosen before
    std::atomic<bool> cooled_by_quota{false};          ///< the last such pause was for spent money, not for a rate
    std::atomic<std::int64_t> avoided_until_ns{0};     ///< Clock; it refused and stated no wait: not chosen before, unless nobody else is left
    std::atomic<std::uint32_t> refused_in_row{0};      ///< times that it did so, since its last success
    std::atomic<std::int64_t> list_asked_ns{0};        ///< Clock; when its models list was last asked for; 0: never

    std::array<std::atomic<std::uint64_t>, failure_classes> failures{};  ///< attempts, by FailureClass

    PeakEwma first_byte;  ///< from the request's last byte to the answer's first

    const std::shared_ptr<Breakers> breakers;  ///< one for each model; never null

    [[nodiscard]] bool cooling(Clock::time_point now) const noexcept { return cooled_until() > now; }
    [[nodiscard]] Clock::time_point cooled_until() const noexcept {
        return Clock::time_point(std::chrono::nanoseconds(cooled_until_ns.load(std::memory_order_relaxed)));
    }
    /// The later of two ends wins.
    void cool_until(Clock::time_point end) noexcept;

    [[nodiscard]] bool avoided(Clock::time_point now) const noexcept {
        return Clock::time_point(std::chrono::nanoseconds(avoided_until_ns.load(std::memory_order_relaxed))) > now;
    }
    /// For a second, and twice as long with each further refusal in a row, up to `longest_avoidance`. A worker that refuses at once is always the
    /// least loaded and the quickest: without this it would draw the others' requests.
    void avoid(Clock::time_point now) noexcept;
    static constexpr std::chrono::seconds longest_avoidance{16};
    /// It did what was asked.
    void succeeded() noexcept;
    /// A pause is the key's that ran into it: another key begins without one.
    void end_pause() noexcept;
};

/// One request in flight on a worker, counted as long as it lives. Movable; released at most once, on any thread.
class InFlight {
public:
    InFlight() = default;
    explicit InFlight(std::shared_ptr<Counters> counters) : counters_(std::move(counters)) { counters_->in_flight.fetch_add(1); }
    InFlight(InFlight&& other) noexcept = default;
    InFlight& operator=(InFlight&& other) noexcept {
        if (this != &other) {
            release();
            counters_ = std::move(other.counters_);
        }
        return *this;
    }
    ~InFlight() { release(); }
    void release() noexcept;

private:
    std::shared_ptr<Counters> counters_;
};

struct Worker {
    std::string id;              ///< UUID
    std::uint64_t sequence = 0;  ///< order of creation
    std::uint64_t version = 0;   ///< grows with every change of this worker
    std::string source;          ///< who registered it: `api`, `flag`, `file`, `store`, `environment`
    std::shared_ptr<const WorkerSpec> spec;
    WorkerIdentity identity;
    Status status = Status::pending;
    Cause cause = Cause::none;
    Departure departure = Departure::deleted;  ///< draining: the first reason that was given
    std::string status_reason;  ///< for people; empty when there is nothing to say
    std::optional<JobStatus> job;
    /// What its list call told, with the stored key; null: never asked, or bring-your-own (callers' lists are never stored).
    std::shared_ptr<const std::vector<providers::ListedModel>> discovered;
    std::shared_ptr<Counters> counters;

    bool name_is_anothers = false;  ///< a worker of another URL had it first

    /// Its name if it has one of its own, else its id: the `worker` label.
    [[nodiscard]] const std::string& label() const noexcept { return spec->name.empty() || name_is_anothers ? id : spec->name; }
    [[nodiscard]] const providers::Provider& provider() const noexcept { return *identity.provider; }
    [[nodiscard]] bool external() const noexcept { return identity.external; }
    [[nodiscard]] bool declares_models() const noexcept { return spec->models.has_value(); }
    [[nodiscard]] bool has_list() const noexcept { return declares_models() || discovered != nullptr; }
    [[nodiscard]] bool ready() const noexcept { return status == Status::ready; }
    /// Metric label `router_type`: `http` for local workers, else the provider's.
    [[nodiscard]] std::string_view router_type() const noexcept { return external() ? std::string_view(provider().router_type) : "http"; }
    [[nodiscard]] std::string_view backend_type() const noexcept { return external() ? "external" : "regular"; }
    /// Understands `stream_options.include_usage`: OpenAI, xAI, vendors that say so, known engines.
    [[nodiscard]] bool takes_stream_usage_option() const noexcept;
    /// The declared card that goes by this id or alias; null when none does.
    [[nodiscard]] const ModelCard* card(std::string_view model) const noexcept;
    /// The discovered entry of this id; null when there is none.
    [[nodiscard]] const providers::ListedModel* listed(std::string_view model) const noexcept;
    /// What the upstream model can do: from the discovered list, else the provider's dated table.
    [[nodiscard]] codec::ModelCapabilities capabilities(std::string_view upstream_model) const;
};

using WorkerPtr = std::shared_ptr<const Worker>;

}  // namespace smg::workers
