#include "providers/model_list.hpp"

namespace smg::providers {

using codec::JsonNode;

Result<JsonNode> parse_list_body(const Provider& self, codec::JsonTree& tree, std::string_view body) {
    auto root = tree.parse(body);
    if (!root) return fail(Failure::upstream_error, self.name + " answered its models list with something that is not JSON: " + root.error().message);
    if (!root->is_object() && !root->is_array())
        return fail(Failure::upstream_error, self.name + " answered its models list with neither object nor array");
    return *root;
}

std::uint64_t first_count(JsonNode object, std::initializer_list<std::string_view> names) {
    for (const auto name : names)
        if (const auto value = object[name].integer(); value && *value > 0) return static_cast<std::uint64_t>(*value);
    return 0;
}

namespace {

JsonNode entries_of(JsonNode root) {
    if (root.is_array()) return root;
    if (root["data"].is_array()) return root["data"];
    return root["models"];
}

ListedModel read_entry(const Provider& self, JsonNode entry) {
    ListedModel model;
    model.id = std::string(entry["id"].text());
    model.created = entry["created"].integer().value_or(0);
    model.owned_by = std::string(entry["owned_by"].text());
    for (const auto name : {"display_name", "name"})
        if (model.display_name.empty()) model.display_name = std::string(entry[name].text());
    if (model.display_name == model.id) model.display_name.clear();
    model.context_length = first_count(entry, {"context_length", "context_window", "max_model_len", "max_context_length"});
    model.max_output_tokens = first_count(entry, {"max_completion_tokens", "max_output_tokens"});
    if (model.max_output_tokens == 0) model.max_output_tokens = first_count(entry["top_provider"], {"max_completion_tokens"});
    model.capabilities = self.capabilities(model.id);
    if (model.max_output_tokens != 0) model.capabilities.max_output_tokens = model.max_output_tokens;
    return model;
}

}  // namespace

Result<ModelsPage> parse_openai_models(const Provider& self, std::string_view body) {
    codec::JsonTree tree;
    const auto root = parse_list_body(self, tree, body);
    if (!root) return tl::unexpected(root.error());
    const auto entries = entries_of(*root);
    if (!entries.is_array()) return fail(Failure::upstream_error, self.name + " answered its models list without `data`");
    ModelsPage page;
    for (const JsonNode entry : entries)
        if (!entry["id"].text().empty()) page.models.push_back(read_entry(self, entry));
    const auto last = (*root)["last_id"].text();
    if ((*root)["has_more"].boolean().value_or(false) && !last.empty()) page.next = "after=" + encode_query(last);
    return page;
}

}  // namespace smg::providers
