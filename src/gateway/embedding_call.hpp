#pragma once
/// `POST /v1/embeddings`, and Gemini's `:embedContent` and `:batchEmbedContents`.
#include <optional>

#include "codec/embeddings.hpp"
#include "gateway/call.hpp"
#include "gateway/dispatch.hpp"
#include "gateway/fallback_models.hpp"

namespace smg::gateway {

class EmbeddingCall final : public Dispatch {
public:
    /// `format`: openai_chat stands for OpenAI's embeddings, gemini for Gemini's.
    EmbeddingCall(Gateway& gateway, providers::ApiFormat format, ClientRequest& request, ClientResponse& response);

private:
    [[nodiscard]] Result<void> read() override;
    void describe(routing::RouteRequest& wanted) const override;
    [[nodiscard]] bool describe_others() override { return fallbacks_.advance(*gateway_.snapshot(request_.loop), call_); }
    [[nodiscard]] Result<void> adapt(UpstreamRequest& out) override;
    [[nodiscard]] net::Awaitable<void> relay(upstream::Exchange& exchange, const UpstreamRequest& sent) override;

    [[nodiscard]] Result<void> translate(UpstreamRequest& out);
    /// One vector is asked for, not a list (Gemini's `:embedContent`).
    [[nodiscard]] bool single() const;

    Call call_;
    FallbackModels fallbacks_;
    std::optional<codec::EmbeddingRequest> wanted_;  ///< read once it has to be translated
};

}  // namespace smg::gateway
