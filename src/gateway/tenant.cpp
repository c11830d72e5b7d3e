#include "gateway/tenant.hpp"

#include <algorithm>
#include <utility>

#include "base/ascii.hpp"

namespace smg::gateway {
namespace {

constexpr double minute = 60;

std::optional<double> per_minute(const std::optional<std::uint64_t>& count) {
    return count ? std::optional(static_cast<double>(*count)) : std::nullopt;
}

bool fits(std::string_view pattern, std::string_view model) {
    if (pattern.ends_with('*')) return istarts_with(model, pattern.substr(0, pattern.size() - 1));
    return iequals(pattern, model);
}

}  // namespace

Tenant::Tenant(const config::Tenant& settings) : settings_(settings) {
    if (const auto count = per_minute(settings_.requests_per_minute)) requests_.emplace(*count, *count / minute);
    if (const auto count = per_minute(settings_.tokens_per_minute)) tokens_.emplace(*count, *count / minute);
}

bool Tenant::may_use(std::string_view model) const noexcept {
    const auto& models = settings_.models;
    return models.empty() || std::any_of(models.begin(), models.end(), [&](const auto& pattern) { return fits(pattern, model); });
}

std::chrono::milliseconds Tenant::reserve(double tokens, net::TimePoint now) {
    if (tokens_)
        if (const auto wait = tokens_->take(tokens, now); wait.count() > 0) return wait;
    if (!requests_) return {};
    const auto wait = requests_->take(1, now);
    if (wait.count() > 0 && tokens_) tokens_->settle(std::min(tokens, tokens_->capacity()), now);
    return wait;
}

void Tenant::settle(double reserved, double used, net::TimePoint now) {
    if (tokens_) tokens_->settle(std::min(reserved, tokens_->capacity()) - used, now);
}

TokenReservation& TokenReservation::operator=(TokenReservation&& other) noexcept {
    if (this != &other) {
        release();
        tenant_ = std::move(other.tenant_);
        reserved_ = other.reserved_;
        used_ = other.used_;
    }
    return *this;
}

void TokenReservation::release() noexcept {
    if (const auto tenant = std::exchange(tenant_, nullptr)) tenant->settle(reserved_, used_, std::chrono::steady_clock::now());
}

}  // namespace smg::gateway
