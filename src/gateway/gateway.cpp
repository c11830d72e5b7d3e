#include "gateway/gateway.hpp"

#include "gateway/embedding_call.hpp"
#include "gateway/error_reply.hpp"
#include "gateway/forwarding.hpp"
#include "gateway/generation.hpp"
#include "gateway/token_count_call.hpp"

namespace smg::gateway {

Gateway::Gateway(net::EventLoops& loops, workers::Registry& registry, upstream::Pools& pools, fleet::RegistryWatch& watch, GatewayOptions options,
                 std::uint64_t seed)
    : options_(std::move(options)),
      pools_(pools),
      watch_(watch),
      policy_state_(seed),
      admission_(options_.get().admission),
      retry_budget_(loops.size()) {
    for (std::size_t i = 0; i < loops.size(); ++i) snapshots_.emplace_back(registry);
}

Result<void> Gateway::admit(const ClientRequest& request) const {
    auto access = check_access(request, options().access);
    if (!access) return tl::unexpected(access.error());
    return {};
}

net::Awaitable<void> Gateway::generate(providers::ApiFormat format, ClientRequest& request, ClientResponse& response) {
    Generation generation(*this, format, request, response);
    co_await generation.run();
}

net::Awaitable<void> Gateway::embed(providers::ApiFormat format, ClientRequest& request, ClientResponse& response) {
    EmbeddingCall call(*this, format, request, response);
    co_await call.run();
}

net::Awaitable<void> Gateway::count_tokens(providers::ApiFormat format, ClientRequest& request, ClientResponse& response) {
    TokenCountCall call(*this, format, request, response);
    co_await call.run();
}

net::Awaitable<void> Gateway::forward(const ForwardRule& rule, ClientRequest& request, ClientResponse& response) {
    Forwarding forwarding(*this, rule, request, response);
    co_await forwarding.run();
}

net::Awaitable<void> Gateway::refuse_family(std::string_view raw_path, ClientRequest& request, ClientResponse& response) {
    const Error error(Failure::not_supported, request.path + " is not served here; " + std::string(raw_path) + request.path +
                                                  " passes plain HTTP requests (no WebSocket) to such a worker as they are");
    auto reply = error_reply(request.shape, error, request.request_id);
    reply.head.fields.set("x-request-id", request.request_id);
    request.record.error_code = error_code(error.failure);
    co_await response.respond(std::move(reply.head), reply.body);
}

}  // namespace smg::gateway
