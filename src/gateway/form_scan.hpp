#pragma once
/// A field of a multipart form, found without taking the form apart.
#include <optional>
#include <string_view>

#include "gateway/request_scan.hpp"

namespace smg::gateway {

/// Where the value of the first part of that name lies in `body`, as the boundary of `content_type` frames it (RFC 7578, RFC 2046 section 5.1).
/// Nothing when it is no multipart form, or has no such part.
[[nodiscard]] std::optional<ByteRange> find_form_field(std::string_view content_type, std::string_view body, std::string_view name);

}  // namespace smg::gateway
