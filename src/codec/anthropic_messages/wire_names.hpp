#pragma once
/// Tool names and call ids as Anthropic accepts them: letters, digits, `_` and `-`. What is legal already is not touched.
#include <string>
#include <string_view>

namespace smg::codec::messages {

/// 1 to 64 characters. An illegal name becomes a readable one with a hash of the original; equal originals give equal names.
[[nodiscard]] std::string legal_tool_name(std::string_view name);

/// Any length. An illegal id becomes `smg_` and a hash.
[[nodiscard]] std::string legal_call_id(std::string_view id);

}  // namespace smg::codec::messages
