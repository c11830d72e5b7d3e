#include "workers/failure_class.hpp"

#include <algorithm>
#include <array>

namespace smg::workers {
namespace {

using enum FailureClass;
using Again = SentAgain;
using Breaker = BreakerEffect;

/// Spent money does not come back within seconds; a worker that has none is not asked by every request.
constexpr double quota_pause = 30;

//                                                        again               same   key    cools  avoid  pause        breaker           client
constexpr std::array<FailureRule, failure_classes> rules{{
    {unreachable, "unreachable", Again::always, true, false, false, false, 0, Breaker::failure, 502},
    {timed_out, "timeout", Again::stream_once, false, false, false, false, 0, Breaker::failure, 504},
    {cut, "cut", Again::stream_only, true, false, false, false, 0, Breaker::failure, 502},
    {malformed, "malformed", Again::stream_only, true, false, false, false, 0, Breaker::failure, 502},
    {overloaded, "overloaded", Again::always, true, false, true, true, 0, Breaker::failure, 0},
    {server_error, "server_error", Again::always, true, false, true, false, 0, Breaker::failure, 0},
    {odd_server_error, "odd_server_error", Again::never, false, false, false, false, 0, Breaker::failure, 0},
    {rate_limited, "rate_limited", Again::always, true, false, true, true, 0, Breaker::none, 0},
    {quota, "quota", Again::always, false, true, true, false, quota_pause, Breaker::none, 429},
    {credential, "credential", Again::always, false, true, false, false, 0, Breaker::none, 0},
    {forbidden, "forbidden", Again::always, false, true, false, true, 0, Breaker::none, 0},
    {conflict, "conflict", Again::when_told, true, false, false, false, 0, Breaker::success, 0},
    {not_found, "not_found", Again::never, false, false, false, false, 0, Breaker::success, 0},
    {context_too_long, "context_too_long", Again::never, false, false, false, false, 0, Breaker::success, 0},
    {content_refused, "content_refused", Again::never, false, false, false, false, 0, Breaker::success, 0},
    {bad_request, "bad_request", Again::never, false, false, false, false, 0, Breaker::success, 0},
}};

constexpr bool in_order() {
    for (int i = 0; i < failure_classes; ++i)
        if (static_cast<int>(rules[static_cast<std::size_t>(i)].kind) != i) return false;
    return true;
}
static_assert(in_order(), "a class is the index of its row");

}  // namespace

const FailureRule& rule_of(FailureClass kind) noexcept { return rules[static_cast<std::size_t>(kind)]; }

Verdict verdict_of(const FailureFacts& facts, const std::vector<int>* retryable_status_codes) {
    const auto& rule = rule_of(facts.kind);
    if (rule.about_the_key) return {!facts.callers_key, false};
    bool again = rule.again == SentAgain::always || (rule.again == SentAgain::when_told && facts.should_retry == true) ||
                 (rule.again == SentAgain::stream_only && facts.stream) ||
                 (rule.again == SentAgain::stream_once && facts.stream && !facts.timed_out_before);
    bool same = rule.same_worker;
    if (retryable_status_codes != nullptr && facts.status != 0) {
        again = std::find(retryable_status_codes->begin(), retryable_status_codes->end(), facts.status) != retryable_status_codes->end();
        same = again;
    }
    if (facts.should_retry == false) again = false;
    return {again, again && same};
}

}  // namespace smg::workers
