#include "workers/spec_json.hpp"
#include "workers/spec_overrides.hpp"

namespace smg::workers {

using nlohmann::json;

namespace {

json card_json(const ModelCard& card) {
    if (card.id_only) return card.id;
    json out = {{"id", card.id}};
    if (!card.aliases.empty()) out["aliases"] = card.aliases;
    if (!card.upstream_model.empty()) out["upstream_model"] = card.upstream_model;
    if (!card.display_name.empty()) out["display_name"] = card.display_name;
    if (card.context_length != 0) out["context_length"] = card.context_length;
    if (!card.model_type.empty()) out["model_type"] = card.model_type;
    if (!card.provider.empty()) out["provider"] = card.provider;
    return out;
}

json object_of(const auto& pairs) {
    json out = json::object();
    for (const auto& [name, value] : pairs) out[name] = value;
    return out;
}

json names_of(const auto& pairs) {
    json out = json::array();
    for (const auto& pair : pairs) out.push_back(pair.first);
    return out;
}

json public_json(const WorkerSpec& spec) {
    json out = {{"url", spec.url},           {"runtime_type", name_of(spec.runtime_type)},
                {"worker_type", "regular"},  {"connection_mode", "http"},
                {"priority", spec.priority}, {"cost", spec.cost},
                {"weight", spec.weight},     {"labels", object_of(spec.labels)}};
    if (!spec.provider.empty()) out["provider"] = spec.provider;
    if (!spec.name.empty()) out["name"] = spec.name;
    if (!spec.api_key_file.empty()) out["api_key_file"] = spec.api_key_file;
    if (spec.models) {
        out["models"] = json::array();
        for (const auto& card : *spec.models) out["models"].push_back(card_json(card));
    }
    if (spec.auth) out["auth"] = {{"header", spec.auth->header}, {"scheme", spec.auth->scheme}};
    if (!spec.proxy.empty()) out["proxy"] = spec.proxy;
    write_overrides(spec, out);
    return out;
}

}  // namespace

json spec_to_json(const WorkerSpec& spec) {
    auto out = public_json(spec);
    out["has_api_key"] = spec.has_key();
    if (!spec.headers.empty()) out["header_names"] = names_of(spec.headers);
    if (!spec.query.empty()) out["query_names"] = names_of(spec.query);
    return out;
}

json spec_to_json_with_secrets(const WorkerSpec& spec) {
    auto out = public_json(spec);
    // A key that came from a file stays there.
    if (spec.has_key() && spec.api_key_file.empty()) out["api_key"] = spec.api_key.reveal();
    for (const auto& [name, value] : spec.headers) out["headers"][name] = value.reveal();
    if (!spec.query.empty()) out["query"] = object_of(spec.query);
    return out;
}

}  // namespace smg::workers
