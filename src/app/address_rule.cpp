#include "app/address_rule.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

namespace smg::app {
namespace {

namespace ip = net::asio::ip;

/// Networks of both families; a single address is a network of its full length.
struct Networks {
    std::vector<ip::network_v4> v4;
    std::vector<ip::network_v6> v6;

    void add(const ip::address& address) {
        if (address.is_v4()) {
            v4.emplace_back(address.to_v4(), 32);
        } else {
            v6.emplace_back(address.to_v6(), 128);
        }
    }

    [[nodiscard]] bool hold(ip::address address) const {
        if (address.is_v6() && address.to_v6().is_v4_mapped()) address = ip::make_address_v4(ip::v4_mapped, address.to_v6());
        if (address.is_v4()) {
            for (const auto& network : v4) {
                if (network.canonical().network() == ip::network_v4(address.to_v4(), network.prefix_length()).canonical().network()) return true;
            }
            return false;
        }
        for (const auto& network : v6)
            if (network.canonical().network() == ip::network_v6(address.to_v6(), network.prefix_length()).canonical().network()) return true;
        return false;
    }
};

bool add_network(const std::string& entry, Networks& networks) {
    net::error_code code;
    const auto v4 = ip::make_network_v4(entry, code);
    if (!code) {
        networks.v4.push_back(v4);
        return true;
    }
    const auto v6 = ip::make_network_v6(entry, code);
    if (!code) networks.v6.push_back(v6);
    return !code;
}

bool add_host(const std::string& entry, Networks& networks) {
    net::error_code code;
    if (const auto address = ip::make_address(entry, code); !code) {
        networks.add(address);
        return true;
    }
    net::asio::io_context context;
    ip::tcp::resolver resolver(context);
    const auto found = resolver.resolve(entry, "", code);
    if (code) return false;
    for (const auto& each : found) networks.add(each.endpoint().address());
    return true;
}

}  // namespace

Result<net::AddressRule> make_address_rule(const std::vector<std::string>& allowed) {
    if (allowed.empty()) return net::AddressRule();
    Networks networks;
    for (const auto& entry : allowed) {
        const bool added = entry.find('/') != std::string::npos ? add_network(entry, networks) : add_host(entry, networks);
        if (!added) return fail(Failure::invalid_request, "--allow-upstream " + entry + ": no such network, address or host", "allow_upstream");
    }
    return net::AddressRule([networks](const ip::address& address) { return networks.hold(address); });
}

}  // namespace smg::app
