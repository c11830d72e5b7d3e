#pragma once
/// Content-Type values (RFC 9110 section 8.3.1).
#include <optional>
#include <string>
#include <string_view>

namespace smg::http {

struct MediaType {
    std::string type;     ///< lower case, `application`
    std::string subtype;  ///< lower case, `json`
    std::string charset;  ///< lower case and unquoted; empty when absent
};

/// Nothing when the type or subtype is no token. Other parameters than `charset` are skipped, malformed ones included.
[[nodiscard]] std::optional<MediaType> parse_media_type(std::string_view content_type);

/// `application/json`, `text/json` or any `+json`, whatever the parameters.
[[nodiscard]] bool is_json(std::string_view content_type) noexcept;
/// `text/event-stream`, whatever the parameters.
[[nodiscard]] bool is_event_stream(std::string_view content_type) noexcept;

}  // namespace smg::http
