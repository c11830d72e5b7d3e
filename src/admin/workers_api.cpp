#include "admin/workers_api.hpp"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <nlohmann/json.hpp>

#include "admin/audit.hpp"
#include "base/ascii.hpp"
#include "fleet/key_file.hpp"
#include "fleet/peer.hpp"
#include "http/media_type.hpp"
#include "http/target.hpp"
#include "net/connector.hpp"
#include "workers/reexamine.hpp"
#include "workers/spec_json.hpp"
#include "workers/worker_json.hpp"

namespace smg::admin {

using nlohmann::json;
using workers::Status;
using workers::WorkerPtr;

namespace {

constexpr double longest_wait = 600;  // seconds
constexpr int most_tries = 8;

using Refusal = tl::unexpected<Response>;

std::string location_of(const std::string& id) { return "/workers/" + id; }

Response registry_error(const workers::RegistryError& error) {
    const bool named = error.param.empty() || error.message.find(error.param) != std::string::npos;
    const auto message = named ? error.message : error.param + ": " + error.message;
    return error_response(workers::http_status(error.failure), workers::error_code(error.failure), message);
}

Response not_found(const std::string& id) {
    return registry_error(workers::RegistryError(workers::RegistryFailure::not_found, "no worker has the id or name " + id.substr(0, 64)));
}

/// The JSON object of the body.
tl::expected<json, Response> body_of(const Request& request) {
    const auto type = http::parse_media_type(request.fields.get("content-type"));
    const bool is_json = type && type->type == "application" && (type->subtype == "json" || type->subtype.ends_with("+json"));
    if (!is_json) return Refusal(error_response(415, "UNSUPPORTED_MEDIA_TYPE", "the body must be JSON, with `content-type: application/json`"));
    const auto coding = trim(request.fields.get("content-encoding"));
    if (!coding.empty() && !iequals(coding, "identity"))
        return Refusal(error_response(415, "UNSUPPORTED_MEDIA_TYPE", "`content-encoding` must be absent: bodies are taken as they are here"));
    auto body = workers::parse_body(request.body);
    if (!body) return Refusal(bad_request(body.error()));
    return std::move(*body);
}

/// `?wait=SECONDS`; nothing when it is absent.
Result<std::optional<net::Duration>> wait_of(const std::string& query) {
    const auto bad = [] { return fail(Failure::invalid_request, "wait must be a number of seconds from 0 to 600", "wait"); };
    const auto parameters = "&" + query + "&";
    const bool mentioned = parameters.find("&wait=") != std::string::npos || parameters.find("&wait&") != std::string::npos;
    const auto text = http::query_parameter(query, "wait");
    if (!text) {
        if (mentioned) return bad();
        return std::optional<net::Duration>();
    }
    double seconds = -1;
    const auto [end, code] = std::from_chars(text->data(), text->data() + text->size(), seconds, std::chars_format::fixed);
    if (code != std::errc() || end != text->data() + text->size() || !(seconds >= 0 && seconds <= longest_wait)) return bad();
    return std::optional<net::Duration>(std::chrono::duration_cast<net::Duration>(std::chrono::duration<double>(seconds)));
}

Response accepted(const WorkerPtr& worker) {
    const auto location = location_of(worker->id);
    const json body = {{"status", "accepted"},
                       {"worker_id", worker->id},
                       {"url", worker->spec->url},
                       {"location", location},
                       {"message", "Worker addition queued for background processing"}};
    auto response = json_response(202, body);
    response.fields.set("location", location);
    return response;
}

Response changed(const WorkerPtr& worker, const std::string& message) {
    const json body = {{"status", "accepted"}, {"worker_id", worker->id}, {"message", message}};
    return json_response(202, body);
}

}  // namespace

WorkersApi::WorkersApi(workers::Registry& registry, fleet::Registrar& registrar, fleet::RegistryWatch& watch, WorkerRules rules)
    : registry_(registry), registrar_(registrar), watch_(watch), rules_(std::move(rules)) {}

void WorkersApi::note(const Request& request, const Response& response, const std::string& id, const WorkerPtr& worker, const Caller& caller) const {
    if (rules_.audit) audit(request, response, id, worker, caller);
}

Result<void> WorkersApi::complete(workers::WorkerSpec& spec) const {
    const auto identity = workers::identify(spec, registry_.catalog());
    if (!identity) return tl::unexpected(identity.error());
    net::error_code code;
    const auto address = net::asio::ip::make_address(identity->url.host, code);
    if (!code && (!net::is_connectable(address) || (rules_.address_rule && !rules_.address_rule(address))))
        return fail(Failure::invalid_request, "url names an address that may not be connected to", "url");
    if (const auto peer = fleet::peer_of(spec, identity->url, rules_.proxies); !peer) return tl::unexpected(peer.error());
    if (!spec.has_key()) return fleet::load_key_file(spec);
    return {};
}

tl::expected<WorkerPtr, Response> WorkersApi::add(const Request& request) {
    const auto body = body_of(request);
    if (!body) return Refusal(body.error());
    auto spec = workers::spec_from_json(*body, registry_.catalog());
    if (!spec) return Refusal(bad_request(spec.error()));
    if (const auto completed = complete(*spec); !completed) return Refusal(bad_request(completed.error()));
    auto added = registry_.add(std::move(*spec), "api", std::time(nullptr));
    if (!added) return Refusal(registry_error(added.error()));
    return *added;
}

std::optional<Response> WorkersApi::refuse_changes() const {
    if (!frozen_ && (store_ == nullptr || store_->is_open())) return std::nullopt;
    auto response = error_response(503, "SERVICE_UNAVAILABLE", "this process is being replaced or stopped: ask again");
    response.fields.set("retry-after", "1");
    return response;
}

net::Awaitable<std::optional<Response>> WorkersApi::keep(const Request& request, std::string id) {
    if (store_ == nullptr) co_return std::nullopt;
    const auto kept = co_await store_->keep(request.loop, std::move(id));
    if (kept) co_return std::nullopt;
    if (kept.error().failure == Failure::service_unavailable) co_return refuse_changes();
    co_return error_response(500, "INTERNAL_SERVER_ERROR", "the change could not be stored, and was taken back; the log says why");
}

net::Awaitable<Response> WorkersApi::create(const Request& request, const Caller& caller) {
    const auto wait = wait_of(request.query);
    if (!wait) co_return bad_request(wait.error());
    if (const auto closed = refuse_changes()) co_return *closed;
    const auto added = add(request);
    if (!added) {
        note(request, added.error(), {}, nullptr, caller);
        co_return added.error();
    }
    auto id = (*added)->id;
    const auto unkept = co_await keep(request, std::move(id));
    if (unkept) {
        (void)registrar_.drain((*added)->id);
        note(request, *unkept, {}, *added, caller);
        co_return *unkept;
    }
    auto response = accepted(*added);
    note(request, response, {}, *added, caller);
    if (*wait && **wait > net::Duration::zero()) {
        auto registered = co_await wait_for(request, *added, **wait);
        co_return registered;
    }
    co_return response;
}

net::Awaitable<Response> WorkersApi::wait_for(const Request& request, WorkerPtr added, net::Duration limit) {
    const auto until = std::chrono::steady_clock::now() + limit;
    for (;;) {
        const auto snapshot = registry_.snapshot();
        const auto worker = snapshot->by_id(added->id);
        if (!worker || worker->status == Status::draining) co_return not_found(added->id);
        if (worker->status == Status::failed) {
            auto failed = error_response(400, "BAD_REQUEST", "the worker could not be registered: " + worker->status_reason);
            failed.fields.set("location", location_of(worker->id));
            co_return failed;
        }
        if (worker->status != Status::pending) {
            auto registered = json_response(201, workers::worker_to_json(*worker));
            registered.fields.set("location", location_of(worker->id));
            co_return registered;
        }
        const auto left = until - std::chrono::steady_clock::now();
        const bool moved = co_await watch_.changed(request.loop, snapshot->version(), left, request.cancellation);
        if (!moved) co_return accepted(added);
    }
}

Response WorkersApi::list(const Request& request) const {
    const auto model = http::query_parameter(request.query, "model");
    return json_response(200, workers::workers_to_json(*registry_.snapshot(), model.value_or("")));
}

std::string WorkersApi::id_of(const std::string& spelled) const {
    const auto snapshot = registry_.snapshot();
    if (snapshot->by_id(spelled)) return spelled;
    const auto named = snapshot->by_name(spelled);
    return named ? named->id : spelled;
}

Response WorkersApi::show(const std::string& spelled) const {
    const auto worker = registry_.snapshot()->by_id(id_of(spelled));
    return worker ? json_response(200, workers::worker_to_json(*worker)) : not_found(spelled);
}

tl::expected<WorkersApi::Changed, Response> WorkersApi::try_change(const json& body, const std::string& id, SpecChange make) {
    // Its health may change under our hands; then the edit is made anew on what it has become.
    for (int tries = 1;; ++tries) {
        const auto worker = registry_.snapshot()->by_id(id);
        if (!worker) return Refusal(not_found(id));
        auto spec = make(*worker->spec, body, registry_.catalog());
        if (!spec) return Refusal(bad_request(spec.error()));
        if (const auto completed = complete(*spec); !completed) return Refusal(bad_request(completed.error()));
        const bool examine = workers::must_be_examined(*worker, *spec, registry_.catalog());
        auto updated = registry_.update(id, std::move(*spec), examine, std::time(nullptr), worker->version);
        if (updated) return Changed(worker, *updated);
        const bool moved = updated.error().failure == workers::RegistryFailure::create_in_progress;
        if (!moved || tries == most_tries) return Refusal(registry_error(updated.error()));
    }
}

net::Awaitable<Response> WorkersApi::change(const Request& request, std::string spelled, const Caller& caller, SpecChange make) {
    if (const auto closed = refuse_changes()) co_return *closed;
    const auto id = id_of(spelled);
    const auto body = body_of(request);
    tl::expected<Changed, Response> made = body ? try_change(*body, id, make) : Refusal(body.error());
    if (!made) {
        note(request, made.error(), id, nullptr, caller);
        co_return made.error();
    }
    auto kept_id = id;
    const auto unkept = co_await keep(request, std::move(kept_id));
    if (unkept) {
        const auto& [before, after] = *made;
        // Unless somebody else has changed it meanwhile: then there is nothing to go back to.
        (void)registry_.update(id, *before->spec, workers::must_be_examined(*after, *before->spec, registry_.catalog()), std::time(nullptr),
                               after->version);
        note(request, *unkept, id, after, caller);
        co_return *unkept;
    }
    auto response = changed(made->after, "Worker update queued for background processing");
    note(request, response, id, made->after, caller);
    co_return response;
}

net::Awaitable<Response> WorkersApi::replace(const Request& request, std::string id, const Caller& caller) {
    return change(request, std::move(id), caller, workers::replaced_spec);
}

net::Awaitable<Response> WorkersApi::patch(const Request& request, std::string id, const Caller& caller) {
    return change(request, std::move(id), caller, workers::patched_spec);
}

net::Awaitable<Response> WorkersApi::remove(const Request& request, std::string spelled, const Caller& caller) {
    if (const auto closed = refuse_changes()) co_return *closed;
    const auto id = id_of(spelled);
    const auto drained = registrar_.drain(id);
    auto response = drained ? changed(*drained, "Worker removal queued: it takes no new request and leaves when its open ones have ended")
                            : registry_error(drained.error());
    if (drained) {
        auto kept_id = id;
        const auto unkept = co_await keep(request, std::move(kept_id));
        // A worker that drains cannot be called back: it goes now, and returns with the next start.
        if (unkept)
            response =
                error_response(unkept->status, "INTERNAL_SERVER_ERROR", "the worker leaves, but this could not be stored: a restart brings it back");
    }
    note(request, response, id, drained ? *drained : nullptr, caller);
    co_return response;
}

}  // namespace smg::admin
