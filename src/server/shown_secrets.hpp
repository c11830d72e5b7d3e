#pragma once
/// What a request shows of credentials, for the one place that has to cut them out of free text.
#include <string>
#include <vector>

#include "gateway/client.hpp"

namespace smg::server {

/// The values of its credential headers, without their scheme, and of `key=` in its query.
[[nodiscard]] std::vector<std::string> shown_secrets(const gateway::ClientRequest& request);

}  // namespace smg::server
