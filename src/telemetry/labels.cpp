#include "telemetry/labels.hpp"

#include <algorithm>
#include <array>

#include "base/error.hpp"
#include "telemetry/utf8.hpp"

namespace smg::telemetry {
namespace {

constexpr std::size_t longest_label = 128;
constexpr std::array<std::string_view, 7> methods{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"};

}  // namespace

std::string label_text(std::string_view text) {
    std::string label;
    while (!text.empty()) {
        const auto length = utf8_length(text);
        if (label.size() + std::max<std::size_t>(length, 1) > longest_label) break;
        const bool control = length == 1 && (static_cast<unsigned char>(text[0]) < 0x20 || text[0] == 0x7f);
        if (length == 0 || control)
            label += '?';
        else
            label.append(text.substr(0, length));
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return label;
}

std::string_view method_label(std::string_view method) noexcept {
    const auto known = std::find(methods.begin(), methods.end(), method);
    return known == methods.end() ? other : *known;
}

std::string_view error_code_label(std::string_view code) noexcept {
    if (code.empty()) return code;
    for (auto failure = 0; failure <= static_cast<int>(Failure::upstream_timeout); ++failure)
        if (code == error_code(static_cast<Failure>(failure))) return error_code(static_cast<Failure>(failure));
    return other;
}

std::string_view error_type(const RequestRecord& request) noexcept {
    const std::string_view code = request.error_code;
    if (code.empty() && request.outcome == Outcome::upstream_cut) return "backend_error";
    if (code.empty() && request.outcome == Outcome::timeout) return "timeout";
    if (code.empty()) return request.status >= 500 ? "backend_error" : request.status >= 400 ? "validation_error" : "";
    // A provider's own word, on which the gateway's code rests, is no lack of workers.
    const bool answered = request.upstream_status != 0;
    if (!answered && (code == "service_unavailable" || code == "model_not_found")) return "no_workers";
    // Nobody was asked: the gateway's own limits, or every worker resting.
    if (!answered && request.attempts == 0 && (code == "rate_limit_exceeded" || code == "insufficient_quota"))
        return request.admission == Admission::rejected ? "validation_error" : "no_workers";
    if (code == "upstream_timeout" || code == "request_timeout") return "timeout";
    if (code == "internal_error" || code == "not_supported") return "internal_error";
    for (const std::string_view backend : {"upstream_error", "upstream_credential", "rate_limit_exceeded", "insufficient_quota"})
        if (code == backend) return "backend_error";
    // One inside a stream whose head was a success is no fault of the request.
    return request.status >= 500 || request.status < 400 ? "backend_error" : "validation_error";
}

std::string ModelLabels::admit(std::string_view model) {
    if (model.empty()) return std::string(other);
    auto label = label_text(model);
    const std::lock_guard lock(mutex_);
    if (admitted_.contains(label)) return label;
    if (admitted_.size() >= most_) return std::string(other);
    admitted_.insert(label);
    return label;
}

}  // namespace smg::telemetry
