#pragma once
/// Whole heads from text, with every rule that the reader promises; see `MessageReader` for the list.
#include <cstddef>
#include <optional>
#include <string_view>

#include "base/result.hpp"
#include "http/message.hpp"

namespace smg::http {

/// Looks for the empty line that ends a head, line by line, and goes on where it stopped when more text has come.
class HeadEndFinder {
public:
    /// `text` is what was given before with more behind it. The head's size, its empty line included, or nothing yet.
    /// Failure: invalid_request for a line that ends in a bare LF.
    [[nodiscard]] Result<std::optional<std::size_t>> find(std::string_view text);
    [[nodiscard]] std::size_t lines() const noexcept { return lines_; }

private:
    std::size_t line_start_ = 0;
    std::size_t scanned_ = 0;
    std::size_t lines_ = 0;
};

/// What the fields say about the body and the connection, before it is known whose they are.
struct FramingFields {
    std::optional<std::uint64_t> length;
    bool chunked = false;
    bool close = false;
    bool keep_alive = false;
    std::size_t hosts = 0;
};

/// `text` ends in its empty line. `head` must be empty. Failures: invalid_request, headers_too_large (too many fields).
[[nodiscard]] Result<FramingFields> parse_head(std::string_view text, std::size_t lines, std::size_t max_fields, RequestHead& head);
[[nodiscard]] Result<FramingFields> parse_head(std::string_view text, std::size_t lines, std::size_t max_fields, ResponseHead& head);

}  // namespace smg::http
