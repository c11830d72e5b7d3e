#pragma once
/// Server-sent events as raw bytes, kept as they are: only where they end is found out.
#include <cstddef>
#include <string>
#include <string_view>

namespace smg::gateway {

/// Length of the first whole event in `text`, its blank line included; 0 when none ends in it. Line ends are LF or CRLF, in
/// any mix, or CR alone.
[[nodiscard]] std::size_t event_length(std::string_view text) noexcept;

/// Lets whole events through and holds back the beginning of one that has not ended.
class EventSplitter {
public:
    /// What may pass now: whole events only, unless one outgrew `limit`; then all of it (`inside_event`). A view into `bytes` or into memory
    /// of its own, valid until the next call.
    [[nodiscard]] std::string_view feed(std::string_view bytes);
    /// What was held back.
    [[nodiscard]] std::string_view held() const noexcept { return held_; }
    /// An event too long to be held back has been let through in part.
    [[nodiscard]] bool inside_event() const noexcept { return inside_event_; }

    static constexpr std::size_t limit = 256 * 1024;

private:
    std::string held_;
    std::string passed_;
    bool inside_event_ = false;
};

/// The `data:` of a raw event with one data line (all that providers send), and its `event:`; empty when it has none.
[[nodiscard]] std::string_view data_of(std::string_view event) noexcept;
[[nodiscard]] std::string_view name_of(std::string_view event) noexcept;

}  // namespace smg::gateway
