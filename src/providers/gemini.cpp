/// Google Gemini: generateContent. Contract section 2; Google's API reference, model pages and recordings until November 2026.
#include <algorithm>

#include "base/ascii.hpp"
#include "providers/model_list.hpp"
#include "providers/model_version.hpp"
#include "providers/provider.hpp"

namespace smg::providers {

namespace {

using codec::JsonNode;
using codec::ModelCapabilities;
using Thinking = ModelCapabilities::Thinking;

constexpr ModelVersion newest{99, 0};  // `gemini-flash-latest` follows the newest

bool has(std::string_view model, std::string_view word) { return model.find(word) != std::string_view::npos; }

void budgets_of_2_5(const std::string& model, ModelCapabilities& capabilities) {
    capabilities.thinking = Thinking::manual;
    const bool pro = has(model, "pro");
    capabilities.thinking_can_be_disabled = !pro;
    capabilities.thinking_budget_min = pro ? 128 : has(model, "lite") ? 512 : 0;
    capabilities.thinking_budget_max = pro ? 32768 : 24576;
}

void levels_of_3(const ModelVersion& version, const std::string& model, ModelCapabilities& capabilities) {
    capabilities.thinking = Thinking::adaptive;
    capabilities.thinking_can_be_disabled = false;
    capabilities.gemini_thinking_level = true;
    capabilities.thought_signatures_required = true;
    capabilities.native_tool_ids = true;
    if (!has(model, "pro"))
        capabilities.efforts = {"minimal", "low", "medium", "high"};
    else if (version == ModelVersion{3, 0})
        capabilities.efforts = {"low", "high"};
    else
        capabilities.efforts = {"low", "medium", "high"};
}

ModelCapabilities table(std::string_view name) {
    const auto model = ascii_lower(name);
    ModelCapabilities capabilities;
    if (!model.starts_with("gemini-")) {  // gemma, learnlm: text in, text out
        capabilities.thinking = Thinking::none;
        capabilities.max_output_tokens = 8192;
        capabilities.structured_outputs = !model.starts_with("gemma");
        return capabilities;
    }
    const auto version = version_in(model).value_or(newest);
    capabilities.max_output_tokens = version >= ModelVersion{2, 5} ? 65536 : 8192;
    if (version < ModelVersion{2, 5} || has(model, "-tts") || (has(model, "-image") && version < ModelVersion{3, 0})) {
        capabilities.thinking = has(model, "thinking") ? Thinking::unknown : Thinking::none;
    } else if (version < ModelVersion{3, 0}) {
        budgets_of_2_5(model, capabilities);
    } else {
        levels_of_3(version, model, capabilities);
    }
    return capabilities;
}

/// The list says whether a model thinks; how it is told to, its name does. A name that the table takes for one that does not think, but that does,
/// is left to its default.
void read_thinking(bool thinks, ModelCapabilities& capabilities) {
    if (!thinks)
        capabilities.thinking = Thinking::none;
    else if (capabilities.thinking == Thinking::none)
        capabilities.thinking = Thinking::unknown;
}

ListedModel read_entry(JsonNode entry) {
    ListedModel model;
    auto name = entry["name"].text();
    if (name.starts_with("models/")) name.remove_prefix(7);
    model.id = std::string(name);
    model.owned_by = "google";
    model.display_name = std::string(entry["displayName"].text());
    model.context_length = first_count(entry, {"inputTokenLimit"});
    model.max_output_tokens = first_count(entry, {"outputTokenLimit"});
    for (const JsonNode method : entry["supportedGenerationMethods"]) model.methods.emplace_back(method.text());
    model.capabilities = table(name);
    if (model.max_output_tokens != 0) model.capabilities.max_output_tokens = model.max_output_tokens;
    if (const auto thinking = entry["thinking"].boolean()) read_thinking(*thinking, model.capabilities);
    for (const auto member : {"version", "description", "temperature", "maxTemperature", "topP", "topK", "thinking"})
        if (entry[member].present()) model.stated.emplace_back(member, entry[member].raw());
    return model;
}

/// Image and live models of other methods cannot be served here; a list that names no methods is believed.
bool is_served(const ListedModel& model) {
    if (model.methods.empty()) return true;
    return std::any_of(model.methods.begin(), model.methods.end(), [](const std::string& method) {
        return method == "generateContent" || method == "embedContent" || method == "batchEmbedContents";
    });
}

Result<ModelsPage> parse_models(const Provider& self, std::string_view body) {
    codec::JsonTree tree;
    const auto root = parse_list_body(self, tree, body);
    if (!root) return tl::unexpected(root.error());
    ModelsPage page;
    if ((*root)["models"].present() && !(*root)["models"].is_array())
        return fail(Failure::upstream_error, self.name + " answered its models list without `models`");
    if (!(*root)["models"].present() && (*root)["error"].present())
        return fail(Failure::upstream_error, self.name + " answered its models list with an error");
    for (const JsonNode entry : (*root)["models"]) {  // absent on an empty last page: proto JSON leaves empty lists out
        auto model = read_entry(entry);
        if (!model.id.empty() && is_served(model)) page.models.push_back(std::move(model));
    }
    if (const auto token = (*root)["nextPageToken"].text(); !token.empty()) page.next = "pageSize=1000&pageToken=" + encode_query(token);
    return page;
}

}  // namespace

Provider gemini() {
    Provider provider;
    provider.name = "gemini";
    provider.aliases = {"google"};
    provider.origin = codec::Origin::gemini;
    provider.router_type = "gemini";
    provider.first_party = true;
    provider.hosts = {"generativelanguage.googleapis.com"};
    provider.model_patterns = {"gemini-*", "gemma-*", "learnlm-*", "text-embedding-004"};
    provider.key_prefixes = {"AIza", "AQ."};
    provider.format = ApiFormat::gemini;
    provider.default_root = "/v1beta";
    provider.credential = {"x-goog-api-key", ""};
    provider.bearer_key_prefixes = {"ya29."};  // OAuth access tokens
    provider.paths = {"/{resource}:{method}", "", "", "/{resource}:{method}", "/{resource}:{method}", "/models", "/{resource}"};
    provider.models_first_query = "pageSize=1000";
    provider.request_headers = {{"x-goog-user-project", true, false}, {"x-goog-*"}};
    provider.private_response_headers = {"x-goog-user-project"};
    provider.request_id_header = "x-goog-request-id";
    provider.quirks.engine_sampling_fields = false;
    provider.parse_models = parse_models;
    provider.table = table;
    return provider;
}

}  // namespace smg::providers
