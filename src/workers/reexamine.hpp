#pragma once
#include "workers/worker.hpp"

namespace smg::workers {

/// Whether, under its new spec, what is known of the worker no longer holds (another key, another provider), or was never found out.
[[nodiscard]] bool must_be_examined(const Worker& before, const WorkerSpec& after, const providers::Catalog& catalog);

}  // namespace smg::workers
