#pragma once
/// `api_key_file`: a stored key that is kept outside the spec.
#include "base/result.hpp"
#include "workers/spec.hpp"

namespace smg::fleet {

/// Reads the file into `spec.api_key`, white space around it cut off. Does nothing without `api_key_file`. Reads from disk: for the control
/// plane and the start, not for the data path. Call before the worker is added or changed.
/// Failure: invalid_request with param `api_key_file`; it names the file and never repeats what it holds.
[[nodiscard]] Result<void> load_key_file(workers::WorkerSpec& spec);

}  // namespace smg::fleet
