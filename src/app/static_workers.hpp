#pragma once
/// The workers that the command line, the file and the environment name.
#include "base/result.hpp"
#include "smg/config.hpp"
#include "workers/registry.hpp"

namespace smg::app {

/// `[providers.*]` of the file and the built-in ones.
[[nodiscard]] Result<std::shared_ptr<const providers::Catalog>> make_catalog(const config::Config& config);

/// Registers `--worker-urls`, `[[workers]]` and, where neither names any worker and `--enable-igw` is off, one worker for each provider key of the
/// environment. Keys of the environment become the stored keys of their provider's workers that have none. Errors name the flag or the line.
[[nodiscard]] Result<void> register_static_workers(const config::Config& config, workers::Registry& registry);

}  // namespace smg::app
