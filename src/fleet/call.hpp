#pragma once
/// The gateway's own requests to a worker: a GET with the worker's credential and headers, and what to say when it fails.
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.hpp"
#include "net/asio.hpp"
#include "net/cancellation.hpp"
#include "upstream/pool.hpp"
#include "upstream/whole_answer.hpp"
#include "workers/worker.hpp"

namespace smg::fleet {

/// One GET of the gateway's own.
struct Call {
    Call(workers::WorkerPtr whom, upstream::Peer where, std::string what, Secret credential, upstream::Timeouts limits, std::size_t longest)
        : worker(std::move(whom)), peer(std::move(where)), target(std::move(what)), key(std::move(credential)), timeouts(limits), limit(longest) {}
    workers::WorkerPtr worker;
    upstream::Peer peer;
    std::string target;  ///< path and query
    Secret key;          ///< empty: none is sent
    upstream::Timeouts timeouts;
    std::size_t limit;  ///< of the answer's body, bytes
};

/// The request's head with its empty line: credential and version headers of the provider, the worker's own headers, and the gateway's.
[[nodiscard]] std::string head_of(const Call& call);

/// `GET https://host/v1/models`, without the query: that may hold what operators keep to themselves.
[[nodiscard]] std::string description_of(const Call& call);

/// Sends it. Failures as of `upstream::fetch`.
[[nodiscard]] net::Awaitable<Result<upstream::WholeAnswer>> send(upstream::Pool& pool, const Call& call, net::Cancellation& cancellation);

/// Words of an upstream made fit for operators, logs and the control plane: the call's key, the worker's header values and all known forms of
/// keys are cut out, control characters too, and the length is bounded.
[[nodiscard]] std::string harmless(std::string_view words, const Call& call);

}  // namespace smg::fleet
