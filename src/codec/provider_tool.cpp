#include "codec/provider_tool.hpp"

#include "codec/json_tree.hpp"

namespace smg::codec {

bool is_bound_to_its_models(const Tool& tool) {
    if (tool.kind != Tool::Kind::provider) return false;
    JsonTree tree;
    const auto definition = tree.parse(tool.opaque);
    if (!definition) return false;
    const auto type = (*definition)["type"].text();  // Anthropic's `computer_20251124`, OpenAI's `computer_use_preview`
    if (type.starts_with("computer") || type.starts_with("browser")) return true;
    return (*definition)["computerUse"].present() || (*definition)["computer_use"].present();  // Gemini's
}

}  // namespace smg::codec
