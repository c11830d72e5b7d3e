#pragma once
/// What a simulated provider is told: whom to play, how fast to answer, when to fail.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace smg::simulator {

/// Answers this share of the POST requests with this status, in a fixed sequence: 0.25 fails every fourth. No randomness.
struct FailRule {
    int status = 500;  ///< 400 to 599
    double rate = 0;   ///< 0 to 1
};

struct SimulatorOptions {
    std::string provider;            ///< `openai`, `anthropic`, `xai` or `gemini`; empty or `all`: all four (see simulated_provider.hpp)
    std::string host = "127.0.0.1";  ///< where to listen: an address, or `localhost` for both loopbacks
    std::uint16_t port = 0;          ///< 0: any free one
    std::string api_key;             ///< the only credential accepted; empty: any whose form does not name another provider
    std::chrono::milliseconds latency{0};         ///< before the first byte of every answer
    unsigned chunks = 8;                          ///< pieces into which a stream cuts each text, reasoning or argument string; at least 1
    std::chrono::milliseconds chunk_interval{0};  ///< before each event of a stream but the first
    std::vector<FailRule> fail;
    std::size_t log_limit = 1000;  ///< received requests that the server remembers, the newest; 0: none
};

}  // namespace smg::simulator
