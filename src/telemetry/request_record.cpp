#include "telemetry/request_record.hpp"

namespace smg::telemetry {

std::string_view to_string(Outcome outcome) noexcept {
    switch (outcome) {
        case Outcome::unknown: return "unknown";
        case Outcome::complete: return "complete";
        case Outcome::client_closed: return "client_closed";
        case Outcome::upstream_cut: return "upstream_cut";
        case Outcome::timeout: return "timeout";
        case Outcome::error: return "error";
    }
    return "unknown";
}

std::string_view to_string(UsageBasis basis) noexcept {
    switch (basis) {
        case UsageBasis::reported: return "reported";
        case UsageBasis::partial: return "partial";
        case UsageBasis::estimated: return "estimated";
        case UsageBasis::none: break;
    }
    return {};
}

std::string_view to_string(KeySource source) noexcept {
    switch (source) {
        case KeySource::none: return "none";
        case KeySource::stored: return "stored";
        case KeySource::caller: return "caller";
    }
    return "none";
}

std::string_view to_string(CostSource source) noexcept {
    switch (source) {
        case CostSource::stated: return "provider";
        case CostSource::table: return "prices";
        case CostSource::unpriced: return "unpriced";
        case CostSource::none: break;
    }
    return {};
}

void RequestRecord::attempt_failed(std::string_view its_worker, std::string_view reason) {
    constexpr std::size_t most = 512;
    if (attempt_reasons.size() + its_worker.size() + reason.size() + 2 > most) return;
    if (!attempt_reasons.empty()) attempt_reasons += ' ';
    attempt_reasons.append(its_worker).append(":").append(reason);
}

void RequestRecord::finish(bool client_left, Moment now) noexcept {
    ended = now;
    if (outcome != Outcome::unknown) return;
    if (client_left)
        outcome = Outcome::client_closed;
    else if (status == 408 || status == 504)
        outcome = Outcome::timeout;
    else
        outcome = status >= 400 || status == 0 ? Outcome::error : Outcome::complete;
}

std::string_view RequestRecord::ended_by() const noexcept {
    if (outcome == Outcome::client_closed) return "client";
    if (outcome == Outcome::timeout) return "gateway";
    // An error of the gateway's own may stand behind a provider's success: an answer that could not be read.
    const bool in_stream = outcome == Outcome::error && status != 0 && status < 400;  // an error event of the provider's
    const bool providers =
        outcome == Outcome::upstream_cut || ((outcome == Outcome::complete || in_stream) && upstream_status != 0) || upstream_status >= 400;
    return providers ? "provider" : "gateway";
}

double RequestRecord::seconds_until(Moment moment) const noexcept {
    return passed(moment) && passed(started) ? std::chrono::duration<double>(moment - started).count() : 0.0;
}

std::string_view RequestRecord::phase() const noexcept {
    if (passed(first_byte)) return "relay";
    if (passed(sent)) return "wait";
    if (passed(connected)) return "send";
    if (passed(routed)) return "connect";
    if (passed(body_read)) return "route";
    return passed(head_read) ? "read_body" : "read_head";
}

}  // namespace smg::telemetry
