#include "app/static_workers.hpp"

#include <ctime>

#include "fleet/key_file.hpp"
#include "workers/spec_json.hpp"

namespace smg::app {
namespace {

std::int64_t unix_now() { return static_cast<std::int64_t>(std::time(nullptr)); }

Error placed(const std::string& where, const Error& error) { return Error(error.failure, where + ": " + error.message, error.param); }

const config::ProviderKey* key_for(const config::Config& config, std::string_view provider) {
    for (const auto& key : config.provider_keys)
        if (key.provider == provider) return &key;
    return nullptr;
}

Result<void> add(const config::Config& config, workers::Registry& registry, workers::WorkerSpec spec, const std::string& source,
                 const std::string& where) {
    if (auto loaded = fleet::load_key_file(spec); !loaded) return tl::unexpected(placed(where, loaded.error()));
    auto identity = workers::identify(spec, registry.catalog());
    if (!identity) return tl::unexpected(placed(where, identity.error()));
    if (!spec.has_key())
        if (const auto* key = key_for(config, identity->provider->name)) spec.api_key = key->key;
    auto added = registry.add(std::move(spec), source, unix_now());
    if (!added) return fail(Failure::invalid_request, where + ": " + added.error().message, added.error().param);
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

Result<void> register_static_workers(const config::Config& config, workers::Registry& registry) {
    for (const auto& url : config.worker_urls) {
        workers::WorkerSpec spec;
        spec.url = url;
        spec.provider = config.backend;
        const auto parsed = providers::parse_worker_url(url);
        // The backend is for URLs that do not tell: a known host is what it is.
        if (parsed && registry.catalog().of_host(parsed->host)) spec.provider.clear();
        if (auto added = add(config, registry, std::move(spec), "flag", "--worker-urls " + url); !added) return added;
    }
    for (const auto& entry : config.workers) {
        auto body = workers::parse_body(entry.json);
        auto spec = body ? workers::spec_from_json(*body, registry.catalog()) : Result<workers::WorkerSpec>(tl::unexpected(body.error()));
        if (!spec) return tl::unexpected(placed(entry.where, spec.error()));
        if (auto added = add(config, registry, std::move(*spec), "file", entry.where); !added) return added;
    }
    return {};
}

Result<void> register_environment_workers(const config::Config& config, workers::Registry& registry) {
    if (!config.worker_urls.empty() || !config.workers.empty() || config.enable_igw) return {};
    for (const auto& key : config.provider_keys) {
        const auto provider = registry.catalog().find(key.provider);
        if (!provider || provider->hosts.empty()) continue;
        workers::WorkerSpec spec;
        spec.url = "https://" + provider->hosts.front();
        spec.provider = provider->name;
        spec.api_key = key.key;
        spec.runtime_type = workers::RuntimeType::external;
        if (auto added = add(config, registry, std::move(spec), "environment", key.source); !added) return added;
    }
    return {};
}

}  // namespace smg::app
