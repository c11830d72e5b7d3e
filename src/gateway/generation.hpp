#pragma once
/// The life of one generation request: route, adapt, connect and send, relay, finish (docs/life-of-a-request.md).
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/adapt.hpp"
#include "gateway/call.hpp"
#include "gateway/client.hpp"
#include "gateway/error_reply.hpp"
#include "gateway/gateway.hpp"
#include "gateway/stream_relay.hpp"
#include "upstream/exchange.hpp"

namespace smg::gateway {

/// Lives in its request's coroutine, on its loop's thread.
class Generation {
public:
    Generation(Gateway& gateway, providers::ApiFormat format, ClientRequest& request, ClientResponse& response);

    /// Answers the request, whatever happens.
    [[nodiscard]] net::Awaitable<void> run();

private:
    enum class Attempt {
        answered,
        unreachable,  ///< nobody has seen the request
        refused,      ///< an error that another worker may not have: `refusal_`
    };

    /// Picks a worker; waits for one that is being registered. Empty: the client has been told why there is none.
    [[nodiscard]] net::Awaitable<bool> choose();
    [[nodiscard]] routing::RouteRequest route_request() const;
    void note_choice();
    /// Sends the request to the chosen worker and relays what it answers.
    [[nodiscard]] net::Awaitable<Attempt> attempt();
    [[nodiscard]] net::Awaitable<Attempt> answer(upstream::Exchange& exchange, const UpstreamRequest& sent);
    [[nodiscard]] net::Awaitable<void> answer_stream(upstream::Exchange& exchange, const UpstreamRequest& sent);
    [[nodiscard]] net::Awaitable<void> pass_unary(upstream::Exchange& exchange);
    [[nodiscard]] net::Awaitable<void> translate_unary(upstream::Exchange& exchange, const UpstreamRequest& sent);
    /// Reads an error answer and keeps it as `refusal_`, to be sent now or when nobody is left to ask.
    [[nodiscard]] net::Awaitable<Attempt> answer_error(upstream::Exchange& exchange, const UpstreamRequest& sent);
    [[nodiscard]] net::Awaitable<void> send_refusal();
    void note_refusal(const http::ResponseHead& head, const codec::ProviderError& error);
    /// An error of ours, as JSON or, where a stream was begun already, as its last event.
    [[nodiscard]] net::Awaitable<void> refuse(Error error);
    [[nodiscard]] net::Awaitable<void> send_reply(Reply reply);

    [[nodiscard]] http::ResponseHead success_head(const upstream::Exchange& exchange, const UpstreamRequest& sent) const;
    void add_own_headers(http::Fields& fields, const UpstreamRequest* sent) const;
    [[nodiscard]] upstream::Timeouts timeouts() const;
    [[nodiscard]] codec::ClientView client_view() const;
    void note_usage(const codec::Usage& usage);

    Gateway& gateway_;
    ClientRequest& request_;
    ClientResponse& response_;
    Call call_;
    StreamRelay relay_;
    DecodedRequest decoded_;
    std::optional<routing::Choice> choice_;
    std::vector<std::string> tried_;
    /// A provider's error, in the client's words already.
    struct Refusal {
        Reply reply;
        codec::ProviderError error;
    };
    std::optional<Refusal> refusal_;
    std::optional<Error> unreachable_;  ///< why the last worker could not be reached
    std::chrono::milliseconds retry_after_{0};
    int attempts_ = 0;
};

}  // namespace smg::gateway
