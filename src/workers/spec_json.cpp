#include "workers/spec_json.hpp"

#include <algorithm>
#include <functional>
#include <set>

#include "base/ascii.hpp"
#include "http/writer.hpp"
#include "workers/json_reader.hpp"
#include "workers/policy.hpp"
#include "workers/spec_overrides.hpp"

namespace smg::workers {

using nlohmann::json;

namespace {

/// What a `GET` adds to the spec: ignored in a body.
constexpr auto read_only = std::to_array<std::string_view>({"id", "status", "status_reason", "load", "is_healthy", "circuit_breaker", "job_status",
                                                            "model_id", "max_connection_attempts", "has_api_key", "header_names", "query_names"});
/// Written by the gateway itself on every request upstream.
constexpr auto reserved_headers = std::to_array<std::string_view>({"host", "content-length", "transfer-encoding", "connection", "keep-alive", "te",
                                                                   "trailer", "upgrade", "expect", "proxy-authorization", "accept-encoding"});

constexpr std::size_t max_models = 10000;

void read_key(JsonReader& reader, WorkerSpec& spec) {
    std::string key;
    reader.text("api_key", key);
    key = std::string(trim(key));
    // Neither message repeats the key.
    if (!std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c < 0x7f; }))
        reader.refuse("api_key", "must be printable ASCII without blanks");
    spec.api_key = Secret(std::move(key));
    reader.text("api_key_file", spec.api_key_file);
    if (spec.has_key() && !spec.api_key_file.empty()) reader.refuse("api_key_file", "and api_key exclude each other");
}

void read_runtime(JsonReader& reader, WorkerSpec& spec) {
    std::string name, alias;
    reader.text("runtime_type", name);
    reader.text("runtime", alias);
    if (!name.empty() && !alias.empty() && !iequals(name, alias)) return reader.refuse("runtime", "contradicts runtime_type");
    if (name.empty()) name = alias;
    if (name.empty()) return;
    for (const auto type :
         {RuntimeType::unspecified, RuntimeType::external, RuntimeType::sglang, RuntimeType::vllm, RuntimeType::trtllm, RuntimeType::mlx})
        if (iequals(name, name_of(type))) {
            spec.runtime_type = type;
            return;
        }
    reader.refuse("runtime_type", "is not known; allowed: external, sglang, vllm, trtllm, mlx, unspecified");
}

ModelCard read_card(JsonReader& reader, const providers::Catalog& catalog) {
    ModelCard card;
    reader.text("id", card.id);
    reader.strings("aliases", card.aliases);
    reader.text("upstream_model", card.upstream_model);
    reader.text("display_name", card.display_name);
    std::optional<std::uint64_t> length;
    reader.count("context_length", length);
    card.context_length = length.value_or(0);
    reader.text("model_type", card.model_type);
    reader.text("provider", card.provider);
    if (card.id.empty()) reader.refuse("id", "is required");
    if (!card.provider.empty() && !catalog.find(card.provider)) reader.refuse("provider", catalog.named(card.provider).error().message);
    return card;
}

/// Entries that a `GET` marked as discovered are no declaration: get, edit, put must not make an allow-list of them.
void read_models(JsonReader& reader, WorkerSpec& spec, const providers::Catalog& catalog) {
    const auto* list = reader.take("models");
    if (!list) return;
    if (!list->is_array()) return reader.refuse("models", "must be an array of ids or objects");
    if (list->size() > max_models) return reader.refuse("models", "must have at most " + std::to_string(max_models) + " entries");
    std::vector<ModelCard> cards;
    bool any_discovered = false;
    for (std::size_t i = 0; i < list->size() && !reader.failed(); ++i) {
        const auto& entry = (*list)[i];
        const auto name = "models[" + std::to_string(i) + "]";
        if (entry.is_string()) {
            ModelCard card;
            card.id = entry.get<std::string>();
            card.id_only = true;
            if (card.id.empty()) return reader.refuse(name, "must not be empty");
            cards.push_back(std::move(card));
            continue;
        }
        JsonReader inner(entry, name);
        std::optional<bool> discovered;
        inner.flag("discovered", discovered);
        if (discovered.value_or(false)) inner.ignore("max_output_tokens");
        auto card = read_card(inner, catalog);
        if (auto error = inner.finish()) return reader.refuse_as(std::move(*error));
        any_discovered = any_discovered || discovered.value_or(false);
        if (!discovered.value_or(false)) cards.push_back(std::move(card));
    }
    if (!cards.empty() || !any_discovered) spec.models = std::move(cards);
}

void check_models(JsonReader& reader, const WorkerSpec& spec) {
    if (!spec.models) return;
    std::set<std::string, std::less<>> names;
    for (const auto& card : *spec.models) {
        if (!names.insert(card.id).second) return reader.refuse("models", "names `" + card.id.substr(0, 64) + "` twice");
        for (const auto& alias : card.aliases)
            if (alias.empty() || !names.insert(alias).second)
                return reader.refuse("models", "has an empty or repeated alias at `" + card.id.substr(0, 64) + "`");
    }
}

void read_headers(JsonReader& reader, WorkerSpec& spec) {
    std::vector<std::pair<std::string, std::string>> given;
    reader.texts("headers", given);
    for (auto& [name, value] : given) {
        const auto path = "headers." + name.substr(0, 64);
        if (!http::is_token(name)) return reader.refuse("headers", "has a name that is not a header's name");
        if (!http::is_field_value(value)) return reader.refuse(path, "has a value that no header may have");
        for (const auto reserved : reserved_headers)
            if (iequals(name, reserved)) return reader.refuse(path, "is set by the gateway itself");
        spec.headers.emplace_back(std::move(name), Secret(std::move(value)));
    }
}

void read_auth(JsonReader& reader, WorkerSpec& spec) {
    reader.object("auth", [&](JsonReader& inner) {
        providers::CredentialRule rule;
        inner.text("header", rule.header);
        if (!http::is_token(rule.header)) inner.refuse("header", "is not a header's name");
        rule.header = ascii_lower(rule.header);
        rule.scheme = rule.header == "authorization" ? "Bearer" : "";
        inner.text("scheme", rule.scheme);
        if (!rule.scheme.empty() && !http::is_token(rule.scheme)) inner.refuse("scheme", "is not a scheme's name");
        spec.auth = rule;
    });
}

void read_labels(JsonReader& reader, WorkerSpec& spec) {
    std::vector<std::pair<std::string, std::string>> given;
    reader.texts("labels", given);
    for (auto& [name, value] : given) {
        if (name == "policy")
            if (const auto policy = policy_named(value, "labels.policy"); !policy) return reader.refuse_as(policy.error());
        spec.labels.emplace(std::move(name), std::move(value));
    }
}

void read_proxy(JsonReader& reader, WorkerSpec& spec) {
    reader.text("proxy", spec.proxy);
    if (spec.proxy.empty() || spec.proxy == "none") return;
    const auto url = providers::parse_worker_url(spec.proxy);
    if (!url || !url->path.empty()) reader.refuse("proxy", "must be http://host:port or https://host:port, without a user or password, or `none`");
}

void read_kind(JsonReader& reader) {
    std::string type = "regular", mode = "http";
    reader.text("worker_type", type);
    reader.text("connection_mode", mode);
    if (type != "regular") reader.refuse("worker_type", "`" + type.substr(0, 64) + "` is not supported; only `regular` is");
    if (mode != "http") reader.refuse("connection_mode", "`" + mode.substr(0, 64) + "` is not supported; only `http` is");
}

void read_provider(JsonReader& reader, WorkerSpec& spec, const providers::Catalog& catalog) {
    std::string spelled;
    reader.text("provider", spelled);
    if (spelled.empty() || reader.failed()) return;
    auto provider = catalog.named(spelled);
    if (!provider) return reader.refuse_as(provider.error());
    spec.provider = (*provider)->name;
}

void read_name(JsonReader& reader, WorkerSpec& spec) {
    reader.text("name", spec.name);
    if (spec.name.size() > 128) reader.refuse("name", "must have at most 128 characters");
    if (!http::is_field_value(spec.name) || trim(spec.name).size() != spec.name.size())
        reader.refuse("name", "must be plain text without blanks around it");
}

bool has(const json& body, const char* name) { return body.is_object() && body.contains(name); }

/// Pairs whose values a `GET` does not show: those whose names a `PUT` leaves out stay as they are; null for all of them clears them.
void keep_unmentioned(const auto& current, const json& body, const char* member, auto same_name, auto& out) {
    const auto given = has(body, member) ? body[member] : json::object();
    if (given.is_null()) return;
    for (const auto& pair : current) {
        const auto items = given.items();
        if (std::none_of(items.begin(), items.end(), [&](const auto& item) { return same_name(item.key(), pair.first); })) out.push_back(pair);
    }
}

}  // namespace

Result<json> parse_body(std::string_view text) {
    std::vector<std::set<std::string>> names;
    std::string twice;
    const auto watch = [&](int, json::parse_event_t event, json& value) {
        if (event == json::parse_event_t::object_start) names.emplace_back();
        if (event == json::parse_event_t::object_end) names.pop_back();
        if (event == json::parse_event_t::key && !names.back().insert(value.get<std::string>()).second) twice = value.get<std::string>();
        return true;
    };
    auto body = json::parse(text, watch, false);
    if (body.is_discarded()) return fail(Failure::invalid_request, "the body is not valid JSON");
    if (!body.is_object()) return fail(Failure::invalid_request, "the body must be a JSON object");
    if (!twice.empty()) return fail(Failure::invalid_request, "`" + twice.substr(0, 64) + "` stands there twice", twice.substr(0, 64));
    return body;
}

Result<WorkerSpec> spec_from_json(const json& body, const providers::Catalog& catalog) {
    JsonReader reader(body);
    WorkerSpec spec;
    reader.text("url", spec.url);
    if (spec.url.empty()) reader.refuse("url", "is required");
    for (const auto name : read_only) reader.ignore(name);
    read_key(reader, spec);
    read_runtime(reader, spec);
    read_provider(reader, spec, catalog);
    read_name(reader, spec);
    read_kind(reader);
    read_models(reader, spec, catalog);
    check_models(reader, spec);
    std::int64_t priority = spec.priority;
    reader.whole("priority", 0, 100, priority);
    spec.priority = static_cast<int>(priority);
    reader.number("cost", 0, 1e9, spec.cost);
    reader.number("weight", 0.001, 1e6, spec.weight);
    read_labels(reader, spec);
    read_headers(reader, spec);
    reader.texts("query", spec.query);
    read_auth(reader, spec);
    read_proxy(reader, spec);
    read_overrides(reader, spec);
    if (auto error = reader.finish()) return tl::unexpected(std::move(*error));
    if (const auto identity = identify(spec, catalog); !identity) return tl::unexpected(identity.error());
    return spec;
}

namespace {

/// A GET shows the provider that was found out, and an empty list where none is known: neither is declared by coming back.
void leave_out_found(const WorkerSpec& current, const providers::Catalog& catalog, json& body) {
    const auto known = identify(current, catalog);
    if (current.provider.empty() && known && has(body, "provider") && body["provider"] == known->provider->name) body.erase("provider");
    if (!current.models && has(body, "models") && body["models"] == json::array()) body.erase("models");
}

}  // namespace

Result<WorkerSpec> replaced_spec(const WorkerSpec& current, const json& body, const providers::Catalog& catalog) {
    if (!body.is_object()) return fail(Failure::invalid_request, "the body must be a JSON object");
    if (!has(body, "url")) return fail(Failure::invalid_request, "url is required: a PUT replaces the worker, a PATCH changes what it names", "url");
    json whole = body;
    if (!has(body, "name") && !current.name.empty()) whole["name"] = current.name;
    leave_out_found(current, catalog, whole);
    auto spec = spec_from_json(whole, catalog);
    if (!spec) return spec;
    const auto before = identify(current, catalog);
    const auto after = identify(*spec, catalog);
    if (before && after->url_key != before->url_key)
        return fail(Failure::invalid_request, "url cannot be changed; delete the worker and add it anew", "url");
    if (spec->name != current.name) return fail(Failure::invalid_request, "name cannot be changed; delete the worker and add it anew", "name");
    if (!has(body, "api_key") && !has(body, "api_key_file")) {
        spec->api_key = current.api_key;
        spec->api_key_file = current.api_key_file;
    }
    const auto same_header = [](std::string_view a, std::string_view b) { return iequals(a, b); };
    keep_unmentioned(current.headers, body, "headers", same_header, spec->headers);
    keep_unmentioned(current.query, body, "query", std::equal_to<std::string_view>(), spec->query);
    return spec;
}

Result<WorkerSpec> patched_spec(const WorkerSpec& current, const json& body, const providers::Catalog& catalog) {
    if (!body.is_object()) return fail(Failure::invalid_request, "the body must be a JSON object");
    json patch = body;
    json whole = spec_to_json_with_secrets(current);
    for (const auto name : read_only) patch.erase(std::string(name));
    for (const char* name : {"url", "name", "provider"}) {
        if (!patch.contains(name)) continue;
        // What a GET showed may come back unchanged: it shows the provider that was found out, too.
        const auto known = identify(current, catalog);
        const bool same = patch[name] == (whole.contains(name) ? whole[name] : json()) ||
                          (std::string_view(name) == "provider" && known && patch[name] == known->provider->name);
        if (!same) return fail(Failure::invalid_request, std::string(name) + " cannot be changed; delete the worker and add it anew", name);
        patch.erase(name);
    }
    leave_out_found(current, catalog, patch);
    if (has(patch, "api_key")) whole.erase("api_key_file");
    if (has(patch, "api_key_file")) whole.erase("api_key");
    if (has(patch, "runtime")) whole.erase("runtime_type");
    whole.merge_patch(patch);  // RFC 7396: null deletes, objects merge
    auto spec = spec_from_json(whole, catalog);
    if (spec && !spec->api_key_file.empty() && spec->api_key_file == current.api_key_file) spec->api_key = current.api_key;
    return spec;
}

}  // namespace smg::workers
