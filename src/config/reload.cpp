#include "config/reload.hpp"

#include <algorithm>

#include "config/apply.hpp"

namespace smg::config {
namespace {

bool same(const Secret& a, const Secret& b) { return a.reveal() == b.reveal(); }

bool same(const Vendor& a, const Vendor& b) {
    return a.name == b.name && a.aliases == b.aliases && a.hosts == b.hosts && a.models == b.models && a.api_root == b.api_root &&
           a.header == b.header && a.scheme == b.scheme && a.query == b.query && a.native == b.native && a.key_prefixes == b.key_prefixes &&
           a.request_headers == b.request_headers && a.stream_usage == b.stream_usage;
}

template <typename T>
bool same(const T& a, const T& b) {
    return a == b;
}

/// A setting that is read once, when the process starts.
struct Fixed {
    const char* name;
    bool (*differs)(const Config&, const Config&);
    void (*keep)(const Config& running, Config& wanted);
};

template <auto... Path>
constexpr Fixed fixed(const char* name) {
    return {name, [](const Config& a, const Config& b) { return !same(member_at<Path...>(a), member_at<Path...>(b)); },
            [](const Config& running, Config& wanted) { member_at<Path...>(wanted) = member_at<Path...>(running); }};
}

constexpr Fixed all_fixed[] = {
    fixed<&Config::hosts>("host"),
    fixed<&Config::port>("port"),
    fixed<&Config::threads>("threads"),
    fixed<&Config::health_check_port>("health-check-port"),
    fixed<&Config::tls_cert_path>("tls-cert-path"),
    fixed<&Config::tls_key_path>("tls-key-path"),
    fixed<&Config::tls_client_ca_path>("tls-client-ca-path"),
    fixed<&Config::request_id_headers>("request-id-headers"),
    fixed<&Config::enable_igw>("enable-igw"),
    fixed<&Config::state_path>("state"),
    fixed<&Config::state_key>("SMG_STATE_KEY"),
    fixed<&Config::allow_upstream>("allow-upstream"),
    fixed<&Config::prometheus_hosts>("prometheus-host"),
    fixed<&Config::prometheus_port>("prometheus-port"),
    fixed<&Config::prometheus_duration_buckets>("prometheus-duration-buckets"),
    fixed<&Config::metrics_max_models>("metrics-max-models"),
    fixed<&Config::log_json>("log-json"),
    fixed<&Config::log_dir>("log-dir"),
    fixed<&Config::log_max_files>("log-max-files"),
    fixed<&Config::log_bodies>("log-bodies"),
    fixed<&Config::audit_log>("disable-audit-logging"),
    fixed<&Config::prices_path>("prices"),
    fixed<&Config::enable_trace>("enable-trace"),
    fixed<&Config::otlp_traces_endpoint>("otlp-traces-endpoint"),
    fixed<&Config::shutdown_grace>("shutdown-grace-period-secs"),
    fixed<&Config::max_memory>("max-memory"),
    fixed<&Config::upstream_ca_path>("upstream-ca-path"),
};

}  // namespace

std::vector<std::string> needing_restart(const Config& running, const Config& wanted) {
    std::vector<std::string> names;
    for (const auto& each : all_fixed)
        if (each.differs(running, wanted)) names.emplace_back(each.name);
    return names;
}

bool same_vendors(const Config& a, const Config& b) {
    return std::equal(a.vendors.begin(), a.vendors.end(), b.vendors.begin(), b.vendors.end(),
                      [](const Vendor& left, const Vendor& right) { return same(left, right); });
}

Config applicable(const Config& running, Config wanted) {
    for (const auto& each : all_fixed) each.keep(running, wanted);
    return wanted;
}

}  // namespace smg::config
