#include "http/message.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "http/characters.hpp"
#include "http/chunked.hpp"
#include "http/head_parser.hpp"

namespace smg::http {
namespace {

/// A head in parts is looked at as it comes, so that bytes that are no HTTP at all are refused at once, not when the time is up.
Result<void> check_partial(std::string_view text, std::size_t from) {
    for (auto i = from; i < text.size(); ++i) {
        const bool line_end = text[i] == '\n' || (text[i] == '\r' && (i + 1 == text.size() || text[i + 1] == '\n'));
        if (!line_end && !is_field_value_char(text[i])) return fail(Failure::invalid_request, "the head holds a control character");
    }
    return {};
}

Framing frame(const RequestHead&, const FramingFields& fields, bool) {
    Framing framing;
    if (fields.chunked) {
        framing.kind = BodyKind::chunked;
    } else if (fields.length) {
        framing.kind = BodyKind::sized;
        framing.length = *fields.length;
    }
    return framing;
}

/// RFC 9112 section 6.3.
Framing frame(const ResponseHead& head, const FramingFields& fields, bool no_body) {
    Framing framing;
    if (no_body || head.status < 200 || head.status == 204 || head.status == 304) {
        // A body where none may be: what follows cannot be told from the next answer.
        const bool promised = head.status < 200 || head.status == 204 ? fields.chunked || fields.length.value_or(0) > 0 : false;
        framing.keep_alive = head.status != 101 && (no_body || !promised);
    } else if (fields.chunked) {
        framing.kind = BodyKind::chunked;
    } else if (fields.length) {
        framing.kind = BodyKind::sized;
        framing.length = *fields.length;
    } else {
        framing.kind = BodyKind::until_close;
        framing.keep_alive = false;
    }
    return framing;
}

}  // namespace

template <bool is_request>
struct MessageReader<is_request>::State {
    enum class Phase { head, body, complete, failed };

    explicit State(HeadLimits head_limits) : limits(head_limits) {}

    Result<Step> feed_head(std::string_view bytes);
    Result<Step> gather_head(std::string_view bytes, std::size_t skipped);
    Result<std::size_t> skip_empty_line(std::string_view bytes);
    Result<void> take_head(std::string_view text);
    Result<Step> feed_body(std::string_view bytes);

    HeadLimits limits;
    Phase phase = Phase::head;
    bool started = false;
    bool no_body = false;
    bool interim = false;          ///< the head is a 1xx answer's
    bool empty_line_cr = false;    ///< the CR of an empty line before the head was consumed
    bool empty_line_seen = false;
    HeadEndFinder finder;
    std::string partial;           ///< of a head that came in parts
    Head head;
    Framing framing;
    std::uint64_t remaining = 0;   ///< of a sized body
    ChunkedReader chunks;
};

/// RFC 9112 section 2.2: one empty line before a request is forgiven. More would be a way to keep a connection busy with nothing.
template <bool is_request>
Result<std::size_t> MessageReader<is_request>::State::skip_empty_line(std::string_view bytes) {
    std::size_t skipped = 0;
    if (!is_request || started) return skipped;
    if (!empty_line_cr && !empty_line_seen && bytes.front() == '\r') {
        empty_line_cr = true;
        ++skipped;
    }
    if (empty_line_cr && skipped < bytes.size()) {
        if (bytes[skipped] != '\n') return fail(Failure::invalid_request, "a line does not end in CR LF");
        empty_line_cr = false;
        empty_line_seen = true;
        ++skipped;
    }
    return skipped;
}

template <bool is_request>
auto MessageReader<is_request>::State::feed_head(std::string_view bytes) -> Result<Step> {
    const auto skipped = skip_empty_line(bytes);
    if (!skipped) return tl::unexpected(skipped.error());
    bytes.remove_prefix(*skipped);
    if (bytes.empty()) return Step{*skipped, {}};
    started = true;
    if (!partial.empty()) return gather_head(bytes, *skipped);
    // The usual case: the whole head in one piece, parsed where it lies.
    const auto end = finder.find(bytes.substr(0, limits.max_bytes));
    if (!end) return tl::unexpected(end.error());
    if (!*end) {
        finder = HeadEndFinder();
        return gather_head(bytes, *skipped);
    }
    if (auto taken = take_head(bytes.substr(0, **end)); !taken) return tl::unexpected(taken.error());
    return Step{*skipped + **end, {}};
}

template <bool is_request>
auto MessageReader<is_request>::State::gather_head(std::string_view bytes, std::size_t skipped) -> Result<Step> {
    const auto before = partial.size();
    partial.append(bytes.substr(0, limits.max_bytes - before));
    const auto end = finder.find(partial);
    if (!end) return tl::unexpected(end.error());
    if (!*end) {
        if (auto checked = check_partial(partial, before == 0 ? 0 : before - 1); !checked) return tl::unexpected(checked.error());
        if (partial.size() >= limits.max_bytes) return fail(Failure::headers_too_large, "the head of the message is too large");
        return Step{skipped + bytes.size(), {}};
    }
    if (auto taken = take_head(std::string_view(partial).substr(0, **end)); !taken) return tl::unexpected(taken.error());
    std::string().swap(partial);
    return Step{skipped + **end - before, {}};
}

template <bool is_request>
Result<void> MessageReader<is_request>::State::take_head(std::string_view text) {
    auto fields = parse_head(text, finder.lines(), limits.max_fields, head);
    if (!fields) return tl::unexpected(fields.error());
    framing = frame(head, *fields, no_body);
    if (fields->close || (head.version == 10 && !fields->keep_alive)) framing.keep_alive = false;
    if constexpr (!is_request) interim = head.status < 200;
    remaining = framing.length;
    const bool empty = framing.kind == BodyKind::none || (framing.kind == BodyKind::sized && remaining == 0);
    phase = empty ? Phase::complete : Phase::body;
    return {};
}

template <bool is_request>
auto MessageReader<is_request>::State::feed_body(std::string_view bytes) -> Result<Step> {
    if (framing.kind == BodyKind::until_close) return Step{bytes.size(), bytes};
    if (framing.kind == BodyKind::sized) {
        const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), remaining));
        remaining -= size;
        if (remaining == 0) phase = Phase::complete;
        return Step{size, bytes.substr(0, size)};
    }
    const auto step = chunks.feed(bytes);
    if (!step) return tl::unexpected(step.error());
    if (chunks.complete()) phase = Phase::complete;
    return Step{step->consumed, step->body};
}

template <bool is_request>
MessageReader<is_request>::MessageReader(HeadLimits limits) : state_(std::make_unique<State>(limits)) {}
template <bool is_request>
MessageReader<is_request>::~MessageReader() = default;
template <bool is_request>
MessageReader<is_request>::MessageReader(MessageReader&&) noexcept = default;
template <bool is_request>
MessageReader<is_request>& MessageReader<is_request>::operator=(MessageReader&&) noexcept = default;

template <bool is_request>
auto MessageReader<is_request>::feed(std::string_view bytes) -> Result<Step> {
    using Phase = typename State::Phase;
    if (state_->phase == Phase::failed) return fail(Failure::invalid_request, "the message was malformed before");
    if (bytes.empty() || state_->phase == Phase::complete) return Step{};
    auto step = state_->phase == Phase::head ? state_->feed_head(bytes) : state_->feed_body(bytes);
    if (!step) state_->phase = Phase::failed;
    return step;
}

template <bool is_request>
Result<void> MessageReader<is_request>::feed_end() {
    if (state_->phase == State::Phase::body && state_->framing.kind == BodyKind::until_close) state_->phase = State::Phase::complete;
    if (complete()) return {};
    return fail(Failure::invalid_request, "the connection was closed before the message was complete");
}

template <bool is_request>
bool MessageReader<is_request>::started() const noexcept {
    return state_->started;
}

template <bool is_request>
bool MessageReader<is_request>::head_complete() const noexcept {
    return state_->phase == State::Phase::body || state_->phase == State::Phase::complete;
}

template <bool is_request>
bool MessageReader<is_request>::complete() const noexcept {
    return state_->phase == State::Phase::complete;
}

template <bool is_request>
auto MessageReader<is_request>::head() const noexcept -> const Head& {
    return state_->head;
}

template <bool is_request>
auto MessageReader<is_request>::head() noexcept -> Head& {
    return state_->head;
}

template <bool is_request>
const Framing& MessageReader<is_request>::framing() const noexcept {
    return state_->framing;
}

template <bool is_request>
void MessageReader<is_request>::expect_no_body() noexcept {
    state_->no_body = true;
}

template <bool is_request>
void MessageReader<is_request>::reset() {
    const bool no_body = state_->no_body && state_->interim;
    *state_ = State(state_->limits);
    state_->no_body = no_body;
}

template class MessageReader<true>;
template class MessageReader<false>;

}  // namespace smg::http
