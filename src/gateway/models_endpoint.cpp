/// `GET /v1/models`: with a caller's own token, what that token sees; else what the registry knows (contract section 5).
#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <ctime>
#include <memory>
#include <optional>
#include <utility>

#include "fleet/discovery.hpp"
#include "fleet/peer.hpp"
#include "gateway/error_reply.hpp"
#include "gateway/gateway.hpp"
#include "gateway/provider_error.hpp"

namespace smg::gateway {
namespace {

net::Awaitable<void> reply_json(ClientRequest& request, ClientResponse& response, std::string body) {
    http::ResponseHead head;
    head.status = 200;
    head.fields.add("content-type", "application/json");
    head.fields.add("x-request-id", request.request_id);
    co_await response.respond(std::move(head), body);
}

net::Awaitable<void> reply_error(ClientRequest& request, ClientResponse& response, Reply reply) {
    reply.head.fields.set("x-request-id", request.request_id);
    request.record.error_code = reply.head.fields.get("x-smg-error-code");
    const auto body = std::move(reply.body);
    co_await response.respond(std::move(reply.head), body);
}

/// The lists that are being asked for at the same time, each in a coroutine of its own. Shared by them and by the request, which may end first.
struct Fanout {
    Fanout(net::EventLoop& event_loop, std::size_t count) : loop(event_loop), outcomes(count), waiting(event_loop.context()) {
        waiting.expires_at(std::chrono::steady_clock::time_point::max());
    }

    net::EventLoop& loop;
    net::Cancellation cancellation;  ///< of all of them
    std::vector<std::optional<fleet::ListOutcome>> outcomes;
    std::size_t open = 0;
    net::asio::steady_timer waiting;

    [[nodiscard]] const fleet::ListOutcome* winner() const {
        for (const auto& each : outcomes)
            if (each && each->ok() && !each->models.empty()) return &*each;
        return nullptr;
    }
    /// The winner in the order of the workers may not be the first to answer: those before it are waited for.
    [[nodiscard]] bool settled() const {
        for (const auto& each : outcomes) {
            if (!each) return false;
            if (each->ok() && !each->models.empty()) return true;
        }
        return true;
    }
};

/// One cancellation has one hook at a time: each coroutine has its own, and the fan-out's reaches them all.
struct Asking {
    Asking(std::shared_ptr<Fanout> whole, std::size_t place, workers::WorkerPtr whom, upstream::Peer where, Secret credential)
        : fanout(std::move(whole)), index(place), worker(std::move(whom)), peer(std::move(where)), key(std::move(credential)) {}
    std::shared_ptr<Fanout> fanout;
    std::size_t index;
    workers::WorkerPtr worker;
    upstream::Peer peer;
    Secret key;
    net::Cancellation cancellation;
};

net::Awaitable<void> ask(std::shared_ptr<Asking> asking, upstream::Pool& pool, fleet::ListOptions options) {
    auto outcome = co_await fleet::fetch_models_with_key(pool, asking->worker, asking->peer, asking->key, options, asking->cancellation);
    auto& fanout = *asking->fanout;
    fanout.outcomes[asking->index] = std::move(outcome);
    --fanout.open;
    if (fanout.settled()) fanout.waiting.cancel();
}

/// What a tenant may see of it.
std::vector<workers::KnownModel> allowed(std::vector<workers::KnownModel> models, const TenantPtr& tenant) {
    if (tenant) std::erase_if(models, [&tenant](const auto& model) { return !tenant->may_use(model.id); });
    return models;
}

}  // namespace

net::Awaitable<void> Gateway::list_models(ListShape shape, ClientRequest& request, ClientResponse& response) {
    auto access = check_access(request, options().access);
    if (!access) {
        auto refusal = error_reply(request.shape, access.error(), request.request_id);
        co_await reply_error(request, response, std::move(refusal));
        co_return;
    }
    const auto snapshot_now = snapshot(request.loop);
    auto plan = routing::plan_models_fanout(*snapshot_now, access->caller_key.reveal(), options().models_fanout);
    if (plan.workers.empty()) {
        co_await reply_json(request, response, write_model_list(shape, allowed(snapshot_now->known_models(), access->tenant)));
        co_return;
    }
    auto fanout = std::make_shared<Fanout>(request.loop, plan.workers.size());
    std::vector<std::shared_ptr<Asking>> all;
    fleet::ListOptions limits;
    limits.until = std::chrono::steady_clock::now() + options().models_timeout;
    for (std::size_t i = 0; i < plan.workers.size(); ++i) {
        auto peer = fleet::peer_of(*plan.workers[i], options().proxies);
        if (!peer) {
            fanout->outcomes[i] = fleet::ListOutcome(peer.error());
            continue;
        }
        ++fanout->open;
        all.push_back(std::make_shared<Asking>(fanout, i, plan.workers[i], std::move(*peer), access->caller_key));
        net::asio::co_spawn(request.loop.executor(), ask(all.back(), pool(request.loop), limits), [kept = all.back()](std::exception_ptr) {});
    }
    const net::Cancellation::Hook hook(request.cancellation, [fanout] { fanout->waiting.cancel(); });
    if (!fanout->settled() && !request.cancellation.requested()) {
        net::Deadline deadline(request.loop.deadlines(), [fanout] { fanout->waiting.cancel(); });
        deadline.set_after(options().models_timeout);
        co_await fanout->waiting.async_wait(net::as_value);
    }
    for (const auto& each : all) each->cancellation.request();
    if (request.cancellation.requested()) co_return response.abandon();

    if (const auto* winner = fanout->winner()) {
        const auto index = static_cast<std::size_t>(std::distance(
            fanout->outcomes.begin(),
            std::find_if(fanout->outcomes.begin(), fanout->outcomes.end(), [&](const auto& each) { return each && &*each == winner; })));
        const auto models = allowed(as_known(winner->models, plan.workers[index]->provider()), access->tenant);
        co_await reply_json(request, response, write_model_list(shape, models));
        co_return;
    }
    // All refused. A token whose form is known gets that provider's own words; about another there is nothing to learn from a refusal.
    for (std::size_t i = 0; plan.known && i < fanout->outcomes.size(); ++i) {
        const auto& outcome = fanout->outcomes[i];
        if (!outcome || outcome->status == 0) continue;
        routing::Choice choice;
        choice.worker = plan.workers[i];
        choice.key_source = routing::KeySource::caller;
        http::ResponseHead head;
        head.status = outcome->status;
        head.fields = outcome->fields;
        const ProviderAnswer stated{head, outcome->body, plan.known->format};
        const bool same_format = error_codec(request.shape).name() == plan.known->codec().name();
        auto refusal = provider_error_answer(request.shape, same_format, choice, stated, request.request_id, std::time(nullptr));
        co_await reply_error(request, response, std::move(refusal));
        co_return;
    }
    co_await reply_json(request, response, write_model_list(shape, allowed(snapshot_now->known_models(), access->tenant)));
}

net::Awaitable<void> Gateway::get_model(ListShape shape, ClientRequest& request, ClientResponse& response) {
    const auto snapshot_now = snapshot(request.loop);
    const auto id = request.parameter("id");
    const auto access = check_access(request, options().access);
    const auto& tenant = access ? access->tenant : TenantPtr();
    if (const auto model = snapshot_now->known_model(id); model && (!tenant || tenant->may_use(model->id))) {
        co_await reply_json(request, response, write_model(shape, *model));
        co_return;
    }
    auto message = "there is no model '" + std::string(id) + "' here";
    const auto near = snapshot_now->nearest_models(id);
    if (!near.empty()) message += "; did you mean '" + near.front() + "'?";
    auto refusal = error_reply(request.shape, Error(Failure::model_not_found, std::move(message), "model"), request.request_id);
    co_await reply_error(request, response, std::move(refusal));
}

}  // namespace smg::gateway
