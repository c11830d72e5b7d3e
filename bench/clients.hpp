#pragma once
/// The clients' side: each sends its request, takes the whole answer, and begins again at once.
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "event_loop.hpp"
#include "upstream.hpp"

namespace smg::bench {

struct Plan {
    std::uint16_t port = 0;          ///< of the gateway
    std::string kind;                ///< `json`, `stream`, or `idle`: one GET /health, then nothing
    std::string model_tail;          ///< behind the model's name: which worker a gateway chooses
    std::size_t clients = 32;
    std::size_t body_bytes = 1024;   ///< of request and answer
    std::size_t pieces = 200;        ///< of a stream
    bool hold = false;               ///< take a stream's first piece and ask for no further one
};

struct Counts {
    std::uint64_t answers = 0;   ///< whole ones of status 200
    std::uint64_t pieces = 0;    ///< of streams
    std::uint64_t failures = 0;  ///< other statuses, broken connections
};

class Client;

/// Lives until the measurement is over; destroying it closes the connections.
class Clients {
public:
    Clients(EventLoop& loop, Upstream& upstream, Plan plan);
    ~Clients();

    [[nodiscard]] const Counts& counts() const noexcept { return counts_; }
    /// What the first failure looked like; empty without one.
    [[nodiscard]] const std::string& first_failure() const noexcept { return first_failure_; }

private:
    friend class Client;
    void fail(std::string_view what);

    EventLoop& loop_;
    Upstream& upstream_;
    Plan plan_;
    Counts counts_;
    std::string first_failure_;
    std::vector<std::unique_ptr<Client>> all_;
};

}  // namespace smg::bench
