#pragma once
/// Somebody who shares the gateway with others: a key, what it may ask for, and how much of it (contract section 8, `[[tenants]]`).
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "gateway/token_bucket.hpp"
#include "smg/config.hpp"

namespace smg::gateway {

/// Shared by all threads; what changes in it, its budgets, synchronises itself.
class Tenant {
public:
    explicit Tenant(const config::Tenant& settings);

    [[nodiscard]] const config::Tenant& settings() const noexcept { return settings_; }
    [[nodiscard]] const std::string& name() const noexcept { return settings_.name; }
    /// Its allow-list has the model; without a list every model is allowed. An entry that ends in `*` stands for all that begin so; case does not
    /// matter.
    [[nodiscard]] bool may_use(std::string_view model) const noexcept;
    [[nodiscard]] bool is_restricted() const noexcept { return !settings_.models.empty(); }

    /// One request and the tokens that it is expected to take; zero when there is room for both. Else nothing is taken, and this is how long it
    /// will be until there is.
    [[nodiscard]] std::chrono::milliseconds reserve(double tokens, net::TimePoint now);
    /// The request took so many tokens where `reserved` was expected.
    void settle(double reserved, double used, net::TimePoint now);

private:
    const config::Tenant settings_;
    std::optional<TokenBucket> requests_;
    std::optional<TokenBucket> tokens_;
};

using TenantPtr = std::shared_ptr<Tenant>;

/// Tokens that are set aside for one request of a tenant. Whatever way the request ends, the destructor gives back what it did not use.
class TokenReservation {
public:
    TokenReservation() = default;
    TokenReservation(TenantPtr tenant, double tokens) : tenant_(std::move(tenant)), reserved_(tokens) {}
    TokenReservation(TokenReservation&& other) noexcept = default;
    TokenReservation& operator=(TokenReservation&& other) noexcept;
    TokenReservation(const TokenReservation&) = delete;
    TokenReservation& operator=(const TokenReservation&) = delete;
    ~TokenReservation() { release(); }

    /// What was really used, as far as is known by now. The last word counts.
    void used(double tokens) noexcept { used_ = tokens; }

private:
    void release() noexcept;

    TenantPtr tenant_;
    double reserved_ = 0;
    double used_ = 0;
};

}  // namespace smg::gateway
