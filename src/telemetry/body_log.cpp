#include "telemetry/body_log.hpp"

#include <algorithm>

#include "telemetry/log.hpp"
#include "telemetry/redact.hpp"

namespace smg::telemetry {
namespace {

void write_one(std::string_view message, std::string_view request_id, const BodyCapture& body, const std::vector<std::string>& secrets) {
    log_event(Level::info, message, {{"request_id", std::string(request_id)}, {"bytes", body.bytes()}, {"body", body.shown(secrets)}});
}

}  // namespace

void BodyCapture::add(std::string_view piece) {
    bytes_ += piece.size();
    if (kept_.size() < most_kept) kept_.append(piece.substr(0, most_kept - kept_.size()));
}

std::string BodyCapture::shown(const std::vector<std::string>& secrets) const {
    auto text = kept_;
    for (const auto& secret : secrets) cut_out(text, secret);
    text = redact(text);
    if (text.size() > most_shown) text.resize(most_shown);
    return text;
}

void BodyLog::write(std::string_view request_id) const {
    write_one("request body", request_id, request, secrets);
    write_one("answer body", request_id, answer, secrets);
}

}  // namespace smg::telemetry
