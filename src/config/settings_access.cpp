#include "config/settings_access.hpp"

#include "base/ascii.hpp"
#include "config/apply.hpp"

namespace smg::config {
namespace {

constexpr auto config = &Draft::config;

/// The key is what stands behind the third colon: it may hold colons itself.
Checked take_control_plane_keys(Draft& draft, const Values& values) {
    auto& keys = draft.config.control_plane_keys;
    keys.clear();
    for (const auto& value : values) {
        const std::string_view text(value);
        const auto first = text.find(':');
        const auto second = first == std::string_view::npos ? first : text.find(':', first + 1);
        const auto third = second == std::string_view::npos ? second : text.find(':', second + 1);
        if (third == std::string_view::npos || first == 0 || third + 1 == text.size()) return Problem{value, "is not of the form ID:NAME:ROLE:KEY"};
        const auto role = text.substr(second + 1, third - second - 1);
        if (!iequals(role, "admin") && !iequals(role, "user")) return Problem{value, "names a ROLE that is neither admin nor user"};
        keys.push_back(
            {value.substr(0, first), value.substr(first + 1, second - first - 1), iequals(role, "admin"), Secret(value.substr(third + 1))});
    }
    return std::nullopt;
}

/// The key is what stands behind the first colon.
Checked take_tenant_keys(Draft& draft, const Values& values) {
    draft.tenant_keys.clear();
    for (const auto& value : values) {
        const auto colon = value.find(':');
        if (colon == std::string::npos || colon == 0 || colon + 1 == value.size()) return Problem{value, "is not of the form TENANT:KEY"};
        draft.tenant_keys.emplace_back(value.substr(0, colon), Secret(value.substr(colon + 1)));
    }
    return std::nullopt;
}

Checked take_tenant_header(Draft& draft, const Values& values) {
    if (!is_token(values.front())) return Problem{values.front(), "is not the name of a header"};
    draft.config.tenant_header = ascii_lower(values.front());
    return std::nullopt;
}

/// The issuer is compared as it stands here, so it stays as it is written.
Checked take_issuer(Draft& draft, const Values& values) {
    const auto& url = values.front();
    if (!is_http_url(url) || url.find_first_of("?#") != std::string::npos)
        return Problem{url, "is not an http:// or https:// URL without query and fragment"};
    draft.config.jwt.issuer = url;
    return std::nullopt;
}

Checked take_jwks_uri(Draft& draft, const Values& values) {
    const auto& url = values.front();
    if (!is_safe_url(url)) return Problem{url, "is not an https:// URL, nor an http:// one of this machine"};
    draft.config.jwt.jwks_uri = url;
    return std::nullopt;
}

Checked take_role_mapping(Draft& draft, const Values& values) {
    auto& mapping = draft.config.jwt.role_mapping;
    mapping.clear();
    for (const auto& value : values) {
        const auto equals = value.rfind('=');  // a name of theirs may hold one
        const auto theirs = trim(std::string_view(value).substr(0, equals));
        const auto ours = equals == std::string::npos ? std::string_view() : trim(std::string_view(value).substr(equals + 1));
        if (theirs.empty() || ours.empty()) return Problem{value, "is not of the form ROLE=ROLE"};
        if (ours != "admin" && ours != "user") return Problem{value, "names a ROLE of ours that is neither admin nor user"};
        mapping.emplace_back(theirs, ours);
    }
    return std::nullopt;
}

}  // namespace

std::vector<Setting> access_settings() {
    return {
        secret({"api-key", Kind::single, "KEY", "", "callers of the data plane must bring it", text<config, &Config::api_key>()}),
        {"api-key-file", Kind::single, "FILE", "", "the same, from a file's first line", text<&Draft::api_key_file>()},
        secret(also(
            {"control-plane-api-keys", Kind::list, "ID:NAME:ROLE:KEY", "", "who may use /workers; ROLE is admin or user", take_control_plane_keys},
            "", "CONTROL_PLANE_API_KEYS")),
        {"caller-keys", Kind::single, "HOW", "prefer", "a caller's own provider key: prefer, require or ignore",
         one_of<CallerKeys, config, &Config::caller_keys>(
             {{"prefer", CallerKeys::prefer}, {"require", CallerKeys::require}, {"ignore", CallerKeys::ignore}})},
        {"insecure-open", Kind::toggle, "", "false", "without an --api-key, let everybody who can connect use the stored keys",
         flag<config, &Config::insecure_open>()},
        {"allow-upstream", Kind::list, "CIDR|HOST", "", "the only places that workers may stand at",
         each<config, &Config::allow_upstream>(is_cidr_or_host, "is neither a CIDR nor an address nor a host name")},
        secret({"tenant-api-key", Kind::list, "TENANT:KEY", "", "a key of one tenant; may repeat", take_tenant_keys}),
        {"trust-tenant-header", Kind::toggle, "", "false", "who shows no tenant's key may name its tenant in a header",
         flag<config, &Config::trust_tenant_header>()},
        {"tenant-header-name", Kind::single, "HEADER", "x-smg-tenant-id", "in this one", take_tenant_header},
        also({"jwt-issuer", Kind::single, "URL", "", "who may use /workers: admins by a token of this OpenID provider", take_issuer}, "",
             "JWT_ISSUER"),
        also({"jwt-audience", Kind::single, "TEXT", "", "whom its tokens have to be for", text<config, &Config::jwt, &JwtSettings::audience>()}, "",
             "JWT_AUDIENCE"),
        also({"jwt-jwks-uri", Kind::single, "URL", "as the provider's discovery document says", "where its keys are", take_jwks_uri}, "",
             "JWT_JWKS_URI"),
        {"jwt-role-claim", Kind::single, "NAME", "roles", "the claim with the caller's roles, or a path to it (realm_access.roles)",
         text<config, &Config::jwt, &JwtSettings::role_claim>()},
        {"jwt-role-mapping", Kind::list, "ROLE=ROLE", "", "a role of the provider's and ours, admin or user; then no other counts",
         take_role_mapping},
    };
}

}  // namespace smg::config
