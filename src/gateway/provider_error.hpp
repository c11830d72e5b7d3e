#pragma once
/// A provider's error answer as the client gets it: its bytes where they may pass, else the same in the client's words. Pure.
#include <cstdint>
#include <string_view>

#include "gateway/error_reply.hpp"
#include "routing/route.hpp"

namespace smg::gateway {

struct ProviderAnswer {
    const http::ResponseHead& head;
    std::string_view body;
    providers::ApiFormat format = providers::ApiFormat::openai_chat;  ///< that was spoken to the provider
};

/// What the provider stated, with one meaning that its status and body leave open: a limit that passes by itself at no stated time is a spent budget
/// where the provider states one with every other limit (failure.hpp). `now` is Unix seconds.
[[nodiscard]] codec::ProviderError stated_error(const ProviderAnswer& answer, std::int64_t now);

/// Status mapping (contract section 4): a refused stored key is the gateway's fault (502 `upstream_credential`), quota and billing are 429
/// `insufficient_quota`, a 400 that says the key is bad is a 401. Where client and provider speak the same format, nothing is mapped and the body has
/// the format's shape, it passes as it came, less the worker's secrets.
/// The reply's head has the provider's headers that may pass. `now` is Unix seconds.
[[nodiscard]] Reply provider_error_answer(ErrorShape shape, bool same_format, const routing::Choice& choice, const ProviderAnswer& answer,
                                          std::string_view request_id, std::int64_t now);

/// `X-SMG-Error-Code` for an error that a provider stated.
[[nodiscard]] std::string_view code_of(const codec::ProviderError& error) noexcept;

}  // namespace smg::gateway
