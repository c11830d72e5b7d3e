#pragma once
/// What a key can see: a provider's model list, asked for with its own list call, page by page.
#include <optional>
#include <string>
#include <vector>

#include "base/secret.hpp"
#include "fleet/call.hpp"
#include "http/fields.hpp"
#include "providers/models.hpp"

namespace smg::fleet {

struct ListOptions {
    upstream::Timeouts timeouts = quick();         ///< of each page
    net::TimePoint until = net::TimePoint::max();  ///< of the whole list; no page waits beyond it
    std::size_t max_pages = 50;                    ///< after these, what was read so far is the list
    std::size_t max_bytes = 16 * 1024 * 1024;      ///< of all pages together

    /// A list is no completion: it is there at once or not at all.
    [[nodiscard]] static upstream::Timeouts quick() {
        using std::chrono::seconds;
        upstream::Timeouts timeouts;
        timeouts.first_byte = seconds(15);
        timeouts.idle = seconds(10);
        timeouts.total = seconds(30);
        return timeouts;
    }
};

/// A list, or why there is none.
struct ListOutcome {
    explicit ListOutcome(std::vector<providers::ListedModel> listed) : models(std::move(listed)) {}
    explicit ListOutcome(Error why) : error(std::move(why)) {}

    std::vector<providers::ListedModel> models;  ///< each id once, in the provider's order; empty after an error
    /// `GET https://…/v1/models answered 401: invalid x-api-key`, never with a key in it. invalid_api_key when the key was refused.
    std::optional<Error> error;
    int status = 0;       ///< of a refusal, as the provider sent it; 0: there was no answer, or a list
    http::Fields fields;  ///< of a refusal
    std::string body;     ///< of a refusal, as the provider sent it (it may repeat the caller's key)

    [[nodiscard]] bool ok() const noexcept { return !error; }
    [[nodiscard]] bool key_refused() const noexcept { return error && error->failure == Failure::invalid_api_key; }
};

/// Asks with `key` (empty: without one). For callers' keys, whose lists are never stored, and for stored ones. On the pool's thread.
[[nodiscard]] net::Awaitable<ListOutcome> fetch_models_with_key(upstream::Pool& pool, workers::WorkerPtr worker, upstream::Peer peer, Secret key,
                                                                ListOptions options, net::Cancellation& cancellation);

/// Asks with the worker's stored key.
[[nodiscard]] net::Awaitable<Result<std::vector<providers::ListedModel>>> discover_models(upstream::Pool& pool, workers::WorkerPtr worker,
                                                                                          upstream::Peer peer, ListOptions options,
                                                                                          net::Cancellation& cancellation);

}  // namespace smg::fleet
