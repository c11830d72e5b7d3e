#pragma once
#include "workers/worker.hpp"

namespace smg::workers {

/// Both have the same stored key, or none.
[[nodiscard]] bool same_key(const WorkerSpec& before, const WorkerSpec& after) noexcept;

/// Whether, under its new spec, what is known of the worker no longer holds (another key, another provider), or was never found out.
[[nodiscard]] bool must_be_examined(const Worker& before, const WorkerSpec& after, const providers::Catalog& catalog);

}  // namespace smg::workers
