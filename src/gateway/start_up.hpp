#pragma once
#include <string_view>

#include "providers/provider.hpp"

namespace smg::gateway {

/// Is this what a stream of that format begins with before its model has said anything? `message_start`, `ping` and empty blocks; `response.created`
/// and its like; a Chat chunk with an empty delta; a Gemini chunk without parts. An event without data is. What is not known is not.
[[nodiscard]] bool is_start_up(providers::ApiFormat format, std::string_view name, std::string_view data) noexcept;

}  // namespace smg::gateway
