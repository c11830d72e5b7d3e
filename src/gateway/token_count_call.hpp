#pragma once
/// `POST /v1/messages/count_tokens`, Gemini's `:countTokens` and OpenAI's `/v1/responses/input_tokens`, for a model of any provider.
#include "gateway/adapt.hpp"
#include "gateway/call.hpp"
#include "gateway/dispatch.hpp"
#include "gateway/fallback_models.hpp"

namespace smg::gateway {

/// Agents ask this often and give up without it: where no provider can count, an estimate answers, and says so in `x-smg-estimated: true`.
class TokenCountCall final : public Dispatch {
public:
    TokenCountCall(Gateway& gateway, providers::ApiFormat format, ClientRequest& request, ClientResponse& response);

private:
    [[nodiscard]] Result<void> read() override;
    void describe(routing::RouteRequest& wanted) const override;
    [[nodiscard]] bool describe_others() override;
    [[nodiscard]] bool takes_tokens() const override { return false; }
    [[nodiscard]] Result<void> adapt(UpstreamRequest& out) override;
    [[nodiscard]] net::Awaitable<void> relay(upstream::Exchange& exchange, const UpstreamRequest& sent) override;
    [[nodiscard]] bool answers_itself() const override;
    [[nodiscard]] bool answers_instead_of(int status, const codec::ProviderError& error) const override;
    [[nodiscard]] net::Awaitable<void> answer_itself() override;

    /// The request as a conversation; what a client of that format leaves out because nothing will be generated is filled in.
    [[nodiscard]] Result<const codec::Conversation*> conversation();

    /// The client's bytes, less another provider's reasoning; in another format, or where only a codec can take that out, written anew.
    [[nodiscard]] Result<void> write_body(UpstreamRequest& out);
    [[nodiscard]] Result<void> encode_body(UpstreamRequest& out);

    Call call_;
    FallbackModels fallbacks_;
    std::optional<codec::Conversation> decoded_;
};

}  // namespace smg::gateway
