#pragma once
/// Server-sent events as data (WHATWG HTML, section 9.2), read from any split of bytes.
#include <functional>
#include <string>
#include <string_view>

namespace smg::http {

struct SseEvent {
    std::string_view name;  ///< `event:`; empty when absent
    std::string_view data;  ///< `data:` lines joined by LF
};

/// Line ends LF, CRLF or CR, in any mix and at any split; comments and unknown fields skipped; several data lines joined; a BOM skipped;
/// no limit on a line but `max_event_bytes`. An event is zero-copy when it lies whole in one fed piece with a single data line.
class SseReader {
public:
    explicit SseReader(std::size_t max_event_bytes = 32U * 1024 * 1024) : max_event_bytes_(max_event_bytes) {}

    /// Calls `on_event` for each event that ends in `bytes`. The views live until `on_event` returns.
    /// False when an event outgrew the limit; the reader is then of no more use.
    bool feed(std::string_view bytes, const std::function<void(const SseEvent&)>& on_event);
    /// The stream ended: a last event without its blank line is handed out (it proves nothing about completeness).
    void finish(const std::function<void(const SseEvent&)>& on_event);
    /// True between events: nothing of an unfinished event is held.
    [[nodiscard]] bool at_boundary() const noexcept;

private:
    bool line(std::string_view text, const std::function<void(const SseEvent&)>& on_event);

    std::size_t max_event_bytes_;
    std::string partial_line_;
    std::string data_;
    std::string name_;
    bool has_data_ = false;
    bool skip_lf_ = false;
    bool started_ = false;
};

/// Appends one event: `event: name` (when not empty) and a `data: ` line for each line of `data`, then the blank line.
void append_sse_event(std::string& out, std::string_view name, std::string_view data);

}  // namespace smg::http
