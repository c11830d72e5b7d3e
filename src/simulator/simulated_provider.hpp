#pragma once
/// The four providers' native APIs as one function: a request in, the answer out. No socket, no clock, no chance.
/// What an application may send is judged as strictly as the providers do; README.md lists the words in a prompt that steer the answer.
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "http/fields.hpp"
#include "simulator/options.hpp"

namespace smg::simulator {

class Memory;

struct SimulatedRequest {
    SimulatedRequest() = default;
    SimulatedRequest(std::string request_method, std::string request_target, http::Fields request_fields, std::string request_body);

    std::string method;
    std::string path;   ///< as sent, without the query
    std::string query;  ///< without the `?`
    http::Fields fields;
    std::string body;
};

/// One write of a stream.
struct Piece {
    explicit Piece(std::string piece_bytes, std::chrono::milliseconds piece_wait = {}) : bytes(std::move(piece_bytes)), wait(piece_wait) {}
    std::string bytes;
    std::chrono::milliseconds wait;  ///< before it is sent
};

/// How an answer ends once everything in it was sent.
enum class Ending {
    complete,
    cut,   ///< the connection is closed in the middle of the message
    hang,  ///< nothing more comes, and the connection stays open until the client leaves
};

struct SimulatedReply {
    int status = 200;
    http::Fields fields;  ///< without `content-length`, `transfer-encoding` and `date`, which the server adds
    bool streamed = false;
    std::string body;           ///< when not streamed
    std::vector<Piece> pieces;  ///< when streamed
    std::chrono::milliseconds latency{0};  ///< before the head is sent
    Ending ending = Ending::complete;
    /// With `cut` and `hang`: true when not even the head is sent.
    bool silent = false;

    /// The body, or the pieces put together: all that a client that reads to the end has read.
    [[nodiscard]] std::string content() const;
};

/// Plays the provider of its options. One that plays all four knows whom a request is meant for by a first path segment `/openai`,
/// `/anthropic`, `/xai` or `/gemini`; else by the path (`/v1/messages`, `/v1beta/…`), the credential's header (`x-api-key`,
/// `anthropic-version`, `x-goog-api-key`) or form (`xai-…`), and the model's name (`grok-…`); else it is OpenAI.
/// Thread-safe. The answer depends on the request alone, and on the responses and files that it names; the ids in it also on how many
/// requests came before, and so does `fail`.
class SimulatedProvider {
public:
    explicit SimulatedProvider(SimulatorOptions options);
    [[nodiscard]] SimulatedReply reply(const SimulatedRequest& request);
    [[nodiscard]] const SimulatorOptions& options() const noexcept { return options_; }

private:
    SimulatorOptions options_;
    std::shared_ptr<Memory> memory_;
    std::atomic<std::uint64_t> requests_{0};
    std::atomic<std::uint64_t> posts_{0};
};

}  // namespace smg::simulator
