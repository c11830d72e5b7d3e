#pragma once
/// The workers that came by `POST /workers`, as they outlive a process: in the store, or handed to a successor.
#include <string>
#include <vector>

#include "fleet/store_file.hpp"
#include "workers/registry.hpp"

namespace smg::fleet {

/// The worker's spec with its secrets; nothing: it is going, or the configuration names it and brings it back by itself.
[[nodiscard]] std::optional<std::string> spec_to_keep(const workers::Worker& worker);
/// All of them, in order of creation.
[[nodiscard]] std::vector<StoredWorker> dynamic_workers(const workers::Snapshot& snapshot);

/// Registers them under their ids. One whose URL and name a registered worker has stays out, and so does one that cannot be read: both are
/// said in the log. One whose provider the configuration has no more is registered as failed. `source`: `store`, `api`.
void restore_workers(workers::Registry& registry, const std::vector<StoredWorker>& stored, const std::string& source);

/// As one JSON text, which holds keys, and back.
[[nodiscard]] std::string to_text(const std::vector<StoredWorker>& workers);
[[nodiscard]] Result<std::vector<StoredWorker>> stored_workers_from(const std::string& text);

}  // namespace smg::fleet
