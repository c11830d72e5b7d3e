#pragma once
/// What a browser is told so that pages of other origins may use the data plane (Fetch Standard section 3.3). Pure; any thread.
#include <string>
#include <string_view>
#include <vector>

#include "http/fields.hpp"

namespace smg::server {

/// Credentials of the browser's own (cookies, client certificates) are never asked for: whoever calls brings a key of the API's.
struct CorsRules {
    std::vector<std::string> origins;  ///< as browsers write them; `*`: every one; empty: nothing is told

    /// What `access-control-allow-origin` is to say to this request; empty: nothing, as it comes from no page or from one of another origin.
    /// A text of the rules', never the request's.
    [[nodiscard]] std::string_view allowed(const http::Fields& request) const noexcept;
};

/// Does an `OPTIONS` ask for a page whether it may send its request?
[[nodiscard]] bool is_preflight(const http::Fields& request) noexcept;

/// What the answer to a preflight has beside its status. `methods`: those of the path, `GET, POST`. The headers that it asks for are allowed if
/// they are a list of tokens; else none is. As of the next function where the origin is not allowed.
[[nodiscard]] http::Fields preflight_fields(const CorsRules& rules, const http::Fields& request, std::string_view methods);

/// What every other answer to `request` has, errors and streams too; empty without rules.
[[nodiscard]] http::Fields cors_fields(const CorsRules& rules, const http::Fields& request);

}  // namespace smg::server
