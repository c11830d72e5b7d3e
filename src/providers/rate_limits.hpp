#pragma once
/// Anthropic's rate-limit headers in OpenAI's words.
#include <cstdint>

#include "http/fields.hpp"

namespace smg::providers {

/// Adds `x-ratelimit-{limit,remaining,reset}-{requests,tokens}` worked out of `anthropic-ratelimit-*`; where there is no count of all tokens, the
/// side (input, output) with the fewest left stands for it. Resets become durations from `now` (Unix seconds). Fields that are already
/// in `out` stay as they are.
void add_openai_rate_limits(const http::Fields& upstream, std::int64_t now, http::Fields& out);

}  // namespace smg::providers
