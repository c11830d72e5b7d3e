#include <arpa/inet.h>

#include <cstring>

#include "base/ascii.hpp"
#include "config/load.hpp"
#include "config/values.hpp"

namespace smg::config {
namespace {

struct Address {
    unsigned char bytes[16] = {};
    int bits = 0;  ///< 32 or 128; 0: not an address
};

Address address_of(std::string_view text) noexcept {
    if (text.size() > 2 && text.front() == '[' && text.back() == ']') text = text.substr(1, text.size() - 2);
    Address address;
    const std::string terminated(text);
    if (inet_pton(AF_INET, terminated.c_str(), address.bytes) == 1)
        address.bits = 32;
    else if (inet_pton(AF_INET6, terminated.c_str(), address.bytes) == 1)
        address.bits = 128;
    return address;
}

bool shares_prefix(const Address& a, const Address& b, std::int64_t length) noexcept {
    for (std::int64_t bit = 0; bit < length; ++bit) {
        const auto byte = static_cast<std::size_t>(bit / 8);
        const auto mask = 0x80U >> (bit % 8);
        if ((a.bytes[byte] & mask) != (b.bytes[byte] & mask)) return false;
    }
    return true;
}

bool is_loopback(std::string_view host, const Address& address) noexcept {
    if (address.bits == 32) return address.bytes[0] == 127;
    static constexpr unsigned char one[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    if (address.bits == 128) return std::memcmp(address.bytes, one, sizeof one) == 0;
    return iequals(host, "localhost") || (host.size() > 10 && iequals(host.substr(host.size() - 10), ".localhost"));
}

/// Cuts `:port` off an entry; false when it names another port. A bare IPv6 address has more than one colon and no port.
bool port_matches(std::string_view& entry, std::uint16_t port) noexcept {
    const auto colon = entry.rfind(':');
    if (colon == std::string_view::npos || address_of(entry).bits == 128 || entry.find('/') != std::string_view::npos) return true;
    const auto wanted = whole_number(entry.substr(colon + 1));
    entry = entry.substr(0, colon);
    return wanted && *wanted == port;
}

bool excluded(std::string_view entry, std::string_view host, const Address& address, std::uint16_t port) noexcept {
    if (entry == "*") return true;
    if (!port_matches(entry, port)) return false;
    if (const auto slash = entry.find('/'); slash != std::string_view::npos) {
        const auto network = address_of(entry.substr(0, slash));
        const auto length = whole_number(entry.substr(slash + 1));
        return network.bits != 0 && network.bits == address.bits && length && *length >= 0 && *length <= network.bits &&
               shares_prefix(network, address, *length);
    }
    if (const auto single = address_of(entry); single.bits != 0) return single.bits == address.bits && shares_prefix(single, address, single.bits);
    if (entry.starts_with("*.")) entry.remove_prefix(1);
    const bool suffix_only = entry.starts_with(".");
    if (suffix_only) entry.remove_prefix(1);
    if (entry.empty() || address.bits != 0) return false;
    if (iequals(host, entry)) return true;
    return host.size() > entry.size() && host[host.size() - entry.size() - 1] == '.' && iequals(host.substr(host.size() - entry.size()), entry);
}

/// curl reads http_proxy in lower case only, as a request's `Proxy:` header becomes HTTP_PROXY in a CGI; a gateway is no CGI.
std::string either_case(const Environment& environment, std::string_view lower, std::string_view upper, std::string& variable) {
    for (const auto name : {lower, upper}) {
        const auto entry = environment.find(name);
        if (entry == environment.end() || trim(entry->second).empty()) continue;
        variable = name;
        return std::string(trim(entry->second));
    }
    return {};
}

}  // namespace

bool is_loopback_host(std::string_view host) noexcept { return is_loopback(host, address_of(host)); }

const Proxy* Proxies::choose(bool tls, std::string_view host, std::uint16_t port) const noexcept {
    const auto& proxy = tls ? https : http;
    if (!proxy) return nullptr;
    const auto address = address_of(host);
    if (is_loopback(host, address)) return nullptr;
    for (const auto& entry : no_proxy)
        if (excluded(entry, host, address, port)) return nullptr;
    return &*proxy;
}

Loaded<std::vector<std::string>> read_proxies(const Environment& environment, const std::optional<Proxy>& chosen, Config& config) {
    std::string variable;
    for (const auto& entry : split_list(either_case(environment, "no_proxy", "NO_PROXY", variable), ','))
        config.proxies.no_proxy.push_back(ascii_lower(entry));
    if (chosen) {
        config.proxies.https = config.proxies.http = chosen;
        return std::vector<std::string>{};
    }
    const auto read = [&](std::string_view lower, std::string_view upper, std::optional<Proxy>& proxy) {
        const auto url = either_case(environment, lower, upper, variable);
        if (!url.empty()) proxy = parse_proxy(url);
        return url.empty() || proxy;
    };
    if (!read("https_proxy", "HTTPS_PROXY", config.proxies.https) || !read("http_proxy", "HTTP_PROXY", config.proxies.http))
        return refuse(variable + ": the value is not of the form http://[USER:PASSWORD@]HOST[:PORT]");
    return std::vector<std::string>{};
}

}  // namespace smg::config
