/// The gateway's listening sockets: bound or inherited, shown, handed over.
#include "app/gateway_server.hpp"

namespace smg::app {
namespace {

std::vector<std::string> hosts_of(const std::vector<std::string>& configured) {
    return configured.empty() ? std::vector<std::string>{"localhost"} : configured;
}

/// An error of a listener, with the flags that it comes from.
Result<void> naming(std::string_view flags, Result<void> bound) {
    if (!bound) bound.error().message += " (" + std::string(flags) + ")";
    return bound;
}

std::vector<std::string> urls_of(const server::Listener& listener, bool tls) {
    std::vector<std::string> urls;
    for (const auto& endpoint : listener.endpoints()) {
        const auto address = endpoint.address().to_string();
        urls.push_back(std::string(tls ? "https://" : "http://") + (endpoint.address().is_v6() ? "[" + address + "]" : address) + ":" +
                       std::to_string(endpoint.port()));
    }
    return urls;
}

}  // namespace

Result<std::shared_ptr<net::asio::ssl::context>> GatewayServer::make_tls() const {
    if (config_.tls_cert_path.empty()) return std::shared_ptr<net::asio::ssl::context>();
    return net::make_tls_server_context(config_.tls_cert_path, config_.tls_key_path, config_.tls_client_ca_path);
}

Result<void> GatewayServer::build_listeners() {
    const auto tls = make_tls();
    if (!tls) return tl::unexpected(tls.error());
    listener_ = std::make_unique<server::Listener>(*loops_, service_, *tls);
    const auto bind = [](server::Listener& listener, const std::vector<int>& inherited, const std::vector<std::string>& hosts, std::uint16_t port) {
        return inherited.empty() ? listener.listen(hosts_of(hosts), port) : listener.adopt(inherited);
    };
    if (auto bound = bind(*listener_, inherited_.http, config_.hosts, config_.port); !bound) return naming("--host, --port", std::move(bound));
    metrics_listener_ = std::make_unique<server::Listener>(*watching_loop_, metrics_service_, nullptr);
    const auto& metrics_hosts = config_.prometheus_hosts.empty() ? config_.hosts : config_.prometheus_hosts;
    if (auto bound = bind(*metrics_listener_, inherited_.metrics, metrics_hosts, config_.prometheus_port); !bound)
        return naming("--prometheus-host, --prometheus-port", std::move(bound));
    if (!config_.health_check_port && inherited_.probes.empty()) return {};
    probe_listener_ = std::make_unique<server::Listener>(*watching_loop_, probe_service_, nullptr);
    return naming("--host, --health-check-port", bind(*probe_listener_, inherited_.probes, config_.hosts, config_.health_check_port.value_or(0)));
}

std::vector<std::string> GatewayServer::urls() const { return urls_of(*listener_, !config_.tls_cert_path.empty()); }
std::vector<std::string> GatewayServer::metrics_urls() const { return urls_of(*metrics_listener_, false); }

std::vector<std::string> GatewayServer::probe_urls() const {
    return probe_listener_ ? urls_of(*probe_listener_, false) : std::vector<std::string>();
}

std::vector<std::pair<std::string, int>> GatewayServer::listening_sockets() const {
    std::vector<std::pair<std::string, int>> all;
    const auto add = [&all](const char* name, const std::unique_ptr<server::Listener>& listener) {
        if (!listener) return;
        for (const int each : listener->descriptors()) all.emplace_back(name, each);
    };
    add("http", listener_);
    add("metrics", metrics_listener_);
    add("probes", probe_listener_);
    return all;
}

}  // namespace smg::app
