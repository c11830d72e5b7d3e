#include "simulator/simulated_provider.hpp"

#include <array>
#include <cmath>

#include "base/ascii.hpp"
#include "simulator/delivery.hpp"
#include "simulator/json.hpp"
#include "simulator/providers.hpp"
#include "simulator/text.hpp"

namespace smg::simulator {
namespace {

constexpr std::array<std::string_view, 4> names = {"openai", "anthropic", "xai", "gemini"};

/// Cuts `/openai` and its like off the front; empty when the path begins otherwise.
std::string_view named_by_segment(std::string& path) {
    for (const auto name : names) {
        const auto rest = std::string_view(path).substr(0, name.size() + 1);
        if (rest.size() != name.size() + 1 || rest.substr(1) != name) continue;
        if (path.size() > rest.size() && path[rest.size()] != '/') continue;
        path.erase(0, rest.size());
        if (path.empty()) path.push_back('/');
        return name;
    }
    return {};
}

bool names_grok(const std::string& body) {
    const auto parsed = parse_json(body);
    return parsed && parsed->is_object() && istarts_with(text_member(*parsed, "model"), "grok-");
}

std::string_view guess(const SimulatedRequest& request, const std::string& path) {
    const auto& fields = request.fields;
    if (path.starts_with("/v1beta") || path.starts_with("/v1alpha") || fields.contains("x-goog-api-key")) return "gemini";
    if (path.starts_with("/v1/messages") || fields.contains("anthropic-version") || fields.contains("x-api-key")) return "anthropic";
    if (bearer_of(fields).starts_with("xai-") || names_grok(request.body)) return "xai";
    return "openai";
}

SimulatedReply reply_of(std::string_view provider, const Call& call) {
    if (provider == "anthropic") return anthropic_reply(call);
    if (provider == "xai") return xai_reply(call);
    if (provider == "gemini") return gemini_reply(call);
    return openai_reply(call);
}

/// Every `1/rate`-th request: the whole part of count × rate grows at it.
bool is_due(const FailRule& rule, std::uint64_t count) {
    const auto share = [&](std::uint64_t n) { return std::floor(static_cast<double>(n) * rule.rate + 1e-9); };
    return share(count) > share(count - 1);
}

}  // namespace

SimulatedRequest::SimulatedRequest(std::string request_method, std::string request_target, http::Fields request_fields, std::string request_body)
    : method(std::move(request_method)), fields(std::move(request_fields)), body(std::move(request_body)) {
    const auto mark = request_target.find('?');
    path = request_target.substr(0, mark);
    if (mark != std::string::npos) query = request_target.substr(mark + 1);
}

std::string SimulatedReply::content() const {
    if (!streamed) return body;
    std::string all;
    for (const auto& piece : pieces) all += piece.bytes;
    return all;
}

SimulatedProvider::SimulatedProvider(SimulatorOptions options) : options_(std::move(options)), memory_(std::make_shared<Memory>()) {}

SimulatedReply SimulatedProvider::reply(const SimulatedRequest& request) {
    Call call{request, options_, *memory_, request.path, ++requests_};
    auto provider = named_by_segment(call.path);
    if (!options_.provider.empty() && options_.provider != "all") {
        provider = options_.provider;
    } else if (provider.empty()) {
        provider = guess(request, call.path);
    }
    if (request.method == "POST") {
        const auto count = ++posts_;
        for (const auto& rule : options_.fail)
            if (call.forced_status == 0 && is_due(rule, count)) call.forced_status = rule.status;
    }
    return reply_of(provider, call);
}

}  // namespace smg::simulator
