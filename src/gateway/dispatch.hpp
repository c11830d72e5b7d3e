#pragma once
/// The life of a request that a worker answers (docs/life-of-a-request.md): it is read, a worker is chosen, it is sent there, and either its answer
/// is relayed or the next worker is tried. What is asked and what becomes of an answer, the derived classes know.
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fleet/worker_secrets.hpp"
#include "gateway/attempts.hpp"
#include "gateway/call_options.hpp"
#include "gateway/client.hpp"
#include "gateway/error_reply.hpp"
#include "gateway/gateway.hpp"
#include "gateway/hedge_race.hpp"
#include "gateway/upstream_request.hpp"
#include "gateway/usage_reader.hpp"
#include "upstream/exchange.hpp"
#include "workers/breakers.hpp"

namespace smg::gateway {

/// Lives in its request's coroutine, on its loop's thread.
class Dispatch {
public:
    virtual ~Dispatch() = default;
    Dispatch(const Dispatch&) = delete;
    Dispatch& operator=(const Dispatch&) = delete;

    /// Answers the request, whatever happens.
    [[nodiscard]] net::Awaitable<void> run();

protected:
    /// `options` is the derived class's, and is filled by its `read` but for the credentials.
    Dispatch(Gateway& gateway, ClientRequest& request, ClientResponse& response, CallOptions& options);

    // --- what the derived class decides
    /// Reads the request as far as routing needs it.
    [[nodiscard]] virtual Result<void> read() = 0;
    /// How many tokens the answer may have, as far as the request says; 0: it does not say.
    [[nodiscard]] virtual std::uint64_t most_output_tokens() const { return 0; }
    /// Its tokens count against a tenant's budget.
    [[nodiscard]] virtual bool takes_tokens() const { return true; }
    /// Called once, when it has its place, before the first worker is chosen.
    virtual void begin() {}
    /// Names the model, or the provider, in `wanted`.
    virtual void describe(routing::RouteRequest& wanted) const = 0;
    /// The request as the chosen worker wants it. An error is the caller's, whichever worker it is.
    [[nodiscard]] virtual Result<void> adapt(UpstreamRequest& out) = 0;
    /// Relays an answer with a status of success, or says by `lose_answer` that nothing of it could be relayed.
    [[nodiscard]] virtual net::Awaitable<void> relay(upstream::Exchange& exchange, const UpstreamRequest& sent) = 0;
    /// A success without a body, or with JSON that stops in the middle, is no answer.
    [[nodiscard]] virtual bool needs_answer() const { return true; }
    /// A success whose answer is a stream: other time limits hold.
    [[nodiscard]] virtual bool streaming() const { return false; }
    /// Nobody is left of those that `describe` described; true: it will now describe others.
    [[nodiscard]] virtual bool describe_others() { return false; }
    /// The model whose first bytes say when a second worker is asked beside a slow one (`--hedge`); empty: this request goes to one worker alone.
    [[nodiscard]] virtual std::string_view hedged_model() const { return {}; }
    /// An error answer that another worker may not have, beyond the classes of contract section 7.
    [[nodiscard]] virtual bool may_differ_elsewhere(const http::ResponseHead&, const codec::ProviderError&) const { return false; }
    /// The request can be answered without the worker: asked before it is sent.
    [[nodiscard]] virtual bool answers_itself() const { return false; }
    /// Likewise, instead of passing on this error of the worker's.
    [[nodiscard]] virtual bool answers_instead_of(int, const codec::ProviderError&) const { return false; }
    [[nodiscard]] virtual net::Awaitable<void> answer_itself();
    /// A piece of a body that passes, as much as came at once; the first or a later one.
    virtual void see_piece(std::string_view, bool /*first*/) {}
    /// An error for a client whose answer has begun.
    [[nodiscard]] virtual net::Awaitable<void> end_begun(const codec::ProviderError& error);
    /// The answer is about to be an error of its own: nothing else may be written any more.
    virtual void stop_keep_alives() noexcept {}

    // --- what it may use
    [[nodiscard]] net::Awaitable<void> refuse(Error error);
    [[nodiscard]] net::Awaitable<void> send_reply(Reply reply);
    /// The worker's answer as it comes, whatever it is; `usage` (may be null) is shown the end of a body that is JSON.
    [[nodiscard]] net::Awaitable<void> pass_body(upstream::Exchange& exchange, http::ResponseHead head, UsageReader* usage);
    /// The answer broke off, or took too long, when some of it had gone to the client.
    void note_cut(workers::FailureClass kind) noexcept;
    /// The provider's headers that may reach the client, and the gateway's own.
    [[nodiscard]] http::ResponseHead success_head(const upstream::Exchange& exchange, const UpstreamRequest& sent) const;
    void add_own_headers(http::Fields& fields, const codec::Adjustments* adjustments) const;
    void note_usage(const codec::Usage& usage, const Charges& charges = {});
    /// For `relay`: the answer failed before anything of it went to the client, so that another worker may be asked.
    void lose_answer(workers::FailureClass kind, codec::ProviderError error);
    /// For `relay`: likewise, of a success that turns out to be none. A unary request may be billed already: its client is told.
    [[nodiscard]] net::Awaitable<void> fail_answer(workers::FailureClass kind, Error error);
    /// For `relay`: the answer failed when some of it had gone to the client.
    void answer_failed(workers::FailureClass kind) noexcept { erred_ = kind; }
    /// For `relay`: the worker has begun to do its work. A circuit breaker need not wait for the end of a stream.
    void worker_answered() {
        if (pass_.is_trial()) pass_.success(workers::Clock::now());
    }

    Gateway& gateway_;
    ClientRequest& request_;
    ClientResponse& response_;
    std::optional<routing::Choice> choice_;
    fleet::WorkerSecrets secrets_;  ///< of the chosen worker, with the key that went there

private:
    static constexpr const char* shutting_down = "the gateway is shutting down";

    enum class Attempt {
        answered,
        lost,    ///< it came to nothing, and the request may be tried once more
        failed,  ///< likewise, and it may not: the client is to be told
    };

    /// Waits for its place among the requests under way, and reserves what its tenant may still use. False: the client has been refused.
    [[nodiscard]] net::Awaitable<bool> admit();
    [[nodiscard]] Result<void> admit_tenant(Tenant& tenant);
    /// What the request takes by its length, about. A form's bytes are no text.
    [[nodiscard]] double estimated_input() const;
    /// What it took in all: as reported or estimated of its answer, else by its length where a worker has worked for it.
    [[nodiscard]] double tokens_taken() const;
    [[nodiscard]] net::Awaitable<void> serve();
    /// Picks a worker; waits for one that is being registered, or until a tried one may be asked again. False: the client has its answer.
    [[nodiscard]] net::Awaitable<bool> choose();
    [[nodiscard]] routing::RouteRequest route_request() const;
    /// Nobody is left: how long until it is worth another try; nothing: it is not.
    [[nodiscard]] std::optional<net::Duration> pause_for(const routing::NoRoute& no_route) const;
    /// The retry budget allows one attempt more, and has been charged for it; the first is free.
    [[nodiscard]] bool may_send(workers::Clock::time_point now);
    /// The connection of the attempt under way was closed unanswered: it may be sent anew, and is counted.
    [[nodiscard]] bool count_resend();
    void note_choice();
    void show_choice();
    /// No worker takes it: its failure is counted as that of whom the model's name names.
    void note_nobody(const providers::Catalog& catalog, std::string_view model);
    /// What `--request-timeout-secs` leaves of this request's time, over its wait for a place and all its attempts.
    [[nodiscard]] net::Duration time_left() const;
    [[nodiscard]] upstream::Timeouts timeouts() const;
    /// The worker is told the span that its own are children of.
    void begin_attempt_span(const upstream::Peer& peer, UpstreamRequest& sent);
    /// Sends the request to the chosen worker and relays what it answers.
    [[nodiscard]] net::Awaitable<Attempt> attempt();
    /// The request as the chosen worker wants it, and where that is. The error is the caller's.
    [[nodiscard]] Result<upstream::Peer> prepare(UpstreamRequest& sent);
    /// The exchange with the chosen worker has begun, or come to nothing.
    [[nodiscard]] net::Awaitable<Attempt> conclude(upstream::Exchange& exchange, const UpstreamRequest& sent, Result<void> started);

    // Hedging (dispatch_hedge.cpp).
    /// After so long a second worker is asked beside the chosen one; nothing: never.
    [[nodiscard]] std::optional<net::Duration> hedge_after() const;
    /// As `attempt`, and after `patience` with a second worker: the first to answer well is relayed, the other given up.
    [[nodiscard]] net::Awaitable<Attempt> attempt_hedged(net::Duration patience);
    /// Whoever has ended, until one decides the attempt.
    [[nodiscard]] net::Awaitable<Attempt> decide(HedgeRace& race, ContestantPtr first, ContestantPtr ended);
    /// Another worker for the same request, where one may have it and the budgets allow it; else null.
    [[nodiscard]] ContestantPtr second_contestant(const Contestant& first);
    /// Makes the request of the chosen worker, which is `one`'s.
    [[nodiscard]] Result<void> equip(Contestant& one);
    /// From now on `to` is the chosen worker.
    void turn(Contestant& from, Contestant& to);
    void note_outrun(Contestant& loser, bool was_first);
    void note_first_byte();
    [[nodiscard]] net::Awaitable<Attempt> answer(upstream::Exchange& exchange, const UpstreamRequest& sent);
    [[nodiscard]] net::Awaitable<Attempt> relay_success(upstream::Exchange& exchange, const UpstreamRequest& sent);
    /// For an error that came inside of a success, with the id by which the provider's support will find it.
    [[nodiscard]] Reply lost_answer_reply(const UpstreamRequest& sent) const;
    /// Reads an error answer and keeps it as `refusal_`, to be sent now or when nobody is left to ask.
    [[nodiscard]] net::Awaitable<Attempt> answer_error(upstream::Exchange& exchange, const UpstreamRequest& sent);

    /// What is known of a failed attempt beyond its class.
    struct LossFacts {
        LossFacts() = default;
        int status = 0;
        std::optional<bool> should_retry;
        std::optional<double> wait;  ///< seconds that the answer asks for
        bool may_differ_elsewhere = false;
    };
    /// Takes note of a failed attempt: breaker, pauses, the stored key, metrics. Says whether the request may go on.
    [[nodiscard]] Attempt lose(workers::FailureClass kind, const LossFacts& facts);
    void note_for_worker(const workers::FailureRule& rule, const LossFacts& facts);

    /// The body from its first piece on, which is not its last.
    [[nodiscard]] net::Awaitable<void> pass_pieces(upstream::Exchange& exchange, http::ResponseHead head, upstream::Piece first, UsageReader* usage);
    /// The client gets the last word that is known.
    [[nodiscard]] net::Awaitable<void> tell();
    [[nodiscard]] net::Awaitable<void> send_refusal();

    /// A provider's error, in the client's words already.
    struct Refusal {
        Reply reply;
        codec::ProviderError error;
        bool timed_out = false;  ///< it is the gateway's own word: it did not wait any longer
    };
    struct LostAnswer {
        workers::FailureClass kind;
        codec::ProviderError error;
    };

    CallOptions& options_;
    Admission::Place place_;
    TokenReservation reservation_;
    Attempts attempts_;
    workers::BreakerPass pass_;         ///< of the attempt that runs
    std::optional<routing::NoRoute> own_no_route_;  ///< why nobody could take it for the model that was asked for
    std::vector<std::string> skipped_;  ///< breakers that let another request try in the meantime
    std::optional<LostAnswer> lost_answer_;
    std::optional<Refusal> refusal_;
    std::optional<Error> unreachable_;  ///< of the last attempt, where no provider's word stands for it
    workers::Clock::time_point began_{};  ///< the request was there: all its time counts from here
    net::Duration paused_{0};             ///< before the attempt that comes
    bool paid_ = false;                   ///< it is charged to the retry budget
    std::chrono::milliseconds retry_after_{0};
    bool relaying_ = false;                       ///< a success is on its way
    std::optional<workers::FailureClass> erred_;  ///< and it turned out to be none
    bool spent_ = false;                          ///< the gateway's own chances: the client's SDK is not to multiply them
};

}  // namespace smg::gateway
