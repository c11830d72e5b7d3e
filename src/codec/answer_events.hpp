#pragma once
/// A whole answer told as a stream, for a client that asked for one where the provider sent it at once.
#include "codec/stream_event.hpp"

namespace smg::codec {

/// Appends the events of a stream that says what `answer` says, `Started` and `Completed` included. A logprobs member becomes one event.
void append_events(const Answer& answer, StreamEvents& out);

}  // namespace smg::codec
