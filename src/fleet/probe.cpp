#include "fleet/probe.hpp"

namespace smg::fleet {

namespace {

constexpr std::size_t longest_health_answer = 256 * 1024;

upstream::Timeouts timeouts_of(net::Duration timeout) {
    upstream::Timeouts timeouts;
    timeouts.connect = timeouts.first_byte = timeouts.idle = timeouts.total = timeout;
    return timeouts;
}

ModelList shared(ListOutcome& outcome) {
    if (!outcome.ok()) return nullptr;
    return std::make_shared<const std::vector<providers::ListedModel>>(std::move(outcome.models));
}

}  // namespace

net::Awaitable<ProbeOutcome> probe_local(upstream::Pool& pool, workers::WorkerPtr worker, upstream::Peer peer, ProbeOptions options,
                                         net::Cancellation& cancellation) {
    const auto& url = worker->identity.url;
    auto path = url.base_path() + (options.endpoint.starts_with('/') ? "" : "/") + options.endpoint;
    const Call call(worker, peer, std::move(path), worker->spec->api_key, timeouts_of(options.timeout), longest_health_answer);
    auto health = co_await send(pool, call, cancellation);
    if (!health) co_return ProbeOutcome(false, description_of(call) + ": " + harmless(health.error().message, call), nullptr);
    const int status = health->head.status;
    const bool healthy = status >= 200 && status < 300;
    if (healthy && !options.want_list) co_return ProbeOutcome(true, {}, nullptr);

    auto key = worker->spec->api_key;
    auto list = options.list;
    list.timeouts = timeouts_of(options.timeout);
    auto outcome = co_await fetch_models_with_key(pool, std::move(worker), std::move(peer), std::move(key), list, cancellation);
    const bool alive = healthy || outcome.ok() || outcome.status == 401 || outcome.status == 403;
    std::string reason;
    if (!alive) reason = description_of(call) + " answered " + std::to_string(status) + "; " + outcome.error->message;
    auto models = shared(outcome);
    co_return ProbeOutcome(alive, std::move(reason), std::move(models));
}

}  // namespace smg::fleet
