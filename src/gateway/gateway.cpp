#include "gateway/gateway.hpp"

#include "gateway/generation.hpp"

namespace smg::gateway {

Gateway::Gateway(net::EventLoops& loops, workers::Registry& registry, upstream::Pools& pools, fleet::RegistryWatch& watch, GatewayOptions options)
    : options_(std::move(options)), pools_(pools), watch_(watch) {
    for (std::size_t i = 0; i < loops.size(); ++i) snapshots_.emplace_back(registry);
}

Result<void> Gateway::admit(const ClientRequest& request) const {
    auto access = check_access(request, options_.access);
    if (!access) return tl::unexpected(access.error());
    return {};
}

net::Awaitable<void> Gateway::generate(providers::ApiFormat format, ClientRequest& request, ClientResponse& response) {
    Generation generation(*this, format, request, response);
    co_await generation.run();
}

}  // namespace smg::gateway
