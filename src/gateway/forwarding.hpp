#pragma once
/// A request that is handed on as it is: what the gateway does not model, and what both sides spell alike.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/dispatch.hpp"
#include "gateway/request_scan.hpp"

namespace smg::gateway {

/// What is forwarded where. Immutable; made with the endpoint table.
struct ForwardRule {
    enum class Model {
        required,  ///< a member of the JSON body or of the multipart form, and it chooses the worker
        optional,  ///< likewise; without one, any worker of `providers.front()` has a default of its own
        none,      ///< not looked for
    };
    Model model = Model::required;
    /// Where there is no model: the providers that are asked, in this order.
    std::vector<std::string> providers;
    /// The path's `{id}` names state that one worker holds: it is asked, or else every worker of `providers` until one knows it.
    bool by_id = false;
    /// Formats that a worker must speak to be asked at all; empty: any.
    std::vector<providers::ApiFormat> formats;
    /// The body is a request of this format, and may hold another provider's reasoning.
    std::optional<providers::ApiFormat> body_format;
    /// What comes before the API root's own path in the client's target (`/openai`, `/v1`), and is taken off.
    std::string prefix;
};

class Forwarding final : public Dispatch {
public:
    /// `rule` outlives the request.
    Forwarding(Gateway& gateway, const ForwardRule& rule, ClientRequest& request, ClientResponse& response);

private:
    [[nodiscard]] Result<void> read() override;
    void describe(routing::RouteRequest& wanted) const override;
    [[nodiscard]] Result<void> adapt(UpstreamRequest& out) override;
    [[nodiscard]] net::Awaitable<void> relay(upstream::Exchange& exchange, const UpstreamRequest& sent) override;
    /// What is not modelled may answer with nothing: files that were deleted, HEAD.
    [[nodiscard]] bool needs_answer() const override { return false; }
    [[nodiscard]] bool streaming() const override { return stream_; }
    [[nodiscard]] bool describe_others() override;
    [[nodiscard]] bool may_differ_elsewhere(const http::ResponseHead& head, const codec::ProviderError& error) const override;

    [[nodiscard]] Result<void> read_model();
    /// What of the body does not go to the chosen worker as it is.
    [[nodiscard]] std::vector<Splice> splices() const;
    /// Path below the API root, and the query: what the client's target says behind the rule's prefix.
    [[nodiscard]] std::string below_root() const;

    const ForwardRule& rule_;
    CallOptions options_;
    std::string_view payload_;
    std::string model_;
    ByteRange model_bytes_;  ///< in the body; empty: nowhere
    bool model_is_json_ = false;
    bool stream_ = false;
    std::size_t provider_ = 0;  ///< which of the rule's is being asked
};

}  // namespace smg::gateway
