#pragma once
/// Words in the last user text that steer a simulated answer: `simulate:cut`, `simulate:tokens=20` and so on (README.md lists them).
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace smg::simulator {

struct Steering {
    std::optional<int> status;             ///< `status=N`: this error status
    bool quota = false;                    ///< `quota`: the provider's way to say that the money is gone
    bool reset = false;                    ///< `reset`: the connection closes without a byte
    bool hang = false;                     ///< `hang`: not a byte comes, and the connection stays
    bool cut = false;                      ///< `cut`: the connection closes in the middle of the answer
    bool stall = false;                    ///< `stall`: silence from the middle of the answer on
    bool error_event = false;              ///< `error-event`: a stream breaks off with the provider's error event
    bool error_first = false;              ///< `error-first`: a stream whose first event is the error
    bool malformed = false;                ///< `malformed`: 200, and a body that is no JSON
    bool html = false;                     ///< `html`: the page of a CDN with status 502
    bool refuse = false;                   ///< `refuse`: the provider's safety stop
    bool slow = false;                     ///< `slow`: 100 ms between two events
    std::optional<std::uint64_t> tokens;   ///< `tokens=N`: an answer of exactly N tokens (of four bytes)
    std::optional<std::uint64_t> cached;   ///< `cached=N`: so many prompt tokens came from the cache
    std::optional<std::uint64_t> chunks;   ///< `chunks=N`: instead of the option
    std::optional<std::chrono::milliseconds> interval;  ///< `interval=MS`: instead of the option
};

/// Unknown words and malformed numbers are no steering.
[[nodiscard]] Steering parse_steering(std::string_view text);

}  // namespace smg::simulator
