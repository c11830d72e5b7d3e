#include "fleet/discovery.hpp"

#include <algorithm>
#include <set>

namespace smg::fleet {

namespace {

/// 402 is a refusal too: nothing will be answered with this key until somebody pays.
bool refuses_key(const codec::ProviderError& error) { return error.status == 401 || error.status == 403 || error.native_status == 402; }

ListOutcome refusal(const Call& call, upstream::WholeAnswer answer) {
    const int status = answer.head.status;
    const auto stated = call.worker->provider().codec().decode_error(status, answer.body);
    auto words = description_of(call) + " answered " + std::to_string(status);
    if (status >= 300 && status < 400)
        words += ": redirects are not followed";
    else if (!stated.message.empty())
        words += ": " + harmless(stated.message, call);
    ListOutcome outcome(Error(refuses_key(stated) ? Failure::invalid_api_key : Failure::upstream_error, std::move(words)));
    outcome.status = status;
    outcome.fields = std::move(answer.head.fields);
    outcome.body = std::move(answer.body);
    return outcome;
}

ListOutcome failed(const Call& call, const Error& error) {
    return ListOutcome(Error(error.failure, description_of(call) + ": " + harmless(error.message, call)));
}

/// The limits of one page: never beyond what is left for the whole list.
upstream::Timeouts page_timeouts(const ListOptions& options, const workers::WorkerSpec& spec) {
    auto timeouts = options.timeouts;
    if (const auto own = spec.http_pool.connect_timeout_secs) timeouts.connect = std::chrono::milliseconds(static_cast<std::int64_t>(*own * 1000));
    if (options.until == net::TimePoint::max()) return timeouts;
    const auto left = std::max<net::Duration>(options.until - std::chrono::steady_clock::now(), std::chrono::milliseconds(1));
    for (auto* limit : {&timeouts.connect, &timeouts.first_byte, &timeouts.idle, &timeouts.total}) *limit = std::min(*limit, left);
    return timeouts;
}

/// Collects pages; each id once, since pages may overlap while a list grows.
class Collected {
public:
    void add(std::vector<providers::ListedModel> page) {
        for (auto& model : page)
            if (ids_.insert(model.id).second) models_.push_back(std::move(model));
    }
    [[nodiscard]] std::vector<providers::ListedModel> take() { return std::move(models_); }

private:
    std::set<std::string> ids_;
    std::vector<providers::ListedModel> models_;
};

}  // namespace

net::Awaitable<ListOutcome> fetch_models_with_key(upstream::Pool& pool, workers::WorkerPtr worker, upstream::Peer peer, Secret key,
                                                  ListOptions options, net::Cancellation& cancellation) {
    Collected collected;
    std::string page_query;
    std::size_t bytes_left = options.max_bytes;
    for (std::size_t pages = 0; pages < options.max_pages; ++pages) {
        auto target = worker->provider().models_target(worker->identity.url, page_query, worker->spec->query);
        if (!target) co_return ListOutcome(target.error());
        const Call call(worker, peer, std::move(*target), key, page_timeouts(options, *worker->spec), bytes_left);
        auto answer = co_await send(pool, call, cancellation);
        if (!answer) co_return failed(call, answer.error());
        if (answer->head.status < 200 || answer->head.status > 299) co_return refusal(call, std::move(*answer));
        auto page = worker->provider().read_models(answer->body);
        if (!page) co_return failed(call, page.error());
        bytes_left -= answer->body.size();
        collected.add(std::move(page->models));
        // A provider that names the page it has just sent would keep us here for ever.
        if (page->next.empty() || page->next == page_query || bytes_left == 0) break;
        page_query = std::move(page->next);
    }
    co_return ListOutcome(collected.take());
}

net::Awaitable<Result<std::vector<providers::ListedModel>>> discover_models(upstream::Pool& pool, workers::WorkerPtr worker, upstream::Peer peer,
                                                                            ListOptions options, net::Cancellation& cancellation) {
    auto key = worker->spec->api_key;
    auto outcome = co_await fetch_models_with_key(pool, std::move(worker), std::move(peer), std::move(key), options, cancellation);
    if (outcome.error) co_return tl::unexpected(std::move(*outcome.error));
    co_return std::move(outcome.models);
}

}  // namespace smg::fleet
