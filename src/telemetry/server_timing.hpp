#pragma once
/// What the gateway spent its time on, for the client: the `server-timing` header (W3C Server Timing).
#include <string>

#include "telemetry/request_record.hpp"

namespace smg::telemetry {

/// Appends the field's value, in milliseconds, of whatever is known by now; nothing when nothing is:
/// `accept` from the socket's accept to the request's first byte (a connection's first request alone; TLS is in it), `read` to the end of the
/// request, `queue` until it had its place, `select` until the last worker was chosen, earlier attempts included, `connect` until a connection to
/// it was there, `ttft` from the request's first byte to the first model output, or, where that is not known when the head leaves, to the
/// first byte of the provider's answer.
void append_server_timing(std::string& out, const RequestRecord& record);

}  // namespace smg::telemetry
