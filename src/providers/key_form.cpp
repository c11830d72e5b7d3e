#include <array>

#include "base/ascii.hpp"
#include "providers/catalog.hpp"

namespace smg::providers {

namespace {

/// What SDKs and tools make people type where no key is needed (contract section 8). Lower case.
constexpr auto placeholders = std::to_array<std::string_view>(
    {"empty", "none", "null", "unused", "dummy", "test", "placeholder", "not-needed", "sk-no-key-required", "sk-1234", "x"});

}  // namespace

bool is_placeholder_key(std::string_view key) noexcept {
    key = trim(key);
    if (key.empty()) return true;
    for (const auto placeholder : placeholders)
        if (iequals(key, placeholder)) return true;
    return false;
}

KeyForm Catalog::classify_key(std::string_view key) const {
    KeyForm form;
    if (is_placeholder_key(key)) return form;
    key = trim(key);
    form.kind = KeyForm::Kind::unknown;
    std::size_t longest = 0;
    for (const auto& provider : providers_)
        for (const auto& prefix : provider->key_prefixes)
            if (prefix.size() > longest && key.starts_with(prefix)) {
                longest = prefix.size();
                form = {KeyForm::Kind::known, provider->name};
            }
    if (longest != 0) return form;
    for (const auto& provider : providers_)
        for (const auto& mark : provider->key_marks)
            if (key.find(mark) != std::string_view::npos) return {KeyForm::Kind::known, provider->name};
    return form;
}

}  // namespace smg::providers
