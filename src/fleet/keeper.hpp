#pragma once
/// Looks after one worker: a coroutine that does what the schedule says is due, and sleeps in between.
#include <memory>
#include <string>

#include "fleet/peer.hpp"
#include "fleet/probe.hpp"
#include "fleet/surroundings.hpp"

namespace smg::fleet {

/// Lives on the registrar's loop. Its coroutine keeps it alive.
class Keeper : public std::enable_shared_from_this<Keeper> {
public:
    Keeper(std::shared_ptr<Surroundings> surroundings, std::string worker_id);

    /// Starts the coroutine; once.
    void start();
    /// The registry has changed: this is the worker now.
    void notice(const workers::WorkerPtr& worker);
    /// A model was missed: read the list soon.
    void want_list();
    /// Ends the coroutine: what it waits for is cancelled.
    void stop();
    /// The coroutine has ended.
    [[nodiscard]] bool done() const noexcept { return done_; }

private:
    [[nodiscard]] static net::Awaitable<void> run(std::shared_ptr<Keeper> self);
    [[nodiscard]] net::Awaitable<void> sleep_until(net::TimePoint when);
    [[nodiscard]] net::Awaitable<void> act(Task task);

    // One a task. The worker that was examined is `worker_`; what comes of it counts only if its spec is still the same.
    [[nodiscard]] net::Awaitable<void> enrol();
    /// The worker's key stands in a file that could not be read so far.
    [[nodiscard]] bool lacks_its_key() const;
    void read_key();
    [[nodiscard]] net::Awaitable<void> enrol_external();
    [[nodiscard]] net::Awaitable<void> enrol_local();
    [[nodiscard]] net::Awaitable<void> check_local();
    [[nodiscard]] net::Awaitable<void> check_external();
    [[nodiscard]] net::Awaitable<void> relist();
    [[nodiscard]] net::Awaitable<void> recheck_key();
    /// What a list call of a worker in service came to.
    void take_list(ListOutcome outcome);
    /// Its checks have failed too often.
    void take_out(std::string reason);
    void restore();
    void note_check(bool passed) const;
    void drain();

    /// The list call, with the provider's admin key where there is one and it may be used.
    [[nodiscard]] net::Awaitable<ListOutcome> list(bool may_use_admin_key);
    [[nodiscard]] net::Awaitable<ProbeOutcome> probe(bool want_list);
    [[nodiscard]] const Secret* admin_key() const;
    /// The list is being read now: for the schedule, and for those who would ask for it.
    void note_list();
    /// A list call that failed in a way that says nothing against a worker whose models are declared.
    [[nodiscard]] bool needs_no_list(const ListOutcome& outcome) const;
    [[nodiscard]] Result<upstream::Peer> peer() const;
    [[nodiscard]] HealthRules health() const;
    [[nodiscard]] std::string log_label() const { return worker_->label(); }

    void apply(workers::StatusEvent event, std::string reason, ModelList models = nullptr);
    void registered(ModelList models);
    void enrol_failed(const std::string& reason, bool key_refused = false);

    const std::shared_ptr<Surroundings> surroundings_;
    const std::string id_;
    workers::WorkerPtr worker_;  ///< as of the round that runs
    History history_;
    std::unique_ptr<net::Cancellation> round_;  ///< of the task that runs; null while sleeping
    net::asio::steady_timer timer_;
    bool woken_ = false;
    bool stopping_ = false;
    bool done_ = false;
    double spread_;  ///< this worker's share of the jitter, in [0, 1)
};

}  // namespace smg::fleet
