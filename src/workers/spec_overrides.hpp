#pragma once
/// The `health`, `resilience` and `http_pool` objects of a worker spec.
#include <nlohmann/json.hpp>

#include "workers/json_reader.hpp"
#include "workers/spec.hpp"

namespace smg::workers {

/// Reads the three objects into the spec; errors stay in the reader.
void read_overrides(JsonReader& reader, WorkerSpec& spec);

/// Adds those of them that hold anything to `out`.
void write_overrides(const WorkerSpec& spec, nlohmann::json& out);

}  // namespace smg::workers
