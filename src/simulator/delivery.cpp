#include "simulator/delivery.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "base/secret.hpp"
#include "simulator/text.hpp"

namespace smg::simulator {
namespace {

/// Which provider's form a key has; empty when it tells nothing.
std::string_view form_of(std::string_view key) {
    const std::pair<std::string_view, std::string_view> forms[] = {
        {"sk-ant-", "anthropic"}, {"xai-", "xai"},          {"AIza", "gemini"},       {"AQ.", "gemini"},
        {"sk-proj-", "openai"},   {"sk-svcacct-", "openai"}, {"sk-admin-", "openai"},
    };
    for (const auto& [prefix, provider] : forms)
        if (key.substr(0, prefix.size()) == prefix) return provider;
    return {};
}

Ending ending_of(const Steering& steering) {
    if (steering.cut) return Ending::cut;
    return steering.stall ? Ending::hang : Ending::complete;
}

}  // namespace

std::uint64_t Call::seed(std::string_view purpose) const { return hash_of(request.body, hash_of(purpose, number)); }

std::string bearer_of(const http::Fields& fields) {
    const auto value = fields.get("authorization");
    constexpr std::string_view scheme = "bearer ";
    return istarts_with(value, scheme) ? std::string(trim(value.substr(scheme.size()))) : std::string();
}

KeyCheck check_key(const Call& call, std::string_view provider, std::string_view key) {
    if (key.empty()) return KeyCheck::missing;
    if (!call.options.api_key.empty()) return Secret(call.options.api_key).matches(key) ? KeyCheck::right : KeyCheck::wrong;
    const auto form = form_of(key);
    return form.empty() || form == provider ? KeyCheck::right : KeyCheck::wrong;
}

SimulatedReply whole_reply(const Call& call, int status, http::Fields fields, std::string body, const Steering& steering) {
    SimulatedReply reply;
    reply.status = status;
    reply.fields = std::move(fields);
    reply.body = std::move(body);
    reply.latency = call.options.latency;
    reply.ending = ending_of(steering);
    return reply;
}

std::size_t pieces_of(const Call& call, const Steering& steering) {
    return std::max<std::size_t>(1, steering.chunks ? static_cast<std::size_t>(*steering.chunks) : call.options.chunks);
}

SimulatedReply streamed_reply(const Call& call, http::Fields fields, std::vector<std::string> events, std::string error_event,
                              std::string terminator, const Steering& steering) {
    auto interval = steering.interval.value_or(call.options.chunk_interval);
    if (steering.slow) interval = std::max(interval, std::chrono::milliseconds(100));
    const bool breaks = steering.error_event || steering.error_first || steering.cut || steering.stall;
    if (breaks) events.resize(steering.error_first ? 0 : std::max<std::size_t>(1, events.size() / 2));
    SimulatedReply reply;
    reply.fields = std::move(fields);
    reply.streamed = true;
    reply.latency = call.options.latency;
    for (auto& event : events) reply.pieces.emplace_back(std::move(event), reply.pieces.empty() ? std::chrono::milliseconds(0) : interval);
    if (steering.error_event || steering.error_first) {
        reply.pieces.emplace_back(std::move(error_event), interval);
    } else if (breaks) {
        reply.ending = ending_of(steering);
    } else if (!terminator.empty()) {
        reply.pieces.emplace_back(std::move(terminator));
    }
    return reply;
}

bool ends_early(const Call& call, const Steering& steering, const http::Fields& fields, SimulatedReply& reply) {
    if (steering.reset || steering.hang) {
        reply = whole_reply(call, 200, {}, {});
        reply.silent = true;
        reply.ending = steering.reset ? Ending::cut : Ending::hang;
        return true;
    }
    if (steering.html) {
        http::Fields page;
        page.add("Content-Type", "text/html; charset=UTF-8");
        page.add("Server", "cloudflare");
        reply = whole_reply(call, 502, std::move(page), "<html><head><title>502 Bad Gateway</title></head><body>Bad Gateway</body></html>\n");
        return true;
    }
    if (!steering.malformed) return false;
    reply = whole_reply(call, 200, fields, "{\"id\":\"broken\",");
    return true;
}

}  // namespace smg::simulator
