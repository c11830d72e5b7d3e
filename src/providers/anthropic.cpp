/// Anthropic: Messages. Contract section 2; Anthropic's API reference and model pages, and recordings, until November 2026.
#include "base/ascii.hpp"
#include "providers/model_list.hpp"
#include "providers/model_version.hpp"
#include "providers/provider.hpp"
#include "providers/timestamp.hpp"

namespace smg::providers {

namespace {

using codec::JsonNode;
using codec::ModelCapabilities;
using Thinking = ModelCapabilities::Thinking;

constexpr ModelVersion newest{99, 0};  // a name without a version (claude-mythos-preview) is newer than this table

std::uint64_t output_limit(const ModelVersion& version, const std::string& model) {
    if (version >= ModelVersion{4, 6}) return 128000;
    if (version >= ModelVersion{4, 5}) return 64000;
    if (version >= ModelVersion{4, 0}) return model.find("opus") != std::string::npos ? 32000 : 64000;
    if (version >= ModelVersion{3, 7}) return 64000;
    if (version >= ModelVersion{3, 5}) return 8192;
    return 4096;
}

std::vector<std::string> effort_words(const ModelVersion& version) {
    if (version >= ModelVersion{4, 7}) return {"low", "medium", "high", "xhigh", "max"};
    if (version >= ModelVersion{4, 6}) return {"low", "medium", "high", "max"};  // recorded: "Supported levels: high, low, max, medium"
    if (version >= ModelVersion{4, 5}) return {"low", "medium", "high"};
    return {};
}

ModelCapabilities table(std::string_view name) {
    const auto model = ascii_lower(name);
    const auto version = version_in(model).value_or(newest);
    ModelCapabilities capabilities;
    capabilities.max_output_tokens = output_limit(version, model);
    capabilities.thinking = version >= ModelVersion{4, 6} ? Thinking::adaptive : version >= ModelVersion{3, 7} ? Thinking::manual : Thinking::none;
    capabilities.thinking_budget_min = capabilities.thinking == Thinking::manual ? 1024 : 0;
    capabilities.efforts = effort_words(version);
    capabilities.sampling_locked = version >= ModelVersion{4, 7};
    capabilities.temperature_or_top_p = version >= ModelVersion{4, 1} && !capabilities.sampling_locked;
    capabilities.structured_outputs = version >= ModelVersion{4, 1};
    capabilities.forced_tool_choice = model.find("fable") == std::string::npos && model.find("mythos") == std::string::npos;
    capabilities.mid_conversation_system = version >= ModelVersion{4, 8};
    return capabilities;
}

/// Capabilities are `{"supported":true}` objects; a plain boolean is taken as well.
std::optional<bool> supported(JsonNode node) { return node.is_object() ? node["supported"].boolean() : node.boolean(); }

void read_thinking(JsonNode types, ModelCapabilities& capabilities) {
    const auto adaptive = supported(types["adaptive"]);
    const auto enabled = supported(types["enabled"]);
    if (adaptive || enabled)
        capabilities.thinking = adaptive.value_or(false) ? Thinking::adaptive : enabled.value_or(false) ? Thinking::manual : Thinking::none;
    if (const auto disabled = supported(types["disabled"])) capabilities.thinking_can_be_disabled = *disabled;
}

void read_capabilities(JsonNode node, ModelCapabilities& capabilities) {
    if (const auto any = supported(node["thinking"]); any && !*any) capabilities.thinking = Thinking::none;
    read_thinking(node["thinking"]["types"], capabilities);
    if (node["effort"].is_object()) {
        capabilities.efforts.clear();
        for (const auto word : {"low", "medium", "high", "xhigh", "max"})
            if (supported(node["effort"][word]).value_or(false)) capabilities.efforts.emplace_back(word);
    }
    if (const auto structured = supported(node["structured_outputs"])) capabilities.structured_outputs = *structured;
}

ListedModel read_entry(JsonNode entry) {
    ListedModel model;
    model.id = std::string(entry["id"].text());
    model.created = parse_rfc3339(entry["created_at"].text()).value_or(0);
    model.owned_by = "anthropic";
    model.display_name = std::string(entry["display_name"].text());
    model.context_length = first_count(entry, {"max_input_tokens"});
    model.max_output_tokens = first_count(entry, {"max_tokens"});
    model.capabilities = table(model.id);
    if (model.max_output_tokens != 0) model.capabilities.max_output_tokens = model.max_output_tokens;
    read_capabilities(entry["capabilities"], model.capabilities);
    for (const auto name : {"lifecycle", "line", "deprecated_at", "retires_at", "capabilities"})
        if (entry[name].present()) model.stated.emplace_back(name, entry[name].raw());
    return model;
}

Result<ModelsPage> parse_models(const Provider& self, std::string_view body) {
    codec::JsonTree tree;
    const auto root = parse_list_body(self, tree, body);
    if (!root) return tl::unexpected(root.error());
    if (!(*root)["data"].is_array()) return fail(Failure::upstream_error, self.name + " answered its models list without `data`");
    ModelsPage page;
    for (const JsonNode entry : (*root)["data"])
        if (!entry["id"].text().empty()) page.models.push_back(read_entry(entry));
    const auto last = (*root)["last_id"].text();
    if ((*root)["has_more"].boolean().value_or(false) && !last.empty()) page.next = "limit=1000&after_id=" + encode_query(last);
    return page;
}

}  // namespace

Provider anthropic() {
    Provider provider;
    provider.name = "anthropic";
    provider.aliases = {"claude"};
    provider.origin = codec::Origin::anthropic;
    provider.router_type = "anthropic";
    provider.first_party = true;
    provider.hosts = {"api.anthropic.com"};
    provider.model_patterns = {"claude-*"};
    provider.key_prefixes = {"sk-ant-"};
    provider.format = ApiFormat::anthropic_messages;
    provider.credential = {"x-api-key", ""};
    provider.bearer_key_prefixes = {"sk-ant-oat"};
    provider.bearer_jwt = true;
    provider.version_headers = {{"anthropic-version", "2023-06-01"}};
    provider.paths = {"/messages", "", "", "", "/messages/count_tokens", "/models", "/models/{model}"};
    provider.models_first_query = "limit=1000";
    provider.request_headers = {{"anthropic-beta"}, {"idempotency-key"}, {"x-stainless-*"}};
    provider.private_response_headers = {"anthropic-organization-id", "anthropic-workspace-id", "anthropic-project-id"};
    provider.request_id_header = "request-id";
    provider.quirks.engine_sampling_fields = false;
    provider.parse_models = parse_models;
    provider.table = table;
    return provider;
}

}  // namespace smg::providers
