#pragma once
/// What goes to a worker, and what must be remembered until its answer comes.
#include <string>
#include <string_view>

#include "codec/codec.hpp"
#include "http/fields.hpp"
#include "providers/provider.hpp"
#include "upstream/peer.hpp"

namespace smg::gateway {

struct UpstreamRequest {
    std::string method = "POST";
    std::string target;                                               ///< path and query
    http::Fields fields;                                              ///< without Host and framing
    std::string own_body;                                             ///< when the body had to be changed or written anew
    std::string_view body;                                            ///< what to send: the client's bytes, or `own_body`
    providers::ApiFormat format = providers::ApiFormat::openai_chat;  ///< that is spoken to the worker
    bool same_format = false;                                         ///< client and provider speak the same: bytes pass
    bool usage_injected = false;  ///< Chat's usage chunk was asked for on the client's behalf, and must not reach it
    codec::RequestMemo memo;
    codec::Adjustments adjustments;

    /// Gives back what is needed only for sending: an answer may stream for an hour.
    void was_sent() noexcept {
        std::string().swap(own_body);
        fields = http::Fields();
        body = {};
    }
};

/// The request's head, its empty line included. Empty when the target or a method would not be HTTP.
[[nodiscard]] std::string head_text(const upstream::Peer& peer, const UpstreamRequest& request);

}  // namespace smg::gateway
