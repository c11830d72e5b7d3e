#include "workers/reexamine.hpp"

namespace smg::workers {

bool same_key(const WorkerSpec& before, const WorkerSpec& after) noexcept {
    return before.api_key.empty() ? after.api_key.empty() : before.api_key.matches(after.api_key.reveal());
}

bool must_be_examined(const Worker& before, const WorkerSpec& after, const providers::Catalog& catalog) {
    const auto& spec = *before.spec;
    const auto identity = identify(after, catalog);
    if (before.status == Status::pending || before.status == Status::failed) return true;
    if (!same_key(spec, after) || spec.auth != after.auth) return true;
    // By what it amounts to: a PUT may spell out the provider that the host told.
    if (!identity || identity->external != before.external() || !providers::same_provider(*identity->provider, before.provider())) return true;
    return spec.models && !after.models && !before.discovered;
}

}  // namespace smg::workers
