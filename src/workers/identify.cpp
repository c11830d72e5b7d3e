#include "workers/spec.hpp"

namespace smg::workers {

std::string_view name_of(RuntimeType type) noexcept {
    switch (type) {
        case RuntimeType::unspecified: return "unspecified";
        case RuntimeType::external: return "external";
        case RuntimeType::sglang: return "sglang";
        case RuntimeType::vllm: return "vllm";
        case RuntimeType::trtllm: return "trtllm";
        case RuntimeType::mlx: return "mlx";
    }
    return "unspecified";
}

namespace {

/// "Unspecified: a provider's host, a `provider`, a key with https, make it external" (contract section 3). A provider that is an engine does not.
bool is_external(const WorkerSpec& spec, const WorkerIdentity& identity, bool known_host) {
    if (spec.runtime_type != RuntimeType::unspecified) return spec.runtime_type == RuntimeType::external;
    if (known_host) return true;
    if (!spec.provider.empty()) return !identity.provider->local;
    return (spec.has_key() || !spec.api_key_file.empty()) && identity.url.tls;
}

}  // namespace

Result<WorkerIdentity> identify(const WorkerSpec& spec, const providers::Catalog& catalog) {
    auto url = providers::parse_worker_url(spec.url);
    if (!url) return tl::unexpected(url.error());
    auto provider = catalog.of_worker(spec.provider, *url);
    if (!provider) return tl::unexpected(provider.error());
    WorkerIdentity identity;
    identity.provider = std::move(*provider);
    identity.url = std::move(*url);
    identity.external = is_external(spec, identity, catalog.of_host(identity.url.host) != nullptr);
    identity.url_key = identity.url.origin() + identity.api_root();
    return identity;
}

}  // namespace smg::workers
