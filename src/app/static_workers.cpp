#include "app/static_workers.hpp"

#include <ctime>
#include <nlohmann/json.hpp>
#include <set>

#include "config/values.hpp"
#include "fleet/key_file.hpp"
#include "telemetry/log.hpp"
#include "workers/reexamine.hpp"
#include "workers/spec_json.hpp"

namespace smg::app {
namespace {

using telemetry::Level;
using telemetry::log_event;
using Workers = std::vector<StaticWorker>;

std::int64_t unix_now() { return static_cast<std::int64_t>(std::time(nullptr)); }

Error placed(const std::string& where, const Error& error) { return Error(error.failure, where + ": " + error.message, error.param); }

/// `models[1].id` as a JSON pointer.
nlohmann::json::json_pointer pointer_to(std::string_view path) {
    std::string text = path.empty() ? "" : "/";
    for (const char c : path) {
        if (c == '~') text += "~0";
        else if (c == '/') text += "~1";
        else if (c == '.' || c == '[') text += '/';
        else if (c != ']') text += c;
    }
    return nlohmann::json::json_pointer(text);
}

/// ` (is 101)`, where that is neither a secret nor said already.
std::string stated_value(const nlohmann::json& spec, const Error& error) {
    for (const std::string_view secret : {"api_key", "headers", "query"})
        if (error.param.starts_with(secret)) return {};
    const auto at = pointer_to(error.param);
    if (error.param.empty() || error.message.starts_with("unknown field") || !spec.contains(at) || spec[at].is_structured()) return {};
    const auto& value = spec[at];
    if (value.is_string() && error.message.find(value.get<std::string>()) != std::string::npos) return {};
    return " (is " + (value.is_string() ? config::shown(value.get<std::string>()) : value.dump()) + ")";
}

/// An error of an entry of the file, with the member's own line.
Error placed(const config::WorkerEntry& entry, const nlohmann::json& spec, const Error& error) {
    const auto place = entry.places.find(error.param);
    return placed(place == entry.places.end() ? entry.where : place->second,
                  Error(error.failure, error.message + stated_value(spec, error), error.param));
}

const config::ProviderKey* key_for(const config::Config& config, std::string_view provider) {
    for (const auto& key : config.provider_keys)
        if (key.provider == provider) return &key;
    return nullptr;
}

std::string identity_of(const StaticWorker& worker) { return worker.url_key + '\n' + worker.spec.name; }

/// Equal for equal specs. A key that came from a file is part of it: the file may hold another one now.
std::string text_of(const StaticWorker& worker) {
    return worker.source + '\n' + workers::spec_to_json_with_secrets(worker.spec).dump() + '\n' + worker.spec.api_key.reveal();
}

Result<void> list(const config::Config& config, const providers::Catalog& catalog, workers::WorkerSpec spec, std::string source, std::string where,
                  Workers& out) {
    if (auto loaded = fleet::load_key_file(spec); !loaded) return tl::unexpected(placed(where, loaded.error()));
    auto identity = workers::identify(spec, catalog);
    if (!identity) return tl::unexpected(placed(where, identity.error()));
    if (!spec.has_key())
        if (const auto* key = key_for(config, identity->provider->name)) spec.api_key = key->key;
    out.push_back({std::move(spec), std::move(source), std::move(where), std::move(identity->url_key)});
    return {};
}

Result<void> list_environment(const config::Config& config, const providers::Catalog& catalog, Workers& out) {
    for (const auto& key : config.provider_keys) {
        const auto provider = catalog.find(key.provider);
        if (!provider || provider->hosts.empty()) continue;
        workers::WorkerSpec spec;
        spec.url = "https://" + provider->hosts.front();
        spec.provider = provider->name;
        spec.api_key = key.key;
        spec.runtime_type = workers::RuntimeType::external;
        if (auto listed = list(config, catalog, std::move(spec), "environment", key.source, out); !listed) return listed;
    }
    return {};
}

Result<void> refuse_doubles(const Workers& all) {
    std::map<std::string, std::string> seen;
    for (const auto& each : all) {
        const auto [earlier, fresh] = seen.emplace(identity_of(each), each.where);
        if (!fresh)
            return fail(Failure::invalid_request,
                        each.where + ": has the url and name of " + earlier->second + "; another one of the same url needs a `name` of its own",
                        "url");
    }
    return {};
}

}  // namespace

Result<std::shared_ptr<const providers::Catalog>> make_catalog(const config::Config& config) {
    std::vector<providers::VendorSpec> vendors;
    for (const auto& vendor : config.vendors) {
        providers::VendorSpec spec;
        spec.name = vendor.name;
        spec.aliases = vendor.aliases;
        spec.hosts = vendor.hosts;
        spec.models = vendor.models;
        spec.api_root = vendor.api_root;
        spec.header = vendor.header;
        spec.scheme = vendor.scheme;
        spec.query = vendor.query;
        spec.native = vendor.native;
        spec.key_prefixes = vendor.key_prefixes;
        spec.request_headers = vendor.request_headers;
        spec.stream_usage = vendor.stream_usage;
        vendors.push_back(std::move(spec));
    }
    return providers::Catalog::with_vendors(vendors);
}

Result<Workers> list_static_workers(const config::Config& config, const providers::Catalog& catalog) {
    Workers all;
    for (const auto& url : config.worker_urls) {
        workers::WorkerSpec spec;
        spec.url = url;
        spec.provider = config.backend;
        const auto parsed = providers::parse_worker_url(url);
        // The backend is for URLs that do not tell: a known host is what it is.
        if (parsed && catalog.of_host(parsed->host)) spec.provider.clear();
        auto listed = list(config, catalog, std::move(spec), "flag", "--worker-urls " + config::shown(url), all);
        if (!listed) return tl::unexpected(listed.error());
    }
    for (const auto& entry : config.workers) {
        auto body = workers::parse_body(entry.json);
        auto spec = body ? workers::spec_from_json(*body, catalog) : Result<workers::WorkerSpec>(tl::unexpected(body.error()));
        if (!spec) return tl::unexpected(placed(entry, body.value_or(nlohmann::json()), spec.error()));
        if (auto listed = list(config, catalog, std::move(*spec), "file", entry.where, all); !listed) return tl::unexpected(listed.error());
    }
    if (all.empty() && !config.enable_igw)
        if (auto listed = list_environment(config, catalog, all); !listed) return tl::unexpected(listed.error());
    if (auto single = refuse_doubles(all); !single) return tl::unexpected(single.error());
    return all;
}

Result<void> StaticWorkers::add(const StaticWorker& worker) {
    const auto added = registry_.add(worker.spec, worker.source, unix_now());
    if (!added) return fail(Failure::invalid_request, worker.where + ": " + added.error().message, added.error().param);
    known_[identity_of(worker)] = Applied{text_of(worker), worker.url_key, worker.spec.name};
    return {};
}

Result<void> StaticWorkers::register_first(const Workers& wanted) {
    for (const auto& each : wanted)
        if (each.source != "environment")
            if (auto added = add(each); !added) return added;
    return {};
}

void StaticWorkers::register_environment(const Workers& wanted) {
    for (const auto& each : wanted)
        if (each.source == "environment" && !registry_.snapshot()->by_url_and_name(each.url_key, each.spec.name)) (void)add(each);
}

void StaticWorkers::put(const StaticWorker& worker) {
    const auto existing = registry_.snapshot()->by_url_and_name(worker.url_key, worker.spec.name);
    if (!existing) {
        if (const auto added = add(worker); !added) log_event(Level::error, "a worker could not be registered", {{"reason", added.error().message}});
        return;
    }
    if (existing->source != worker.source)
        log_event(Level::warn, "a worker becomes one of the configuration",
                  {{"worker", existing->label()}, {"was", existing->source}, {"is", worker.where}});
    const bool examine = workers::must_be_examined(*existing, worker.spec, registry_.catalog());
    (void)registry_.update(existing->id, worker.spec, examine, unix_now(), 0, worker.source);
    known_[identity_of(worker)] = Applied{text_of(worker), worker.url_key, worker.spec.name};
}

StaticWorkers::Changes StaticWorkers::apply(const Workers& wanted, fleet::Registrar& registrar) {
    Changes changes;
    std::set<std::string> kept;
    for (const auto& each : wanted) {
        const auto identity = identity_of(each);
        kept.insert(identity);
        const auto before = known_.find(identity);
        if (before != known_.end() && before->second.text == text_of(each)) continue;
        ++(before == known_.end() ? changes.added : changes.changed);
        put(each);
    }
    for (auto each = known_.begin(); each != known_.end();) {
        if (kept.contains(each->first)) {
            ++each;
            continue;
        }
        if (const auto worker = registry_.snapshot()->by_url_and_name(each->second.url_key, each->second.name))
            (void)registrar.drain(worker->id, workers::Departure::reload);
        ++changes.removed;
        each = known_.erase(each);
    }
    return changes;
}

}  // namespace smg::app
