#pragma once
#include <string>

namespace smg::workers {

/// A random UUID (RFC 4122, version 4), lower case. Any thread.
[[nodiscard]] std::string random_uuid();

}  // namespace smg::workers
