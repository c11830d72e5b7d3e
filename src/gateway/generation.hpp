#pragma once
/// A request for model output, in any format: Chat Completions, Responses, Messages, generateContent.
#include <optional>
#include <string_view>

#include "gateway/adapt.hpp"
#include "gateway/call.hpp"
#include "gateway/dispatch.hpp"
#include "gateway/fallback_models.hpp"
#include "gateway/held_state.hpp"
#include "gateway/stream_relay.hpp"

namespace smg::gateway {

class Generation final : public Dispatch {
public:
    Generation(Gateway& gateway, providers::ApiFormat format, ClientRequest& request, ClientResponse& response);

private:
    [[nodiscard]] Result<void> read() override;
    [[nodiscard]] std::uint64_t most_output_tokens() const override;
    /// What a response continues, encrypted reasoning and uploaded files are of use to the worker alone that issued them.
    void find_holder();
    /// Sends the request to the worker that holds this state, if it is known and serves the model.
    bool bind_to_holder(std::string_view id);
    void begin() override;
    void describe(routing::RouteRequest& wanted) const override;
    [[nodiscard]] bool describe_others() override;
    [[nodiscard]] Result<void> adapt(UpstreamRequest& out) override { return gateway::adapt(call_, *choice_, decoded_, out); }
    [[nodiscard]] net::Awaitable<void> relay(upstream::Exchange& exchange, const UpstreamRequest& sent) override;
    [[nodiscard]] bool streaming() const override { return call_.stream; }
    [[nodiscard]] std::string_view hedged_model() const override;
    [[nodiscard]] bool may_differ_elsewhere(const http::ResponseHead& head, const codec::ProviderError& error) const override;
    void see_piece(std::string_view piece, bool first) override;
    [[nodiscard]] net::Awaitable<void> end_begun(const codec::ProviderError& error) override;
    void stop_keep_alives() noexcept override { relay_.stop_keep_alives(); }

    [[nodiscard]] net::Awaitable<void> relay_stream(upstream::Exchange& exchange, const UpstreamRequest& sent);
    [[nodiscard]] net::Awaitable<void> translate_unary(upstream::Exchange& exchange, const UpstreamRequest& sent);
    [[nodiscard]] codec::ClientView client_view() const;
    void bind_answer(std::string_view id);
    void bind_reasoning(const std::vector<std::string>& keys);
    /// Of an answer that succeeded.
    [[nodiscard]] http::ResponseHead answer_head(const upstream::Exchange& exchange, const UpstreamRequest& sent) const;

    Call call_;
    StreamRelay relay_;
    DecodedRequest decoded_;
    FallbackModels fallbacks_;
    ReasoningFinder reasoning_;        ///< of an answer that passes whole
    bool carries_reasoning_ = false;  ///< that some worker has encrypted
    bool carries_file_ = false;       ///< that some worker may have taken
};

}  // namespace smg::gateway
