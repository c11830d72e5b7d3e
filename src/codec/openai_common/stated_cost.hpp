#pragma once
/// What an answer of OpenAI's formats says that it cost. OpenAI itself says nothing; others do.
#include <cstdint>
#include <optional>

#include "codec/json_tree.hpp"

namespace smg::codec::openai {

/// Of a `usage` object, in picodollars. `cost_in_usd_ticks` (xAI: 10^-10 dollars), or `cost`: a number of dollars (OpenRouter), to which an
/// upstream's own bill is added where the caller's key there was used (`is_byok`), or an object with `total_cost` (Perplexity).
[[nodiscard]] std::optional<std::uint64_t> stated_cost(JsonNode usage);

}  // namespace smg::codec::openai
