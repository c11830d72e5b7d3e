#pragma once
/// A request whose answer is wanted whole: model lists, health checks, error bodies.
#include <cstddef>
#include <string>
#include <string_view>

#include "upstream/exchange.hpp"

namespace smg::upstream {

struct WholeAnswer {
    WholeAnswer(http::ResponseHead answer_head, std::string answer_body) : head(std::move(answer_head)), body(std::move(answer_body)) {}
    http::ResponseHead head;
    std::string body;
};

/// Reads what is left of an answer, at most `limit` bytes; a longer one is an upstream_error. The exchange's head must be there.
[[nodiscard]] net::Awaitable<Result<std::string>> read_rest(Exchange& exchange, std::size_t limit);

/// Sends a request (`head` with its empty line) and collects the answer. Failures as of `Exchange`, and upstream_error beyond `limit`.
[[nodiscard]] net::Awaitable<Result<WholeAnswer>> fetch(Pool& pool, Peer peer, std::string head, std::string body, Timeouts timeouts,
                                                        std::size_t limit, net::Cancellation& cancellation);

}  // namespace smg::upstream
