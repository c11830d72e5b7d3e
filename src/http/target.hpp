#pragma once
/// Request targets in origin form (RFC 9112 section 3.2.1), taken apart; and query strings.
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace smg::http {

struct Target {
    std::string path;   ///< percent-decoded, UTF-8; begins with `/`, or is `*`
    std::string query;  ///< as sent, without the `?`
};

/// Splits at the first `?` and decodes the path. Failure: invalid_request when an escape is malformed or the decoded path is not UTF-8
/// or holds a control character. Dot segments are left as they are: no route of ours has one, so they are not found.
[[nodiscard]] Result<Target> split_target(std::string_view target);

/// `%41` to `A`; nothing when an escape is malformed. `+` stays.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text);

/// The first value of a parameter in a query string (`a=1&b=2`), decoded, with `+` as a space. Nothing when it is absent or its
/// value is malformed.
[[nodiscard]] std::optional<std::string> query_parameter(std::string_view query, std::string_view name);

/// The query string less every parameter of that name, however its name is escaped; the others stand as sent.
[[nodiscard]] std::string without_query_parameter(std::string_view query, std::string_view name);

/// The same for a whole target: `/v1/x?key=secret&alt=sse` to `/v1/x?alt=sse`. For what is logged and what goes upstream.
[[nodiscard]] std::string target_without_parameter(std::string_view target, std::string_view name);

}  // namespace smg::http
