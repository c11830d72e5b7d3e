#include "codec/provider_tool.hpp"

#include "codec/json_tree.hpp"

namespace smg::codec {

namespace {

bool is_bound(const Tool& tool) {
    if (tool.origin == Origin::openai) return true;
    JsonTree tree;
    const auto definition = tree.parse(tool.opaque);
    if (!definition) return false;
    const auto type = (*definition)["type"].text();  // Anthropic's `computer_20251124`, OpenAI's `computer_use_preview`
    if (type.starts_with("computer") || type.starts_with("browser")) return true;
    return (*definition)["computerUse"].present() || (*definition)["computer_use"].present();  // Gemini's
}

}  // namespace

std::optional<Error> bound_tool(const Conversation& conversation, Origin own) {
    const auto& tools = conversation.tools;
    for (std::size_t i = 0; i < tools.size(); ++i) {
        if (tools[i].kind != Tool::Kind::provider || (own != Origin::unknown && tools[i].origin == own) || !is_bound(tools[i])) continue;
        // A Gemini client's entry of `tools` may hold several.
        auto field = conversation.format == "gemini" ? std::string("tools") : "tools[" + std::to_string(i) + "].type";
        return Error(Failure::invalid_request, "The tool '" + tools[i].name + "' is known to its own provider's models only.", std::move(field));
    }
    return std::nullopt;
}

}  // namespace smg::codec
