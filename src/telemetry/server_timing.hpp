#pragma once
/// What the gateway spent its time on, for the client: the `server-timing` header (W3C Server Timing).
#include <array>
#include <string_view>

#include "telemetry/request_record.hpp"

namespace smg::telemetry {

/// The field's value. On the stack: every answer has one.
class ServerTiming {
public:
    /// In milliseconds, of whatever is known by now:
    /// `accept` from the socket's accept to the request's first byte (a connection's first request alone; TLS is in it), `read` to the end of the
    /// request, `queue` until it had its place, `select` until the last worker was chosen, earlier attempts included, `connect` until a
    /// connection to it was there, `ttft` from the request's first byte to the first model output, or, where that is not known when the head
    /// leaves, to the first byte of the provider's answer.
    explicit ServerTiming(const RequestRecord& record) noexcept;
    /// Empty when nothing is known.
    [[nodiscard]] std::string_view text() const noexcept { return {text_.data(), size_}; }

private:
    void add(std::string_view name, RequestRecord::Moment from, RequestRecord::Moment to) noexcept;

    std::array<char, 256> text_;  ///< six times a name and twenty-four digits at most
    std::size_t size_ = 0;
};

}  // namespace smg::telemetry
