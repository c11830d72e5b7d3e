#pragma once
/// Everything that is worth knowing about one request, as one value: the access-log line, the metrics and later the trace span are
/// made of it. It holds no secret: credentials never enter it, and `target` is cut by `redact_target` wherever it is shown.
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/money.hpp"

namespace smg::telemetry {

/// How a request ended, seen from the client. `unknown` only while it is still open.
enum class Outcome {
    unknown,
    complete,       ///< the whole answer was handed over, and it was a success
    client_closed,  ///< the client left before the end
    upstream_cut,   ///< the provider broke off in the middle of an answer
    timeout,        ///< a time limit of ours ran out
    error,          ///< an error answer
};

/// Whose credential went upstream.
enum class KeySource { none, stored, caller };

[[nodiscard]] std::string_view to_string(Outcome outcome) noexcept;
[[nodiscard]] std::string_view to_string(KeySource source) noexcept;

/// What token counts rest on.
enum class UsageBasis {
    none,
    reported,   ///< the provider's final word
    partial,    ///< the provider's, of an answer that did not come to its end
    estimated,  ///< the gateway's, since such an answer brought none, or an old one
};
/// `reported`, `partial`, `estimated`; empty for none.
[[nodiscard]] std::string_view to_string(UsageBasis basis) noexcept;

/// Whether it was let in, where there are limits to how much is.
enum class Admission { none, allowed, rejected };

/// Parts of the counts that are no text, where the provider tells them apart: they have prices of their own. Absent: not told, or none.
struct MediaTokens {
    std::optional<std::uint64_t> audio_input;
    std::optional<std::uint64_t> audio_cached;  ///< of `audio_input`
    std::optional<std::uint64_t> audio_output;
    std::optional<std::uint64_t> image_input;
    std::optional<std::uint64_t> image_output;
    friend bool operator==(const MediaTokens&, const MediaTokens&) = default;
};

/// Token counts of an answer; `input` includes cached ones, `output` includes reasoning. Absent: not reported.
struct TokenCounts {
    UsageBasis basis = UsageBasis::none;
    std::optional<std::uint64_t> input;
    std::optional<std::uint64_t> output;
    std::optional<std::uint64_t> cached;
    std::optional<std::uint64_t> cache_write;
    std::optional<std::uint64_t> reasoning;
    std::optional<std::uint64_t> cache_write_1h;  ///< the part of `cache_write` that is kept for an hour
    MediaTokens media;
    std::optional<std::uint64_t> web_searches;    ///< that the provider made and bills apart
    std::string service_tier;                     ///< `priority`, `flex`, …, as the provider says it served; empty: standard
    std::optional<Picodollars> stated_cost;       ///< the provider's own word
};

/// Where the cost of a request comes from. It rests on the same basis as its tokens.
enum class CostSource {
    none,      ///< no tokens, so no cost
    stated,    ///< the provider said it
    table,     ///< the price table
    unpriced,  ///< the price table does not know the model
};
/// `provider`, `prices`, `unpriced`; empty for none.
[[nodiscard]] std::string_view to_string(CostSource source) noexcept;

/// Lives in the request's coroutine and is written on its loop's thread only; handed to the log and the metrics at the end.
struct RequestRecord {
    using Clock = std::chrono::steady_clock;
    using Moment = Clock::time_point;

    // What was asked.
    std::string request_id;
    bool fresh_request_id = false;  ///< the gateway made it: letters and digits that hold no key
    std::string client;  ///< the peer's address, without its port
    std::string method;
    std::string target;    ///< as it came in; the log cuts credentials out of it
    std::string path;      ///< the route's template, `/v1/models/{id}`, or `other`: a metric label, so bounded
    std::string endpoint;  ///< `chat`, `messages`, `generate_content`, `models`, …; empty: no route matched
    std::string user_agent;
    std::string model;  ///< as the client named it
    bool streaming = false;
    std::string tenant;  ///< whose key it brought; empty: nobody in particular
    Admission admission = Admission::none;

    // Where it went. `router_type` stays empty for what was refused before a worker was looked for; then no smg_router_* metric counts it.
    std::string router_type;   ///< `openai`, `anthropic`, `gemini` or `http`; where no worker took it, of whom the model's name names
    std::string backend_type;  ///< `external` or `regular`
    std::string provider;
    std::string worker;        ///< its name or id
    std::string model_sent;    ///< as the provider was asked for it
    std::string_view policy;   ///< that chose the worker; a literal
    bool model_known = false;  ///< the registry knows the model: its name may become a metric label
    KeySource key_source = KeySource::none;
    int attempts = 0;             ///< how many times it was sent upstream
    std::string attempt_reasons;  ///< why attempts failed, `main:429 spare:upstream_unreachable`; bounded: see `attempt_failed`

    // What came back.
    int status = 0;
    std::string error_code;  ///< `X-SMG-Error-Code`; empty on success
    Outcome outcome = Outcome::unknown;
    std::string upstream_request_id;
    int upstream_status = 0;      ///< of the last attempt; 0: no answer
    std::uint64_t bytes_in = 0;   ///< of the request's body
    std::uint64_t bytes_out = 0;  ///< of the answer, head included
    TokenCounts usage;
    std::optional<Picodollars> cost;  ///< empty: nobody knows
    CostSource cost_source = CostSource::none;

    // When. A moment that never came is the epoch: see `passed`. Those behind `routed` tell of the last attempt.
    Moment accepted{};  ///< the connection was; only of its first request
    Moment started{};   ///< the request's first byte, or as near to it as is known
    Moment head_read{};
    Moment body_read{};
    Moment admitted{};      ///< it had its place among the requests under way
    Moment routed{};        ///< a worker was chosen
    Moment connected{};     ///< a connection to it is there, fresh or reused
    Moment sent{};          ///< the request was written upstream
    Moment first_byte{};    ///< of the provider's answer
    Moment first_output{};  ///< the first model output on its way to the client
    Moment ended{};

    /// The head has been read; `began` is when its first byte came, where that is known.
    void start(Moment began = Clock::now()) noexcept { started = began, head_read = Clock::now(); }
    void body_read_at(Moment now = Clock::now()) noexcept { body_read = now; }
    void admitted_at(Moment now = Clock::now()) noexcept { admitted = now; }
    void routed_at(Moment now = Clock::now()) noexcept { routed = now; }
    void connected_at(Moment now = Clock::now()) noexcept { connected = now; }
    void sent_at(Moment now = Clock::now()) noexcept { sent = now; }
    void first_byte_at(Moment now = Clock::now()) noexcept { first_byte = now; }
    /// Only the first call counts.
    void first_output_at(Moment now = Clock::now()) noexcept {
        if (!passed(first_output)) first_output = now;
    }
    /// An attempt failed: `reason` is a status or an error code, a word. Texts beyond 512 bytes are left out.
    void attempt_failed(std::string_view its_worker, std::string_view reason);
    /// The last byte has gone, or never will. Says how it ended where nobody said so before.
    void finish(bool client_left, Moment now = Clock::now()) noexcept;

    [[nodiscard]] static bool passed(Moment moment) noexcept { return moment != Moment{}; }
    /// From `started` to `moment`, in seconds; 0 for a moment that never came.
    [[nodiscard]] double seconds_until(Moment moment) const noexcept;
    /// The phase that it had reached: `read_head`, `read_body`, `route`, `connect`, `send`, `wait` or `relay`.
    [[nodiscard]] std::string_view phase() const noexcept;
    /// Who ended it: `client`, `provider` or `gateway`.
    [[nodiscard]] std::string_view ended_by() const noexcept;
};

}  // namespace smg::telemetry
