#pragma once
/// Version numbers inside model names, for the dated tables.
#include <compare>
#include <optional>
#include <string_view>

namespace smg::providers {

struct ModelVersion {
    int major = 0;
    int minor = 0;
    friend auto operator<=>(const ModelVersion&, const ModelVersion&) = default;
};

/// The first number of one or two digits in the name, and the one that follows it behind a single `-` or `.`; dates do not count.
/// `claude-opus-4-20250514` → 4.0, `claude-3-5-sonnet-20241022` → 3.5, `gemini-2.5-pro` → 2.5, `grok-code-fast-1` → 1.0.
[[nodiscard]] std::optional<ModelVersion> version_in(std::string_view name) noexcept;

}  // namespace smg::providers
