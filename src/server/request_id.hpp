#pragma once
/// The id under which a request is found again in logs, at the provider's and at the client's.
#include <string>
#include <vector>

#include "http/fields.hpp"

namespace smg::server {

struct RequestId {
    std::string text;
    bool fresh = false;  ///< else it is the caller's
};

/// The caller's own, from the first of `headers` that holds one of at most 128 token characters; else a fresh one, `prefix` first.
[[nodiscard]] RequestId choose_request_id(const http::Fields& fields, const std::vector<std::string>& headers, const std::string& prefix);

}  // namespace smg::server
