#include "upstream/whole_answer.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace smg::upstream {
namespace {

/// Of the length that an answer announces: what is beyond it is made room for as it comes.
constexpr std::uint64_t most_reserved = 1024 * 1024;

}  // namespace

net::Awaitable<Result<std::string>> read_rest(Exchange& exchange, std::size_t limit) {
    std::string body;
    if (exchange.complete()) co_return body;
    if (const auto& framing = exchange.framing(); framing.kind == http::BodyKind::sized)
        body.reserve(static_cast<std::size_t>(std::min<std::uint64_t>({framing.length, limit, most_reserved})));
    for (;;) {
        auto piece = co_await exchange.read();
        if (!piece) co_return tl::unexpected(piece.error());
        if (piece->data.size() > limit - body.size()) co_return fail(Failure::upstream_error, "the upstream's answer is too long");
        body += piece->data;
        if (piece->end) co_return body;
    }
}

net::Awaitable<Result<WholeAnswer>> fetch(Pool& pool, Peer peer, std::string head, std::string body, Timeouts timeouts, std::size_t limit,
                                          net::Cancellation& cancellation) {
    Exchange exchange(pool, std::move(peer), timeouts, cancellation);
    auto started = co_await exchange.start(head, body);
    if (!started) co_return tl::unexpected(started.error());
    auto rest = co_await read_rest(exchange, limit);
    if (!rest) co_return tl::unexpected(rest.error());
    co_return WholeAnswer(exchange.head(), std::move(*rest));
}

}  // namespace smg::upstream
