/// A request's body: read within its limits, kept in memory or in an unnamed file, its coding undone.
#include <algorithm>
#include <utility>

#include "base/ascii.hpp"
#include "codec/json_members.hpp"
#include "http/content_coding.hpp"
#include "server/session.hpp"

namespace smg::server {
namespace {

/// What is set aside for a body at once; a larger one grows as it arrives, so that a length alone costs no memory.
constexpr std::uint64_t body_reserve = 1024 * 1024;
/// A form larger than this holds files, which belong on the disk.
constexpr std::uint64_t spool_beyond = 256 * 1024;

Result<void> keep_body(gateway::ClientRequest& request, std::string_view piece, bool may_spool) {
    if (!request.spooled && (!may_spool || request.body.size() + piece.size() <= spool_beyond)) {
        request.body.append(piece);
        return {};
    }
    if (!request.spooled) {
        auto file = TemporaryFile::create();
        if (!file) return tl::unexpected(file.error());
        request.spooled = std::move(*file);
        auto moved = request.spooled->append(std::exchange(request.body, {}));
        if (!moved) return moved;
    }
    return request.spooled->append(piece);
}

/// Bodies are plain to whoever is behind, here and at the provider.
Result<void> undo_coding(gateway::ClientRequest& request, std::size_t limit) {
    const auto coding = request.head.fields.get("content-encoding");
    if (coding.empty() || request.payload_size() == 0) return {};
    if (request.spooled) return fail(Failure::unsupported_media_type, "a multipart form must come without content-encoding", "content-encoding");
    auto plain = http::decode_content(coding, std::move(request.body), limit);
    if (!plain) return tl::unexpected(plain.error());
    request.body = std::move(*plain);
    request.head.fields.erase("content-encoding");
    return {};
}

}  // namespace

bool Session::wants_continue(const http::RequestHead& head) noexcept {
    return head.version == 11 && iequals(head.fields.get("expect"), "100-continue");
}

Session::Reading Session::too_large(std::uint64_t limit) {
    problem_ = Error(Failure::payload_too_large, "the body is larger than " + std::to_string(limit) + " bytes");
    return Reading::failed;
}

net::Awaitable<Session::Reading> Session::read_body(gateway::ClientRequest& request) {
    const bool form = istarts_with(trim(request.head.fields.get("content-type")), "multipart/");
    const auto limit = form ? service_.limits.get().max_upload_bytes : service_.limits.get().max_body_bytes;
    const auto& framing = reader_.framing();
    if (framing.kind == http::BodyKind::sized && framing.length > limit) co_return too_large(limit);
    if (!reader_.complete() && !inbox_.holds_bytes() && wants_continue(request.head)) {
        constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
        const auto code = co_await stream_->write(go_on, {});
        if (code) co_return Reading::closed;
    }
    // With the room that lets it be scanned where it lies.
    request.body.reserve(std::min(framing.length, form ? spool_beyond : body_reserve) + codec::json_padding);
    timed_out_ = false;
    while (!reader_.complete()) {
        auto bytes = inbox_.at_hand();
        if (bytes.empty()) {
            deadline_.set_after(service_.limits.get().body_timeout);
            const auto received = co_await inbox_.read();
            if (timed_out_) {
                problem_ = Error(Failure::request_timeout, "the request's body did not arrive in time");
                co_return Reading::failed;
            }
            if (received.code) co_return Reading::closed;
            bytes = received.data;
        }
        while (!bytes.empty() && !reader_.complete()) {
            const auto step = reader_.feed(bytes);
            if (!step) {
                problem_ = step.error();
                co_return Reading::failed;
            }
            bytes_in_ += step->body.size();
            if (!keep_piece(request, step->body, form)) co_return Reading::failed;
            bytes.remove_prefix(step->consumed);
        }
        inbox_.lend(bytes);
    }
    inbox_.own();
    deadline_.clear();
    if (auto plain = undo_coding(request, limit); !plain) {
        problem_ = std::move(plain.error());
        co_return Reading::failed;
    }
    co_return Reading::complete;
}

bool Session::keep_piece(gateway::ClientRequest& request, std::string_view piece, bool form) {
    const auto limit = form ? service_.limits.get().max_upload_bytes : service_.limits.get().max_body_bytes;
    if (request.payload_size() + piece.size() > limit) {
        (void)too_large(limit);
        return false;
    }
    auto kept = keep_body(request, piece, form);
    if (kept && request.spooled) held_.release();
    if (kept && !held_.hold(request.body.size()))
        kept = fail(Failure::service_unavailable, "the bodies of all requests together are too large just now");
    if (!kept) problem_ = std::move(kept.error());
    return kept.has_value();
}

}  // namespace smg::server
