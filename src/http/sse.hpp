#pragma once
/// Server-sent events as data (WHATWG HTML, section 9.2), read from any split of bytes.
#include <cstddef>
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
/// One thread at a time; `on_event` must not call back into its reader.
class SseReader {
public:
    explicit SseReader(std::size_t max_event_bytes = 32U * 1024 * 1024) : max_event_bytes_(max_event_bytes) {}

    /// Calls `on_event` for each event that ends in `bytes`. The views live until `on_event` returns.
    /// False when the data of an event, or one line, outgrew the limit (at the same byte whatever the split); the reader is then
    /// of no more use.
    bool feed(std::string_view bytes, const std::function<void(const SseEvent&)>& on_event);
    /// The stream ended: a last event without its blank line is handed out (it proves nothing about completeness).
    void finish(const std::function<void(const SseEvent&)>& on_event);
    /// True between events: no line of an unfinished event was seen, so an event or a comment may be put in here.
    [[nodiscard]] bool at_boundary() const noexcept;

private:
    /// A field's value: a view into the fed piece, or our own copy once it has to outlive the piece.
    struct Held {
        std::string copy;
        std::string_view piece;
        bool is_copy = false;
        [[nodiscard]] std::string_view view() const noexcept { return is_copy ? std::string_view(copy) : piece; }
        void set(std::string_view text, bool lasts);
        void append_line(std::string_view text);
        void keep();
        void clear();
    };

    void line(std::string_view text, bool lasts, const std::function<void(const SseEvent&)>& on_event);
    void field(std::string_view text, bool lasts);
    void dispatch(const std::function<void(const SseEvent&)>& on_event);
    [[nodiscard]] bool fits(std::size_t more) const noexcept;

    std::size_t max_event_bytes_;
    std::string partial_line_;
    Held data_;
    Held name_;
    bool has_data_ = false;
    bool in_event_ = false;  ///< a field line was seen since the last blank line
    bool skip_lf_ = false;   ///< the last piece ended in CR: an LF that follows belongs to it
    bool started_ = false;   ///< the first line, which may begin with a BOM, is behind us
};

/// Appends one event: `event: name` (when not empty) and a `data: ` line for each line of `data`, then the blank line.
void append_sse_event(std::string& out, std::string_view name, std::string_view data);

}  // namespace smg::http
