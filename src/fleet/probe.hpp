#pragma once
/// Is a local engine alive? (contract section 3, "Local: ready once …")
#include <memory>
#include <string>
#include <vector>

#include "fleet/discovery.hpp"

namespace smg::fleet {

using ModelList = std::shared_ptr<const std::vector<providers::ListedModel>>;

struct ProbeOptions {
    std::string endpoint = "/health";  ///< below the worker's URL less its version segment
    net::Duration timeout = std::chrono::seconds(5);
    bool want_list = false;  ///< ask for the models also when the health endpoint has answered well
    ListOptions list;
};

/// What a probe found out.
struct ProbeOutcome {
    ProbeOutcome(bool is_alive, std::string why, ModelList listed) : alive(is_alive), reason(std::move(why)), models(std::move(listed)) {}
    bool alive;
    std::string reason;  ///< why it counts as dead; no key in it
    ModelList models;    ///< null when the list was not asked for or could not be read
};

/// `GET {url less its version segment}/health`: a 2xx is life. On any other answer the models list decides: read, or refused with 401 or
/// 403, is life too. No answer at all is none. On the pool's thread.
[[nodiscard]] net::Awaitable<ProbeOutcome> probe_local(upstream::Pool& pool, workers::WorkerPtr worker, upstream::Peer peer, ProbeOptions options,
                                                       net::Cancellation& cancellation);

}  // namespace smg::fleet
