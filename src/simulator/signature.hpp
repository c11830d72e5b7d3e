#pragma once
/// The opaque signatures that providers put on reasoning. Issued without any memory: a signature proves by itself who issued it and for what.
#include <string>
#include <string_view>

namespace smg::simulator {

/// Base64, some 150 characters.
[[nodiscard]] std::string issue_signature(std::string_view provider, std::string_view signed_text);
/// Issued by that simulated provider, for whatever text.
[[nodiscard]] bool is_issued(std::string_view provider, std::string_view signature);
/// Issued by it for this very text.
[[nodiscard]] bool signs(std::string_view provider, std::string_view signature, std::string_view text);

}  // namespace smg::simulator
