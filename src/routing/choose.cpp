#include <algorithm>

#include "base/ascii.hpp"
#include "routing/credential.hpp"
#include "routing/crowd.hpp"
#include "routing/policy.hpp"
#include "routing/route.hpp"
#include "workers/breakers.hpp"

namespace smg::routing {

using workers::Cause;
using workers::Resolution;
using workers::Serving;
using workers::Snapshot;
using workers::Status;
using workers::WorkerPtr;

namespace {

constexpr std::chrono::milliseconds retry_when_pending{1000};
constexpr std::chrono::milliseconds retry_when_unavailable{5000};

/// One of the resolution's servings, which outlives it.
struct Candidate {
    const Serving* serving = nullptr;
    KeySource source = KeySource::none;
    [[nodiscard]] const workers::Worker& worker() const noexcept { return *serving->worker; }
};
using Candidates = std::vector<Candidate>;

auto none(Failure failure, std::string message, std::string param = {}) {
    return tl::unexpected<NoRoute>(NoRoute(Error(failure, std::move(message), std::move(param))));
}

/// Text of the caller's in a message: short and printable.
std::string shown(std::string_view text) {
    std::string out = "`";
    for (char c : text.substr(0, 128)) out += static_cast<unsigned char>(c) < ' ' || c == 0x7f ? '?' : c;
    return out + "`";
}

/// Who could serve it at all; an error when nobody ever could.
tl::expected<Resolution, NoRoute> servings_of(const Snapshot& snapshot, const RouteRequest& request, const workers::Sampling* sampling) {
    WorkerPtr target;
    if (!request.target_worker.empty()) {
        target = snapshot.by_spelling(request.target_worker);
        if (!target)
            return none(Failure::invalid_request, "X-SMG-Target-Worker names no worker: " + shown(request.target_worker), "X-SMG-Target-Worker");
    }
    auto resolution = request.only_provider.empty() ? snapshot.resolve(request.model, target.get(), sampling)
                                                    : snapshot.all_of_provider(request.only_provider, request.model, target.get());
    if (resolution.servings.empty() && resolution.sampled) resolution = snapshot.resolve(request.model, target.get());
    if (!resolution.servings.empty()) return resolution;
    if (target && target->status == Status::draining) return none(Failure::service_unavailable, "worker " + target->label() + " is being removed");
    if (!request.only_provider.empty()) return none(Failure::model_not_found, "there is no " + request.only_provider + " worker");
    std::string message = target ? "worker " + target->label() + " does not serve the model " + shown(request.model)
                                 : "the model " + shown(request.model) + " is not served here";
    if (!target && resolution.named)
        message += ": it is one of " + resolution.named->name + ", and no " + resolution.named->name + " worker takes it";
    if (const auto near = snapshot.nearest_models(request.model); !target && !near.empty()) {
        message += "; did you mean ";
        for (const auto& name : near) message += (name == near.front() ? "" : ", ") + shown(name);
        message += "?";
    }
    return none(Failure::model_not_found, std::move(message), "model");
}

/// Those whose credential is settled; the error of the first when none is.
tl::expected<Candidates, NoRoute> usable_of(const Snapshot& snapshot, const Resolution& resolution, const RouteOptions& options,
                                            const RouteRequest& request) {
    const auto caller = caller_of(snapshot, options, request);
    Candidates usable;
    std::optional<Error> first;
    usable.reserve(resolution.servings.size());
    for (const auto& serving : resolution.servings) {
        const auto source = source_for(caller, serving, resolution.named, request);
        if (source)
            usable.push_back({&serving, *source});
        else if (!first)
            first = source.error();
    }
    if (usable.empty()) return tl::unexpected<NoRoute>(NoRoute(std::move(*first)));
    return usable;
}

/// In service for this credential: a refused stored key does not stand in a caller's own key's way.
bool in_service(const Candidate& candidate) {
    const auto& worker = candidate.worker();
    if (worker.ready()) return true;
    const bool out = worker.status == Status::not_ready || worker.status == Status::failed;
    return out && worker.cause == Cause::key_refused && candidate.source == KeySource::caller;
}

bool was_tried(const Candidate& candidate, const RouteRequest& request) {
    return std::find(request.tried.begin(), request.tried.end(), candidate.worker().id) != request.tried.end();
}

/// Why none of the usable ones can be chosen.
NoRoute unavailable(const Candidates& usable, const RouteRequest& request) {
    bool pending = false, all_tried = true, keys_refused = true;
    // Why, is the operators' business: it names URLs of theirs, and `GET /workers` tells it.
    for (const auto& candidate : usable) {
        const auto& worker = candidate.worker();
        if (in_service(candidate)) continue;  // then it was tried
        all_tried = false;
        pending = pending || worker.status == Status::pending;
        keys_refused = keys_refused && worker.cause == Cause::key_refused;
    }
    const bool some_tried = std::any_of(usable.begin(), usable.end(), [&](const Candidate& candidate) { return was_tried(candidate, request); });
    if (!some_tried && keys_refused && !all_tried)
        return NoRoute(Error(Failure::upstream_credential,
                             "the provider refused the key that is stored for this model's worker; its operator has to replace it"));
    NoRoute route(Error(Failure::service_unavailable, "no worker for the model " + shown(request.model) + " is available"));
    route.pending = pending && !some_tried;
    route.all_tried = some_tried;
    route.retry_after = pending ? retry_when_pending : retry_when_unavailable;
    return route;
}

/// For one model the worker is left alone. Whose key it is makes no difference: what counts there is not about keys.
std::optional<workers::Clock::time_point> blocked_until(const Candidate& candidate, const RouteRequest& request) {
    return candidate.worker().counters->breakers->blocked_until(candidate.serving->upstream_model, request.now);
}

/// `others_out`: more could serve it, and are out of service; when they come back is not known.
NoRoute all_blocked(const Candidates& available, bool others_out, const RouteRequest& request) {
    auto first = workers::Clock::time_point::max();
    for (const auto& candidate : available) first = std::min(first, blocked_until(candidate, request).value_or(request.now));
    NoRoute route(
        Error(Failure::service_unavailable, "every worker for the model " + shown(request.model) + " has failed of late and is left alone"));
    route.retry_after =
        std::max<std::chrono::milliseconds>(std::chrono::ceil<std::chrono::milliseconds>(first - request.now), std::chrono::seconds(1));
    if (others_out) route.retry_after = std::min(route.retry_after, retry_when_unavailable);
    route.all_tried = !request.tried.empty();
    return route;
}

NoRoute all_cooling(const Candidates& available, const RouteRequest& request) {
    const auto* first = &available.front();
    for (const auto& candidate : available)
        if (candidate.worker().counters->cooled_until() < first->worker().counters->cooled_until()) first = &candidate;
    const bool spent = std::all_of(available.begin(), available.end(),
                                   [](const Candidate& candidate) { return candidate.worker().counters->cooled_by_quota.load(); });
    NoRoute route(spent ? Error(Failure::insufficient_quota, "the providers' accounts for the model " + shown(request.model) + " are spent")
                        : Error(Failure::rate_limit_exceeded, "every worker for the model " + shown(request.model) + " is at its provider's limit"));
    route.cooling = first->serving->worker;
    route.retry_after = std::chrono::ceil<std::chrono::milliseconds>(route.cooling->counters->cooled_until() - request.now);
    route.all_tried = !request.tried.empty();
    return route;
}

void keep_if(Candidates& candidates, auto predicate) {
    std::erase_if(candidates, [&](const Candidate& candidate) { return !predicate(candidate); });
}

/// Keeps those that pass, if any does.
void prefer(Candidates& candidates, auto predicate) {
    if (std::any_of(candidates.begin(), candidates.end(), predicate)) keep_if(candidates, predicate);
}

/// The `policy` label of the first registered worker of the model that has one, else the gateway's.
workers::PolicyKind policy_for(const Resolution& resolution, const Candidates& usable, const RouteOptions& options) {
    if (resolution.sampled) return resolution.policy.value_or(options.policy);
    for (const auto& candidate : usable) {
        const auto& labels = candidate.worker().spec->labels;
        if (const auto label = labels.find("policy"); label != labels.end())
            if (const auto kind = workers::policy_named(label->second)) return *kind;
    }
    return options.policy;
}

std::size_t pick(const Candidates& candidates, workers::PolicyKind kind, PolicyState& state, const RouteOptions& options,
                 const RouteRequest& request) {
    std::vector<const workers::Worker*> workers;
    workers.reserve(candidates.size());
    for (const auto& candidate : candidates) workers.push_back(&candidate.worker());
    const bool has_key = candidates.front().source == KeySource::caller;
    const PolicyInput input{
        workers,          request.model,       request.affinity_key, has_key ? request.caller_key.reveal() : request.forwarded_for,
        options.settings, request.routing_key, request.prompt,       request.request_bytes,
        request.now};
    if (options.settings.routing_key_override && !request.routing_key.empty()) return manual(input, state);
    return policy_of(kind)(input, state);
}

}  // namespace

std::string_view name_of(KeySource source) noexcept {
    switch (source) {
        case KeySource::none: return "none";
        case KeySource::caller: return "caller";
        case KeySource::stored: return "stored";
    }
    return "none";
}

namespace {

RouteResult choose_among(const Snapshot& snapshot, const Resolution& found, PolicyState& state, const RouteOptions& options,
                         const RouteRequest& request) {
    const auto* const resolution = &found;
    const auto usable = usable_of(snapshot, *resolution, options, request);
    if (!usable) return tl::unexpected(usable.error());

    Candidates candidates = *usable;
    keep_if(candidates, [&](const Candidate& candidate) { return in_service(candidate) && !was_tried(candidate, request); });
    if (candidates.empty()) return tl::unexpected(unavailable(*usable, request));
    const auto is_open = [&](const Candidate& candidate) { return !blocked_until(candidate, request); };
    if (std::none_of(candidates.begin(), candidates.end(), is_open)) {
        const bool others_out = std::any_of(usable->begin(), usable->end(), [](const Candidate& candidate) { return !in_service(candidate); });
        return tl::unexpected(all_blocked(candidates, others_out, request));
    }
    keep_if(candidates, is_open);
    // A stored key's pause is no affair of a caller's own.
    const auto is_warm = [&](const Candidate& candidate) {
        return candidate.source == KeySource::caller || !candidate.worker().counters->cooling(request.now);
    };
    if (std::none_of(candidates.begin(), candidates.end(), is_warm)) return tl::unexpected(all_cooling(candidates, request));
    keep_if(candidates, is_warm);
    prefer(candidates, [&](const Candidate& candidate) {
        return candidate.source == KeySource::caller || !candidate.worker().counters->avoided(request.now);
    });

    // The credential narrows first, then priority, then the policy.
    prefer(candidates, [](const Candidate& candidate) { return candidate.source == KeySource::caller; });
    int highest = 0;
    for (const auto& candidate : candidates) highest = std::max(highest, candidate.worker().spec->priority);
    keep_if(candidates, [&](const Candidate& candidate) { return candidate.worker().spec->priority == highest; });

    Choice choice;
    choice.policy = policy_for(*resolution, *usable, options);
    choice.candidates = candidates.size();
    choice.missed_lists = resolution->missed_lists;
    const auto& chosen = candidates[candidates.size() == 1 ? 0 : pick(candidates, choice.policy, state, options, request)];
    choice.worker = chosen.serving->worker;
    choice.upstream_model = chosen.serving->upstream_model;
    choice.basis = chosen.serving->basis;
    choice.key_source = chosen.source;
    if (chosen.source == KeySource::caller)
        choice.key = Secret(std::string(trim(request.caller_key.reveal())));
    else if (chosen.source == KeySource::stored)
        choice.key = choice.worker->spec->api_key;
    return choice;
}

}  // namespace

RouteResult choose(const Snapshot& snapshot, PolicyState& state, const RouteOptions& options, const RouteRequest& request) {
    const workers::Sampling sampling = [&](std::optional<workers::PolicyKind> label) {
        return look_for(label.value_or(options.policy), state, options, request);
    };
    auto some = servings_of(snapshot, request, &sampling);
    if (!some) return tl::unexpected(some.error());
    if (some->sampled) add_who_know(snapshot, state, options, request, *some);
    auto chosen = choose_among(snapshot, *some, state, options, request);
    if (chosen || !some->sampled) return chosen;
    // None of those will do: now all are looked at.
    const auto all = servings_of(snapshot, request, nullptr);
    if (!all) return tl::unexpected(all.error());
    return choose_among(snapshot, *all, state, options, request);
}

}  // namespace smg::routing
