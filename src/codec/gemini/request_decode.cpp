#include "codec/gemini/request_decode.hpp"

#include "codec/gemini/gemini.hpp"

namespace smg::codec::google {
namespace {

bool read_member(Fields& fields, JsonNode item, const Path& path, Conversation& out) {
    const auto name = item.name();
    if (is_named(name, "tools")) return read_tools(fields, item, path, out.tools);
    if (is_named(name, "toolConfig")) return read_tool_config(fields, item, path, out);
    if (is_named(name, "generationConfig")) return read_generation_config(fields, item, path, out);
    if (is_named(name, "safetySettings")) return fields.array(item, path, out.safety_settings);
    if (is_named(name, "serviceTier")) return fields.string(item, path, out.service_tier);
    if (name == "store") return fields.boolean(item, path, out.store);
    if (name == "model") {  // the URL names it; some clients repeat it here
        std::string ignored;
        return fields.string(item, path, ignored);
    }
    if (!is_named(name, "contents") && !is_named(name, "systemInstruction")) keep(out.unknown, item);
    return true;
}

bool read_turns(Fields& fields, JsonNode root, const Path& path, Conversation& out) {
    ContentReader reader(fields);
    const auto system = member(root, "systemInstruction");
    if (!system.is_absent_or_null() && !reader.read_system(system, path.member(system, "systemInstruction"), out.turns.emplace_back())) return false;
    return reader.read(root["contents"], path.member("contents"), out.turns);
}

}  // namespace

Result<Conversation> decode_request(std::string_view body) {
    JsonTree tree;
    const auto parsed = tree.parse(body);
    if (!parsed) return fail(Failure::invalid_request, "Invalid JSON payload received: " + parsed.error().message);
    const auto root = *parsed;
    Fields fields;
    const Path path;
    if (!fields.is_object(root, path)) return fields.error();
    Conversation out;
    out.format = format_name;
    out.include_reasoning_text = false;  // thoughts come only when `includeThoughts` asks for them
    if (!read_turns(fields, root, path, out)) return fields.error();
    for (JsonNode item : root)
        if (!read_member(fields, item, path.member(item.name()), out)) return fields.error();
    return out;
}

}  // namespace smg::codec::google
