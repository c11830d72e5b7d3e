#pragma once
/// What can go wrong with one attempt at a worker, and what follows from it: one table (docs/reliability.md), not a rule for each status.
#include <optional>
#include <string_view>
#include <vector>

namespace smg::workers {

enum class FailureClass {
    unreachable,       ///< no connection: nobody has seen the request
    timed_out,         ///< it was written, and no answer began in time
    cut,               ///< the connection broke, or the body ended, before any output
    malformed,         ///< what came is no answer
    overloaded,        ///< 503, 529, or an error that says so
    server_error,      ///< 408, 500, 502, 504
    odd_server_error,  ///< any other 5xx: whether the request was carried out is not known
    rate_limited,      ///< 429 that passes by itself
    quota,             ///< the money, or a day's or month's budget, is spent: 402, `insufficient_quota`, a spend limit
    credential,        ///< the key was refused
    forbidden,         ///< 403: this key may not do that
    conflict,          ///< 409
    not_found,         ///< 404
    context_too_long,
    content_refused,  ///< the provider's rules on content
    bad_request,      ///< whatever else is the request's own fault
};
inline constexpr int failure_classes = 16;

/// Whether a request may be sent again.
enum class SentAgain {
    never,
    stream_only,  ///< a stream, as long as none of its output has gone to the client
    stream_once,  ///< likewise, and once only: the first try may be billed
    when_told,    ///< only with `x-should-retry: true`
    always,
};

/// What an attempt's end tells a circuit breaker.
enum class BreakerEffect { none, success, failure };

struct FailureRule {
    FailureClass kind;
    std::string_view name;  ///< label of metrics and logs
    SentAgain again;        ///< to another worker
    bool same_worker;       ///< and, when nobody else is left, to the same one after a pause
    bool about_the_key;     ///< another worker's stored key may fare better, whatever `x-should-retry` says; a caller's own key would not
    bool cools;             ///< the wait that the answer states (or `default_pause`) pauses the worker, for stored keys
    bool avoids;            ///< without such a wait, others are preferred to the worker for a while (`Counters::avoid`)
    double default_pause;   ///< seconds; 0: no pause that is not stated
    BreakerEffect breaker;  ///< for the worker and model
    int client_status;      ///< 0: the provider's own
};

/// The row of a class.
[[nodiscard]] const FailureRule& rule_of(FailureClass kind) noexcept;

/// The circumstances of a failed attempt.
struct FailureFacts {
    FailureClass kind = FailureClass::bad_request;
    int status = 0;       ///< of an explicit error answer; 0: none
    bool stream = false;  ///< a stream without output so far
    bool callers_key = false;
    bool timed_out_before = false;       ///< an earlier attempt of this request did
    std::optional<bool> should_retry{};  ///< the provider's `x-should-retry`
};

struct Verdict {
    bool elsewhere = false;
    bool same_worker = false;
};

/// `retryable_status_codes` (a worker's own; null: none) replaces what the table says of explicit statuses, except for keys.
[[nodiscard]] Verdict verdict_of(const FailureFacts& facts, const std::vector<int>* retryable_status_codes = nullptr);

}  // namespace smg::workers
