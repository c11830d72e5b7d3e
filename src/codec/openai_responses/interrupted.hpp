#pragma once
/// The end of a stream of this format that its provider broke off, for a client that has its beginning as the provider sent it.
#include <cstdint>
#include <string>

#include "codec/stream_event.hpp"

namespace smg::codec::responses {

/// What the client has seen of the response so far.
struct Interrupted {
    std::string id, model;
    std::int64_t created = 0;         ///< Unix seconds
    std::uint64_t next_sequence = 0;  ///< `sequence_number` of the next event
};

/// `error` and `response.failed`: SDKs and agents know one of the two. They go on counting where the provider stopped, and name the same response.
[[nodiscard]] std::string interrupted_stream(const Interrupted& seen, const ProviderError& error);

}  // namespace smg::codec::responses
