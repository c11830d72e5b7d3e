#include "codec/openai_common/stated_cost.hpp"

#include "base/money.hpp"

namespace smg::codec::openai {
namespace {

constexpr Picodollars tick = 100;

}  // namespace

std::optional<std::uint64_t> stated_cost(JsonNode usage) {
    if (const auto ticks = usage["cost_in_usd_ticks"].integer(); ticks && *ticks >= 0) return times(static_cast<std::uint64_t>(*ticks), tick);
    const auto cost = usage["cost"];
    if (cost.is_object()) return picodollars_of(cost["total_cost"].number_text());
    const auto stated = picodollars_of(cost.number_text());
    if (!stated || !usage["is_byok"].boolean().value_or(false)) return stated;
    return *stated + picodollars_of(usage["cost_details"]["upstream_inference_cost"].number_text()).value_or(0);
}

}  // namespace smg::codec::openai
