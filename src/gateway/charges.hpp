#pragma once
/// What an answer says beside its token counts, and its price depends on.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "codec/json_tree.hpp"
#include "telemetry/request_record.hpp"

namespace smg::gateway {

struct Charges {
    std::string service_tier;                   ///< as the provider served it, lower case; empty: the standard one, or not said
    std::optional<std::uint64_t> web_searches;  ///< that the provider made
    telemetry::MediaTokens media;

    /// A count that the provider states; anything else changes nothing.
    void take_searches(codec::JsonNode number);
};

/// Takes a provider's word for a tier; what means standard processing leaves it empty.
void take_service_tier(Charges& charges, std::string_view word);
/// What a native `usage` object says, of any provider: they spell it differently, and none means by a name what another does not.
void take_charges(Charges& charges, std::string_view usage_object);
void take_charges(Charges& charges, codec::JsonNode usage);

}  // namespace smg::gateway
