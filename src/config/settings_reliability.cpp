#include "config/settings_reliability.hpp"

#include <utility>

#include "config/apply.hpp"

namespace smg::config {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
constexpr auto config = &Draft::config;
constexpr double day = 86400;
constexpr std::int64_t most_results = 1'000'000;

}  // namespace

std::vector<Setting> reliability_settings() {
    return {
        {"retry-max-retries", Kind::single, "N", "5", "how many times a request may be sent in all",
         whole<config, &Config::retry, &RetrySettings::max_attempts>(1, 100)},
        {"retry-initial-backoff-ms", Kind::single, "MS", "50", "pause before the same worker is asked again; another one is asked at once",
         time<milliseconds, config, &Config::retry, &RetrySettings::initial_backoff>(0, 600000)},
        {"retry-max-backoff-ms", Kind::single, "MS", "30000", "the longest pause, also of those that a provider asks for",
         time<milliseconds, config, &Config::retry, &RetrySettings::max_backoff>(0, 600000)},
        {"retry-backoff-multiplier", Kind::single, "FACTOR", "1.5", "by which each pause is longer than the one before",
         decimal<config, &Config::retry, &RetrySettings::backoff_multiplier>(1, 100, "a number from 1 to 100")},
        {"retry-jitter-factor", Kind::single, "SHARE", "0.2", "of a pause that chance adds or takes",
         decimal<config, &Config::retry, &RetrySettings::jitter_factor>(0, 1, "a number from 0 to 1")},
        {"disable-retries", Kind::toggle, "", "false", "send every request once", flag<config, &Config::retry, &RetrySettings::enabled>(false)},
        {"cb-failure-threshold", Kind::single, "N", "10", "failures in a row after which a worker is left alone for that model",
         whole<config, &Config::breaker, &BreakerSettings::failure_threshold>(1, most_results)},
        {"cb-success-threshold", Kind::single, "N", "3", "trials in a row that bring it back",
         whole<config, &Config::breaker, &BreakerSettings::success_threshold>(1, most_results)},
        {"cb-timeout-duration-secs", Kind::single, "S", "60", "how long it is left alone before a trial",
         time<seconds, config, &Config::breaker, &BreakerSettings::timeout>(0.001, day)},
        {"cb-window-duration-secs", Kind::single, "S", "120", "in which half of 20 or more failing does the same",
         time<seconds, config, &Config::breaker, &BreakerSettings::window>(0.001, day)},
        {"disable-circuit-breaker", Kind::toggle, "", "false", "leave no worker alone, however it fails",
         flag<config, &Config::breaker, &BreakerSettings::enabled>(false)},
        {"hedge", Kind::single, "off|p95", "off",
         "p95: ask a second worker when the first is slower than 95 % of the model's answers; the first to answer wins",
         one_of<bool, config, &Config::hedge, &HedgeSettings::enabled>({{"off", false}, {"p95", true}})},
        {"hedge-max-share", Kind::single, "SHARE", "0.05", "of the requests that may be sent to a second worker in this way",
         decimal<config, &Config::hedge, &HedgeSettings::max_share>(0, 1, "a number from 0 to 1")},
        {"remove-unhealthy-workers", Kind::toggle, "", "false", "remove a worker that health takes out, instead of waiting for it",
         flag<config, &Config::health, &HealthSettings::remove_unhealthy>()},
    };
}

}  // namespace smg::config
