/// What a keeper does when it is due, one function a task.
#include <ctime>

#include "fleet/keeper.hpp"
#include "fleet/key_file.hpp"
#include "telemetry/log.hpp"

namespace smg::fleet {

namespace {

using telemetry::Level;
using telemetry::log_event;
using workers::StatusEvent;

ModelList shared(std::vector<providers::ListedModel> models) {
    return std::make_shared<const std::vector<providers::ListedModel>>(std::move(models));
}

bool same_list(const ModelList& a, const ModelList& b) {
    if (!a || !b || a->size() != b->size()) return false;
    return std::equal(a->begin(), a->end(), b->begin(), [](const providers::ListedModel& x, const providers::ListedModel& y) {
        return x.id == y.id && x.created == y.created && x.owned_by == y.owned_by && x.display_name == y.display_name &&
               x.context_length == y.context_length && x.max_output_tokens == y.max_output_tokens && x.methods == y.methods;
    });
}

}  // namespace

void Keeper::apply(StatusEvent event, std::string reason, ModelList models) {
    const auto* examined = worker_->spec.get();
    (void)surroundings_->registry.apply(id_, event, std::move(reason), std::time(nullptr), std::move(models), examined);
}

void Keeper::registered(ModelList models) {
    log_event(Level::info, "worker registered",
              {{"worker", log_label()},
               {"url", worker_->spec->url},
               {"provider", worker_->provider().name},
               models ? telemetry::LogField("models", models->size()) : telemetry::LogField("models", "none listed")});
    apply(StatusEvent::registered, {}, std::move(models));
}

void Keeper::enrol_failed(const std::string& reason, bool key_refused) {
    ++history_.failed_enrols;
    history_.last_enrol = std::chrono::steady_clock::now();
    log_event(Level::warn, "worker registration failed", {{"worker", log_label()}, {"url", worker_->spec->url}, {"reason", reason}});
    apply(key_refused ? StatusEvent::register_refused : StatusEvent::register_failed, reason);
}

net::Awaitable<void> Keeper::enrol() {
    if (lacks_its_key()) {
        read_key();
    } else if (worker_->external()) {
        co_await enrol_external();
    } else {
        co_await enrol_local();
    }
}

bool Keeper::lacks_its_key() const { return !worker_->spec->api_key_file.empty() && !worker_->spec->has_key(); }

void Keeper::read_key() {
    auto spec = *worker_->spec;
    const auto loaded = load_key_file(spec);
    if (!loaded) return enrol_failed(loaded.error().message);
    // Pending anew, with its key; unless somebody has changed it meanwhile.
    (void)surroundings_->registry.update(id_, std::move(spec), true, std::time(nullptr), worker_->version);
}

net::Awaitable<void> Keeper::enrol_external() {
    if (!worker_->spec->has_key()) {
        registered(nullptr);
        co_return;
    }
    auto outcome = co_await list(true);
    if (round_->requested()) co_return;
    if (outcome.ok())
        registered(shared(std::move(outcome.models)));
    else if (needs_no_list(outcome))
        registered(nullptr);
    else
        enrol_failed(outcome.error->message, outcome.key_refused());
}

net::Awaitable<void> Keeper::enrol_local() {
    const bool checked = health().enabled;
    auto outcome = co_await probe(true);
    if (round_->requested()) co_return;
    if (outcome.alive || !checked)
        registered(std::move(outcome.models));
    else
        enrol_failed(outcome.reason);
}

net::Awaitable<void> Keeper::check_local() {
    const bool in_service = worker_->ready();
    auto outcome = co_await probe(!in_service);
    if (round_->requested()) co_return;
    note_check(outcome.alive);
    const auto rules = health();
    history_.bad_checks = outcome.alive ? 0 : history_.bad_checks + 1;
    history_.good_checks = outcome.alive ? history_.good_checks + 1 : 0;
    if (in_service && history_.bad_checks >= rules.failure_threshold) {
        take_out(std::move(outcome.reason));
    } else if (!in_service && history_.good_checks >= rules.success_threshold) {
        log_event(Level::info, "worker is healthy again", {{"worker", log_label()}, {"url", worker_->spec->url}});
        apply(StatusEvent::recovered, {}, std::move(outcome.models));
    }
}

void Keeper::take_out(std::string reason) {
    log_event(Level::warn, "worker is unhealthy", {{"worker", log_label()}, {"url", worker_->spec->url}, {"reason", reason}});
    apply(StatusEvent::unhealthy, std::move(reason));
    if (surroundings_->options.health.remove_unhealthy)
        (void)surroundings_->registry.drain(id_, std::time(nullptr), workers::Departure::unhealthy);
}

net::Awaitable<void> Keeper::check_external() {
    const auto rules = health();
    auto outcome = co_await list(true);
    if (round_->requested()) co_return;
    history_.last_check = std::chrono::steady_clock::now();
    const bool refused = !needs_no_list(outcome) && outcome.key_refused();
    // Whoever says no is there: only silence and trouble of its own count against it.
    const bool alive = outcome.ok() || needs_no_list(outcome) || (outcome.status != 0 && outcome.status < 500);
    note_check(alive && !refused);
    history_.bad_checks = alive ? 0 : history_.bad_checks + 1;
    if (!alive && history_.bad_checks >= rules.failure_threshold)
        take_out(outcome.error->message);
    else
        take_list(std::move(outcome));
}

net::Awaitable<void> Keeper::relist() {
    auto outcome = co_await list(true);
    if (round_->requested()) co_return;
    take_list(std::move(outcome));
}

void Keeper::take_list(ListOutcome outcome) {
    if (outcome.ok()) {
        auto models = shared(std::move(outcome.models));
        if (!same_list(models, worker_->discovered)) (void)surroundings_->registry.set_models(id_, std::move(models), worker_->spec.get());
        return;
    }
    if (needs_no_list(outcome)) return;
    // A list that cannot be read says little about a worker in service; a key that is refused says all.
    const bool refused = worker_->external() && outcome.key_refused();
    log_event(refused ? Level::warn : Level::info, refused ? "a stored key is refused" : "a models list could not be read anew",
              {{"worker", log_label()}, {"url", worker_->spec->url}, {"reason", outcome.error->message}});
    if (refused) apply(StatusEvent::key_refused, outcome.error->message);
}

net::Awaitable<void> Keeper::recheck_key() {
    auto outcome = co_await list(false);
    if (round_->requested()) co_return;
    history_.last_check = std::chrono::steady_clock::now();
    const bool back = outcome.ok() || needs_no_list(outcome);
    note_check(back);
    history_.bad_checks = back ? 0 : history_.bad_checks + 1;
    history_.good_checks = back ? history_.good_checks + 1 : 0;
    // A key that is accepted again is proof enough; a connection that works once may not work twice.
    const auto needed = worker_->cause == workers::Cause::key_refused ? 1 : health().success_threshold;
    if (back && history_.good_checks < needed) co_return;
    if (back) {
        log_event(Level::info, "worker is back", {{"worker", log_label()}, {"url", worker_->spec->url}});
        auto models = outcome.ok() ? shared(std::move(outcome.models)) : nullptr;
        apply(StatusEvent::recovered, {}, std::move(models));
    } else if (outcome.key_refused() && outcome.error->message != worker_->status_reason) {
        apply(StatusEvent::key_refused, outcome.error->message);
    }
}

void Keeper::note_check(bool passed) const {
    if (surroundings_->options.on_health_check) surroundings_->options.on_health_check(passed);
}

void Keeper::restore() { apply(StatusEvent::recovered, {}); }

void Keeper::drain() {
    if (worker_->counters->in_flight.load() > 0) {
        history_.drain_check = std::chrono::steady_clock::now() + surroundings_->options.cadence.drain_recheck;
        return;
    }
    const auto removed = surroundings_->registry.remove(id_);
    if (!removed) return;
    log_event(Level::info, "worker removed",
              {{"worker", log_label()}, {"url", worker_->spec->url}, {"reason", std::string(workers::name_of((*removed)->departure))}});
    if (surroundings_->options.on_gone) surroundings_->options.on_gone(**removed);
}

}  // namespace smg::fleet
