#pragma once
/// One call on its way through a simulated provider, and how its answer is sent: whole or in pieces, at what pace, to what end.
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "simulator/memory.hpp"
#include "simulator/simulated_provider.hpp"
#include "simulator/steering.hpp"

namespace smg::simulator {

/// What a provider's code is handed. The references live as long as the call.
struct Call {
    const SimulatedRequest& request;
    const SimulatorOptions& options;
    Memory& memory;
    std::string path;         ///< behind the segment that names the provider, e.g. `/v1/models`
    std::uint64_t number;     ///< of the request, from 1
    int forced_status = 0;    ///< by a FailRule; 0: none

    /// A number for made-up ids: the same request at the same place gets the same ones.
    [[nodiscard]] std::uint64_t seed(std::string_view purpose) const;
};

/// `Bearer abc` to `abc`; empty when there is no such field or scheme.
[[nodiscard]] std::string bearer_of(const http::Fields& fields);

/// What is wrong with a credential.
enum class KeyCheck { right, missing, wrong };
/// Accepts what the options ask for; without an option every key but one whose form (`sk-ant-…`, `xai-…`, `AIza…`) is another provider's.
[[nodiscard]] KeyCheck check_key(const Call& call, std::string_view provider, std::string_view key);

/// A whole answer; the steering may cut it.
[[nodiscard]] SimulatedReply whole_reply(const Call& call, int status, http::Fields fields, std::string body, const Steering& steering = {});

/// A streamed answer of one piece an event. `error_event` is what `error-event` and `error-first` send; `terminator` follows a clean end only.
[[nodiscard]] SimulatedReply streamed_reply(const Call& call, http::Fields fields, std::vector<std::string> events, std::string error_event,
                                            std::string terminator, const Steering& steering);

/// Into how many pieces a text of this answer is cut.
[[nodiscard]] std::size_t pieces_of(const Call& call, const Steering& steering);

/// True when the steering ends the call without an answer of the model: `reset`, `hang`, `html`, `malformed`. `reply` is then that.
[[nodiscard]] bool ends_early(const Call& call, const Steering& steering, const http::Fields& fields, SimulatedReply& reply);

}  // namespace smg::simulator
