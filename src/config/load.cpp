#include "config/load.hpp"

#include <algorithm>
#include <thread>

#include "base/ascii.hpp"
#include "config/values.hpp"

namespace smg::config {
namespace {

std::string explain(const Setting& row, const Given& given, const Problem& problem) {
    return given.where + ": " + (row.secret ? "the value" : shown(problem.value)) + " " + problem.text;
}

/// Nothing that has no effect is passed over in silence: the warning, at its default.
Loaded<std::string> judge_unsupported(const Setting& row, const Given& given) {
    const bool is_default = !row.fallback.empty() && given.values.size() == 1 && same_value(row.kind, given.values.front(), row.fallback);
    if (is_default) return given.where + ": accepted, no effect; " + row.reason;
    return refuse(given.where + ": refused with another value than its default" + (row.fallback.empty() ? "" : ", " + row.fallback) + "; " +
                  row.reason);
}

Loaded<void> apply_all(const Layer& layer, Draft& draft, std::vector<std::string>& warnings) {
    for (const auto& [row, given] : layer) {
        if (row->support != Support::built) {
            auto judged = judge_unsupported(*row, given);
            if (!judged) return tl::unexpected<Refusal>(judged.error());
            warnings.push_back(std::move(*judged));
            continue;
        }
        if (const auto problem = row->apply(draft, given.values)) return refuse(explain(*row, given, *problem));
    }
    return {};
}

Loaded<FromFile> read_file(const std::string& path, const Environment& environment, const std::vector<Setting>& rows) {
    if (path.empty()) return FromFile{};
    const auto text = whole_file(path);
    if (!text) return refuse("--config: " + shown(path) + " cannot be read");
    const auto slash = path.rfind('/');
    return read_toml(*text, slash == std::string::npos ? path : path.substr(slash + 1), environment, rows);
}

/// `--api-key` and `--api-key-file` name the same thing, so the higher of the two counts and two of one rank contradict each other.
Loaded<void> settle_api_key(const std::vector<const Layer*>& layers, const std::vector<Setting>& rows, Draft& draft) {
    const auto* direct = find_setting(rows, "api-key");
    const auto* from_file = find_setting(rows, "api-key-file");
    for (const auto* layer : layers) {
        const bool has_direct = layer->contains(direct), has_file = layer->contains(from_file);
        if (has_direct && has_file) return refuse(layer->at(from_file).where + ": given together with " + direct->name + "; one of them is enough");
        if (has_direct) return {};
        if (!has_file) continue;
        const auto line = first_line_of(draft.api_key_file);
        if (!line) return refuse(layer->at(from_file).where + ": " + shown(draft.api_key_file) + " cannot be read", 1);
        if (line->empty()) return refuse(layer->at(from_file).where + ": " + shown(draft.api_key_file) + " has no key in its first line", 1);
        draft.config.api_key = Secret(*line);
        return {};
    }
    return {};
}

/// SMG_STATE_KEY, or the first line of SMG_STATE_KEY_FILE.
Loaded<void> read_state_key(const Environment& environment, Config& config) {
    const auto value_of = [&environment](const char* name) {
        const auto entry = environment.find(name);
        return entry == environment.end() ? std::string() : std::string(trim(entry->second));
    };
    const auto direct = value_of("SMG_STATE_KEY"), path = value_of("SMG_STATE_KEY_FILE");
    if (!direct.empty() && !path.empty()) return refuse("SMG_STATE_KEY_FILE: given together with SMG_STATE_KEY; one of them is enough");
    config.state_key = Secret(direct);
    if (path.empty()) return {};
    const auto line = first_line_of(path);
    if (!line || line->empty()) return refuse("SMG_STATE_KEY_FILE: " + shown(path) + (line ? " has no key in its first line" : " cannot be read"), 1);
    config.state_key = Secret(*line);
    return {};
}

/// What counts, row by row. Secrets say that they are there, and nothing else.
std::vector<SettingValue> described(const Layer& given, const std::vector<Setting>& rows) {
    std::vector<SettingValue> settings;
    for (const auto& row : rows) {
        if (row.support != Support::built) continue;
        auto& setting = settings.emplace_back();
        setting.name = row.name;
        const auto written = given.find(&row);
        setting.source = written == given.end() ? "default" : written->second.where;
        if (written == given.end()) {
            if (!row.fallback.empty()) setting.values.push_back(row.fallback);
            continue;
        }
        for (const auto& value : written->second.values) {
            const auto quoted = shown(value);
            setting.values.push_back(row.secret ? "[set]" : quoted.substr(1, quoted.size() - 2));
        }
    }
    return settings;
}

/// Half of it would leave the control plane to who knows what: whoever asks for tokens gets them whole.
Loaded<void> check_jwt(const JwtSettings& jwt) {
    if (jwt.issuer.empty()) {
        if (!jwt.audience.empty()) return refuse("--jwt-audience: needs --jwt-issuer too");
        if (!jwt.jwks_uri.empty()) return refuse("--jwt-jwks-uri: needs --jwt-issuer too");
        return {};
    }
    if (jwt.audience.empty()) return refuse("--jwt-issuer: needs --jwt-audience too");
    if (jwt.jwks_uri.empty() && !is_safe_url(jwt.issuer))
        return refuse("--jwt-issuer: " + shown(jwt.issuer) +
                      " is neither https:// nor on this machine, so that --jwt-jwks-uri has to say where its keys are");
    return {};
}

Loaded<void> check_together(const Config& config, std::vector<std::string>& warnings) {
    if (config.tls_cert_path.empty() != config.tls_key_path.empty())
        return refuse(std::string(config.tls_cert_path.empty() ? "--tls-key-path: needs --tls-cert-path" : "--tls-cert-path: needs --tls-key-path") +
                      " too");
    if (!config.tls_client_ca_path.empty() && config.tls_cert_path.empty()) return refuse("--tls-client-ca-path: needs --tls-cert-path too");
    const auto given = [&config](std::string_view name) {
        const auto is_it = [name](const SettingValue& setting) { return setting.name == name && setting.source != "default"; };
        return std::any_of(config.settings.begin(), config.settings.end(), is_it);
    };
    if (!config.enable_trace && given("otlp-traces-endpoint")) warnings.push_back("--otlp-traces-endpoint: no effect without --enable-trace");
    if (auto checked = check_jwt(config.jwt); !checked) return checked;
    for (const auto* name : {"jwt-role-claim", "jwt-role-mapping"})
        if (config.jwt.issuer.empty() && given(name)) warnings.push_back("--" + std::string(name) + ": no effect without --jwt-issuer");
    if (!config.backend.empty() && config.worker_urls.empty()) warnings.push_back("--backend: no effect without --worker-urls");
    if (!config.state_path.empty() && config.state_key.empty()) warnings.push_back("--state: keys are stored as they are; SMG_STATE_KEY seals them");
    if (config.log_bodies) warnings.push_back("--log-bodies: the log will hold what users write and what models answer");
    const auto& origins = config.cors_allowed_origins;
    if (config.api_key.empty() && config.tenants.empty() && std::find(origins.begin(), origins.end(), "*") != origins.end())
        warnings.push_back("--cors-allowed-origins: without an --api-key, any web page that is open on this machine may use the stored keys");
    if (config.insecure_open && config.api_key.empty()) warnings.push_back("--insecure-open: everybody who can connect may use the stored keys");
    return {};
}

void merge_aliases(const Draft& draft, std::vector<std::pair<std::string, std::string>> from_file, Config& config) {
    config.aliases = draft.flag_aliases;
    for (auto& alias : from_file) {
        const auto same = [&alias](const auto& each) { return each.first == alias.first; };
        if (std::none_of(draft.flag_aliases.begin(), draft.flag_aliases.end(), same)) config.aliases.push_back(std::move(alias));
    }
}

/// A tenant of the flags that the file does not know is one without limits.
void merge_tenants(Draft& draft, std::vector<Tenant> from_file) {
    auto& tenants = draft.config.tenants;
    tenants = std::move(from_file);
    for (auto& [name, key] : draft.tenant_keys) {
        const auto same = std::find_if(tenants.begin(), tenants.end(), [&name](const Tenant& each) { return each.name == name; });
        auto& tenant = same != tenants.end() ? *same : tenants.emplace_back();
        tenant.name = name;
        tenant.keys.push_back(std::move(key));
    }
}

/// Who a key stands for must be certain.
Loaded<void> check_tenant_keys(const Config& config) {
    std::vector<std::pair<std::string_view, std::string_view>> seen;
    for (const auto& tenant : config.tenants) {
        for (const auto& key : tenant.keys) {
            if (key.matches(config.api_key.reveal())) return refuse("tenant " + shown(tenant.name) + ": its key is the --api-key");
            for (const auto& [other, owner] : seen)
                if (key.matches(other) && owner != tenant.name)
                    return refuse("tenant " + shown(tenant.name) + ": its key is also that of the tenant " + shown(std::string(owner)));
            seen.emplace_back(key.reveal(), tenant.name);
        }
    }
    return {};
}

}  // namespace

const Setting* find_setting(const std::vector<Setting>& rows, std::string_view name) noexcept {
    std::string dashed(name);
    std::replace(dashed.begin(), dashed.end(), '_', '-');
    for (const auto& row : rows)
        if (row.name == dashed || (!row.alias.empty() && row.alias == dashed)) return &row;
    return nullptr;
}

Loaded<Draft> apply_layer(const Layer& layer) {
    Draft draft;
    std::vector<std::string> warnings;
    if (auto applied = apply_all(layer, draft, warnings); !applied) return tl::unexpected<Refusal>(applied.error());
    return draft;
}

Loaded<Merged> load(const CommandLine& line, const Environment& environment, const std::vector<Setting>& rows) {
    Merged merged;
    auto& draft = merged.draft;
    auto& warnings = merged.warnings;
    draft.config.threads = std::max(1U, std::thread::hardware_concurrency());
    auto variables = read_environment(environment, rows);
    warnings = std::move(variables.warnings);
    merged.config_path = line.config_path.empty() ? variables.config_path : line.config_path;
    auto file = read_file(merged.config_path, environment, rows);
    if (!file) return tl::unexpected<Refusal>(file.error());
    Layer all = line.given;
    all.insert(variables.given.begin(), variables.given.end());
    all.insert(file->given.begin(), file->given.end());
    if (auto applied = apply_all(all, draft, warnings); !applied) return tl::unexpected<Refusal>(applied.error());
    auto& config = draft.config;
    config.settings = described(all, rows);
    if (auto settled = settle_api_key({&line.given, &variables.given, &file->given}, rows, draft); !settled)
        return tl::unexpected<Refusal>(settled.error());
    if (auto read = read_state_key(environment, config); !read) return tl::unexpected<Refusal>(read.error());
    merge_aliases(draft, std::move(file->aliases), config);
    config.vendors = std::move(file->vendors);
    config.workers = std::move(file->workers);
    merge_tenants(draft, std::move(file->tenants));
    if (auto checked = check_tenant_keys(config); !checked) return tl::unexpected<Refusal>(checked.error());
    config.fallbacks = std::move(file->fallbacks);
    for (auto read : {read_provider_keys(environment, config), read_proxies(environment, draft.upstream_proxy, config)}) {
        if (!read) return tl::unexpected<Refusal>(read.error());
        warnings.insert(warnings.end(), read->begin(), read->end());
    }
    if (auto checked = check_together(config, warnings); !checked) return tl::unexpected<Refusal>(checked.error());
    return merged;
}

}  // namespace smg::config
