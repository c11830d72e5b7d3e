#pragma once
/// Other models that may answer when none of the requested model's workers does (contract section 7).
#include <string>
#include <vector>

#include "gateway/call.hpp"
#include "gateway/options.hpp"
#include "workers/snapshot.hpp"

namespace smg::gateway {

/// Of one request. Each model is offered once, in order.
class FallbackModels {
public:
    FallbackModels() = default;
    /// `X-SMG-Fallback-Models: a, b`; where the header is absent, what the configuration says of the call's model: of the name that was asked for,
    /// else of the model that an alias or a prefix makes of it. None for a request that only one worker can answer: it names a worker, continues
    /// a response, or holds ids or sealed words of a provider.
    FallbackModels(const Call& call, const GatewayOptions& options, const workers::Snapshot& snapshot);

    /// The next one that the caller's tenant may use, or null. A model that no worker could ever serve has none: a misspelt name is told, not
    /// replaced.
    [[nodiscard]] const std::string* next(const workers::Snapshot& snapshot, const Call& call);
    /// Makes the next one the call's model; false: there is none.
    [[nodiscard]] bool advance(const workers::Snapshot& snapshot, Call& call);
    /// The caller's own key must not be shown to workers of the current fallback: its form names no provider, and it was meant for the one
    /// that the first model names.
    [[nodiscard]] bool withholds_key() const noexcept { return withholds_key_; }
    /// A fallback is in use.
    [[nodiscard]] bool in_use() const noexcept { return in_use_; }

private:
    std::vector<std::string> models_;
    std::string first_;     ///< the model that was asked for
    std::size_t used_ = 0;  ///< offered, or passed over
    bool in_use_ = false;
    bool withholds_key_ = false;
};

}  // namespace smg::gateway
