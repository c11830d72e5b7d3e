#pragma once
/// A request for model output, in any format: Chat Completions, Responses, Messages, generateContent.
#include <optional>
#include <string_view>

#include "gateway/adapt.hpp"
#include "gateway/call.hpp"
#include "gateway/dispatch.hpp"
#include "gateway/fallback_models.hpp"
#include "gateway/stream_relay.hpp"

namespace smg::gateway {

class Generation final : public Dispatch {
public:
    Generation(Gateway& gateway, providers::ApiFormat format, ClientRequest& request, ClientResponse& response);

private:
    [[nodiscard]] Result<void> read() override;
    [[nodiscard]] std::uint64_t most_output_tokens() const override;
    /// What a response continues is held by the worker that made it.
    void find_holder();
    void begin() override;
    void describe(routing::RouteRequest& wanted) const override;
    [[nodiscard]] bool describe_others() override;
    [[nodiscard]] Result<void> adapt(UpstreamRequest& out) override { return gateway::adapt(call_, *choice_, decoded_, out); }
    [[nodiscard]] net::Awaitable<void> relay(upstream::Exchange& exchange, const UpstreamRequest& sent) override;
    [[nodiscard]] bool streaming() const override { return call_.stream; }
    [[nodiscard]] std::string_view hedged_model() const override;
    [[nodiscard]] bool may_differ_elsewhere(const http::ResponseHead& head, const codec::ProviderError& error) const override;
    void see_front(std::string_view front) override;
    [[nodiscard]] net::Awaitable<void> end_begun(const codec::ProviderError& error) override;
    void stop_keep_alives() noexcept override { relay_.stop_keep_alives(); }

    [[nodiscard]] net::Awaitable<void> relay_stream(upstream::Exchange& exchange, const UpstreamRequest& sent);
    [[nodiscard]] net::Awaitable<void> translate_unary(upstream::Exchange& exchange, const UpstreamRequest& sent);
    /// A whole answer as the client's format spells it; takes note of its usage. Errors (upstream_error): it is none of the provider's format.
    [[nodiscard]] Result<std::string> in_clients_format(std::string body, const UpstreamRequest& sent);
    [[nodiscard]] codec::ClientView client_view() const;
    void bind_answer(std::string_view id);
    /// Of an answer that succeeded.
    [[nodiscard]] http::ResponseHead answer_head(const upstream::Exchange& exchange, const UpstreamRequest& sent) const;

    Call call_;
    StreamRelay relay_;
    DecodedRequest decoded_;
    FallbackModels fallbacks_;
};

}  // namespace smg::gateway
