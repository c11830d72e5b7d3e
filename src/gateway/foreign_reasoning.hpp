#pragma once
/// Another provider's reasoning in a body that passes: it is cut out where it stands, and nothing else is touched. Pure.
#include <string_view>
#include <vector>

#include "gateway/request_scan.hpp"
#include "providers/provider.hpp"

namespace smg::gateway {

/// Whom a body goes to.
struct Reader {
    const providers::Provider& provider;
    std::string_view model;  ///< the provider's name of it
};

/// Whether the body may hold thought signatures of Gemini's that are not the reader's to read. It may say yes too often, never no. What stands in an
/// envelope, `codec::may_hold_envelope` tells.
[[nodiscard]] bool may_hold_foreign_signature(providers::ApiFormat format, std::string_view body, const Reader& reader);

/// The splices that take it out of a Chat or Responses body; none for other formats, whose codecs write such a request anew.
/// Chat: entries of `reasoning_details` in an envelope, with the `reasoning_content` that they repeat, and (to models that are not Gemini's)
/// `extra_content.google.thought_signature`. Responses: `reasoning` items whose `encrypted_content` is an envelope; the provider's own comes
/// back without it.
[[nodiscard]] std::vector<Splice> cut_foreign_reasoning(providers::ApiFormat format, const RequestScan& scan, std::string_view body,
                                                        const Reader& reader);

}  // namespace smg::gateway
