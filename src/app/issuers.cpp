/// Who may use the control plane, and the keys of those who issue its tokens.
#include <thread>
#include <utility>

#include "admin/issuer_fetch.hpp"
#include "app/gateway_server.hpp"

namespace smg::app {
namespace {

constexpr auto wait_time = std::chrono::seconds(2);

}  // namespace

Result<admin::AccessRules> GatewayServer::access_rules(const config::Config& config) {
    auto rules = admin::ControlPlaneOptions(config).access;
    if (rules.jwt.issuer.empty()) return rules;
    auto source = admin::IssuerSource::of(rules.jwt);
    if (!source) return tl::unexpected(source.error());
    if (issuer_keys_.empty() || issuer_.issuer != rules.jwt.issuer || issuer_.jwks_uri != rules.jwt.jwks_uri) {
        auto& loop = (*watching_loop_)[0];
        auto fetch = [this, &pool = issuer_pools_->of(loop), source = std::move(*source)](net::Cancellation& cancellation) {
            return admin::fetch_issuer_keys(pool, source, shown_config_.get().proxies, cancellation);
        };
        issuer_keys_.push_back(std::make_shared<admin::IssuerKeys>(loop, std::move(fetch)));
        issuer_ = rules.jwt;
    }
    rules.issuer_keys = issuer_keys_.back();
    return rules;
}

void GatewayServer::wait_for_issuers() const {
    const auto until = std::chrono::steady_clock::now() + wait_time;
    for (const auto& keys : issuer_keys_)
        while (!keys->idle() && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(std::chrono::milliseconds(2));
}

}  // namespace smg::app
