#include "config/settings_limits.hpp"

#include "config/apply.hpp"

namespace smg::config {
namespace {

using std::chrono::seconds;
constexpr auto config = &Draft::config;
constexpr double day = 86400;
constexpr std::int64_t most = 1LL << 53;  // beyond it a JSON number is no longer exact

Checked take_most_requests(Draft& draft, const Values& values) {
    const auto most_requests = whole_number(values.front());
    if (!most_requests || *most_requests == 0 || *most_requests < -1 || *most_requests > most)
        return Problem{values.front(), "is neither -1 nor a whole number from 1 to " + std::to_string(most)};
    draft.config.admission.max_concurrent = *most_requests;
    return std::nullopt;
}

Checked take_request_rate(Draft& draft, const Values& values) {
    const auto rate = number(values.front());
    if (!rate || *rate <= 0 || *rate > 1e9) return Problem{values.front(), "is not a number of requests a second above 0"};
    draft.config.admission.requests_per_second = *rate;
    return std::nullopt;
}

}  // namespace

std::vector<Setting> limit_settings() {
    return {
        {"request-timeout-secs", Kind::single, "S", "1800", "to the answer's head, and of a unary request to its end",
         time<seconds, config, &Config::request_timeout>(1, day)},
        {"connect-timeout-secs", Kind::single, "S", "10", "name, connection and TLS", time<seconds, config, &Config::connect_timeout>(0.001, 3600)},
        {"first-byte-timeout-secs", Kind::single, "S", "600", "to a stream's first byte",
         time<seconds, config, &Config::first_byte_timeout>(0.001, day)},
        {"idle-timeout-secs", Kind::single, "S", "300", "longest silence in a stream", time<seconds, config, &Config::idle_timeout>(0.001, day)},
        {"sse-keepalive-secs", Kind::single, "S", "15", "keep-alives in a stream's silences; 0: none",
         time<seconds, config, &Config::sse_keepalive>(0, day)},
        {"head-timeout-secs", Kind::single, "S", "10", "for a request's head to arrive", time<seconds, config, &Config::head_timeout>(0.001, 3600)},
        {"body-timeout-secs", Kind::single, "S", "60", "longest silence inside a request's body",
         time<seconds, config, &Config::body_timeout>(0.001, 3600)},
        {"shutdown-grace-period-secs", Kind::single, "S", "180", "for open requests after SIGTERM",
         time<seconds, config, &Config::shutdown_grace>(0, day)},
        {"max-payload-size", Kind::single, "BYTES", "67108864", "of a JSON body", whole<config, &Config::max_payload_size>(1, most)},
        {"max-upload-size", Kind::single, "BYTES", "536870912", "of a multipart form", whole<config, &Config::max_upload_size>(1, most)},
        {"max-buffered-bytes", Kind::single, "BYTES", "1073741824", "of all bodies in memory together",
         whole<config, &Config::max_buffered_bytes>(1, most)},
        {"max-memory", Kind::single, "BYTES", "", "resident memory beyond which no new request is taken",
         whole<config, &Config::max_memory>(1, most)},
        {"max-concurrent-requests", Kind::single, "N", "-1", "requests under way at once, to their last byte; -1: any number",
         take_most_requests},
        {"queue-size", Kind::single, "N", "100", "how many more may wait for a place",
         whole<config, &Config::admission, &AdmissionSettings::queue_size>(0, 10'000'000)},
        {"queue-timeout-secs", Kind::single, "S", "60", "how long they may wait",
         time<seconds, config, &Config::admission, &AdmissionSettings::queue_timeout>(0.001, day)},
        {"rate-limit-tokens-per-second", Kind::single, "N", "", "new requests a second", take_request_rate},
    };
}

}  // namespace smg::config
