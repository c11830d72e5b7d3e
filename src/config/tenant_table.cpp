#include "config/tenant_table.hpp"

#include "base/ascii.hpp"
#include "config/values.hpp"

namespace smg::config {
namespace {

using Checked = std::optional<std::string>;  // what is wrong with a value, behind the name of its key

/// In front of what is wrong with it; only for values that are no secret.
std::string written(const toml::node& value) {
    if (const auto* text = value.as_string()) return shown(text->get()) + " ";
    if (const auto* whole = value.as_integer()) return std::to_string(whole->get()) + " ";
    return {};
}

Checked take_text(const toml::node& value, std::string& out) {
    const auto* text = value.as_string();
    if (text == nullptr || trim(text->get()).empty()) return "takes a text that is not empty";
    out = text->get();
    return std::nullopt;
}

Checked take_texts(const toml::node& value, std::vector<std::string>& out) {
    const auto* array = value.as_array();
    if (array == nullptr) return "takes a list of texts";
    for (const auto& element : *array)
        if (auto wrong = take_text(element, out.emplace_back())) return "takes a list of texts that are not empty";
    return std::nullopt;
}

Checked take_limit(const toml::node& value, std::optional<std::uint64_t>& out) {
    const auto* number = value.as_integer();
    if (number == nullptr || number->get() < 1) return written(value) + "is not a whole number above 0";
    out = static_cast<std::uint64_t>(number->get());
    return std::nullopt;
}

Checked take_key(const toml::node& value, std::vector<Secret>& keys) {
    std::string key;
    if (auto wrong = take_text(value, key)) return wrong;
    keys.emplace_back(key);
    return std::nullopt;
}

Checked take_keys(const toml::node& value, std::vector<Secret>& keys) {
    std::vector<std::string> texts;
    if (auto wrong = take_texts(value, texts)) return wrong;
    for (auto& text : texts) keys.emplace_back(std::move(text));
    return std::nullopt;
}

Checked take_key_file(const toml::node& value, std::vector<Secret>& keys) {
    std::string path;
    if (auto wrong = take_text(value, path)) return wrong;
    const auto line = first_line_of(path);
    if (!line) return shown(path) + " cannot be read";
    if (line->empty()) return shown(path) + " has no key in its first line";
    keys.emplace_back(*line);
    return std::nullopt;
}

Checked take_priority(const toml::node& value, Priority& out) {
    std::string text;
    (void)take_text(value, text);
    if (iequals(text, "high")) return out = Priority::high, std::nullopt;
    if (iequals(text, "normal")) return out = Priority::normal, std::nullopt;
    if (iequals(text, "low")) return out = Priority::low, std::nullopt;
    return written(value) + "is not one of high, normal, low";
}

Checked take_member(Tenant& tenant, std::string_view key, const toml::node& value) {
    if (key == "name") return take_text(value, tenant.name);
    if (key == "key") return take_key(value, tenant.keys);
    if (key == "keys") return take_keys(value, tenant.keys);
    if (key == "key_file") return take_key_file(value, tenant.keys);
    if (key == "models") return take_texts(value, tenant.models);
    if (key == "requests_per_minute") return take_limit(value, tenant.requests_per_minute);
    if (key == "tokens_per_minute") return take_limit(value, tenant.tokens_per_minute);
    if (key == "priority") return take_priority(value, tenant.priority);
    return "unknown key; allowed are name, key, keys, key_file, models, requests_per_minute, tokens_per_minute, priority";
}

}  // namespace

tl::expected<Tenant, TenantProblem> read_tenant(const toml::table& table) {
    Tenant tenant;
    for (const auto& [key, value] : table)
        if (auto wrong = take_member(tenant, key.str(), value))
            return tl::unexpected(TenantProblem{"tenants." + std::string(key.str()) + ": " + *wrong, key.source()});
    if (tenant.name.empty()) return tl::unexpected(TenantProblem{"tenants: a tenant needs a name", table.source()});
    return tenant;
}

}  // namespace smg::config
