#include <algorithm>

#include "codec/anthropic_messages/request_encode.hpp"
#include "codec/anthropic_messages/schema.hpp"

namespace smg::codec::messages {
namespace {

constexpr std::string_view json_tool_name = "json_response";

/// The client's name of a tool, or of a member of its function.
std::string tool_field(const Writing& to, std::size_t index, std::string_view member = {}) {
    const auto& conversation = to.conversation;
    std::string field = conversation.legacy_functions ? "functions" : conversation.format == "gemini" ? "tools[0].functionDeclarations" : "tools";
    field += "[" + std::to_string(index) + "]";
    if (member.empty()) return field;
    if (conversation.format == "openai_chat" && !conversation.legacy_functions) field += ".function";
    return field.append(".").append(member);
}

/// Tools that the model may use, by the choice; an error when the choice names one that is not there.
bool choose_tools(Writing& to, ToolPlan& plan) {
    const auto& tools = to.conversation.tools;
    const auto& choice = to.conversation.tool_choice;
    for (std::size_t i = 0; i < tools.size(); ++i) {
        if (tools[i].kind == Tool::Kind::provider && tools[i].origin == Origin::gemini) {
            to.note("tools." + tools[i].name);  // which Google would run
            continue;
        }
        if (tools[i].kind == Tool::Kind::provider && tools[i].origin != Origin::anthropic)
            return to.refuse(tool_field(to, i) + ".type", "Invalid value: '" + tools[i].name + "'. This provider takes function and custom tools.");
        plan.tools.push_back(&tools[i]);
    }
    if (!choice) return true;
    const auto named = choice->mode == ToolChoice::Mode::named || choice->mode == ToolChoice::Mode::allowed;
    if (named && !plan.tools.empty()) {
        for (const auto& name : choice->names)
            if (std::none_of(tools.begin(), tools.end(), [&](const Tool& tool) { return tool.name == name; }))
                return to.refuse(choice->legacy ? "function_call" : to.setting("tool_choice"),
                                 "Tool choice '" + name + "' not found in 'tools' parameter.");
    }
    return true;
}

void keep_only(ToolPlan& plan, const std::vector<std::string>& names) {
    std::erase_if(plan.tools, [&](const Tool* tool) { return std::find(names.begin(), names.end(), tool->name) == names.end(); });
}

void plan_choice(Writing& to, ToolPlan& plan) {
    const auto& choice = to.conversation.tool_choice;
    plan.single = to.conversation.parallel_tool_calls == false;
    if (!choice) {
        if (plan.single) plan.choice = "auto";
        return;
    }
    switch (choice->mode) {
        case ToolChoice::Mode::automatic: plan.choice = "auto"; break;
        case ToolChoice::Mode::none: plan.choice = "none"; break;
        case ToolChoice::Mode::required: plan.choice = "any"; break;
        case ToolChoice::Mode::named:
            plan.choice = "tool";
            plan.name = choice->names.front();
            break;
        case ToolChoice::Mode::allowed:
            // Fewer tools are another prefix: the provider's prompt cache misses.
            if (choice->names.size() < plan.tools.size()) to.note(to.setting("tool_choice"));
            keep_only(plan, choice->names);
            plan.choice = choice->allowed_required ? "any" : "auto";
            if (choice->allowed_required && plan.tools.size() == 1) {
                plan.choice = "tool";
                plan.name = plan.tools.front()->name;
            }
            break;
    }
    if (plan.forced() && !to.can.forced_tool_choice) {
        if (plan.choice == "tool") keep_only(plan, {plan.name});
        plan.choice = "auto";
        to.note(to.setting("tool_choice") + "=auto");
    }
}

/// Some hosts of the API refuse calls in the history when no tools are defined. The model must not call what is only remembered.
void plan_stubs(Writing& to, const Layout& layout, ToolPlan& plan) {
    for (const auto& message : layout.messages)
        for (const auto& block : message.blocks)
            if (const auto* call = block.part ? std::get_if<ToolCallPart>(block.part) : nullptr)
                if (const auto name = to.tool_name(call->name); std::find(plan.stubs.begin(), plan.stubs.end(), name) == plan.stubs.end())
                    plan.stubs.push_back(name);
    if (!plan.stubs.empty()) plan.choice = "none";
}

bool is_object_schema(const RawJson& schema) {
    const auto usable = tool_schema(schema);
    return usable && *usable == schema;
}

void plan_format(Writing& to, ToolPlan& plan) {
    const auto& format = to.conversation.response_format;
    if (!format || format->kind == ResponseFormat::Kind::text) return;
    const bool has_schema = format->kind == ResponseFormat::Kind::json_schema && !format->schema.empty();
    if (has_schema && to.can.structured_outputs) {
        plan.native_format = true;
        return;
    }
    // Manual thinking forbids a forced tool; the wish for structure is kept and the thinking, when it was wished for too.
    const bool thinks = to.can.thinking == ModelCapabilities::Thinking::manual && !to.conversation.reasoning_effort.empty() &&
                        to.conversation.reasoning_effort != "none";
    if (has_schema && plan.tools.empty() && to.can.forced_tool_choice && !thinks && is_object_schema(format->schema)) {
        plan.json_tool = true;
        plan.choice = "tool";
        plan.name = json_tool_name;
        to.memo.json_tool = json_tool_name;
        return;
    }
    to.note(to.setting("response_format"));
    plan.instruction = has_schema ? "Respond with a single JSON value that conforms to the following JSON Schema, and with nothing else, no code "
                                    "fence either.\n" +
                                        format->schema
                                  : "Respond with a single JSON object and nothing else, no code fence either.";
}

void write_definition(Writing& to, std::string_view name, std::string_view description, std::string_view schema) {
    to.json.begin_object().member("name", name);
    if (!description.empty()) to.json.member("description", description);
    to.json.raw_member("input_schema", schema).end_object();
}

void write_tool_extras(Writing& to, const Tool& tool) {
    to.raw_if("cache_control", tool.cache_control);
    for (const auto& [name, json] : tool.unknown)
        if (json != "null") to.note("tools." + name);
}

/// The free-form input of a custom tool travels as the one member of an object; the answer is unwrapped by the memo.
void write_custom(Writing& to, const Tool& tool) {
    const auto name = to.tool_name(tool.name);
    to.memo.custom_tools.insert(name);
    auto description = tool.description;
    if (!tool.format.empty() && tool.format.find("grammar") != std::string::npos) {
        to.note(to.setting("tools.custom.format"));
        description.append(description.empty() ? "" : "\n\n").append("The input must follow this format: ").append(tool.format);
    }
    to.json.begin_object().member("name", name);
    if (!description.empty()) to.json.member("description", description);
    to.json.raw_member("input_schema", R"({"type":"object","properties":{"input":{"type":"string"}},"required":["input"]})");
    write_tool_extras(to, tool);
    to.json.end_object();
}

bool write_function(Writing& to, const Tool& tool, std::size_t index) {
    const auto schema = tool_schema(tool.parameters);
    if (!schema)
        return to.refuse(
            tool_field(to, index, "parameters"),
            "The parameters of '" + tool.name + "' must be a schema of type object, without anyOf, oneOf or allOf at its root, for this provider.");
    to.json.begin_object().member("name", to.tool_name(tool.name));
    if (tool.has_description || !tool.description.empty()) to.json.member("description", tool.description);
    to.json.raw_member("input_schema", *schema);
    if (tool.strict == true) {
        if (to.can.structured_outputs)
            to.json.bool_member("strict", true);
        else
            to.note(to.setting("tools.function.strict"));
    }
    write_tool_extras(to, tool);
    to.json.end_object();
    return true;
}

bool write_tool(Writing& to, const Tool& tool) {
    if (tool.kind == Tool::Kind::provider) {
        to.json.raw(tool.opaque);
        return true;
    }
    if (tool.kind == Tool::Kind::custom) {
        write_custom(to, tool);
        return true;
    }
    return write_function(to, tool, static_cast<std::size_t>(&tool - to.conversation.tools.data()));
}

void write_choice(Writing& to, const ToolPlan& plan) {
    if (plan.choice.empty()) return;
    to.json.key("tool_choice").begin_object().member("type", plan.choice);
    if (plan.choice == "tool") to.json.member("name", plan.json_tool ? plan.name : to.tool_name(plan.name));
    if (plan.single && plan.choice != "none") to.json.bool_member("disable_parallel_tool_use", true);
    to.json.end_object();
}

}  // namespace

bool plan_tools(Writing& to, const Layout& layout, ToolPlan& plan) {
    if (!choose_tools(to, plan)) return false;
    if (plan.tools.empty())
        plan_stubs(to, layout, plan);
    else
        plan_choice(to, plan);
    plan_format(to, plan);
    return true;
}

bool write_tools(Writing& to, const ToolPlan& plan) {
    if (plan.tools.empty() && plan.stubs.empty() && !plan.json_tool) return true;
    to.json.key("tools").begin_array();
    for (const auto* tool : plan.tools)
        if (!write_tool(to, *tool)) return false;
    for (const auto& name : plan.stubs) write_definition(to, name, {}, R"({"type":"object","properties":{}})");
    if (plan.json_tool) {
        const auto& format = *to.conversation.response_format;
        write_definition(to, json_tool_name, format.description.empty() ? "The answer. Call this tool with it." : format.description, format.schema);
    }
    to.json.end_array();
    write_choice(to, plan);
    return true;
}

}  // namespace smg::codec::messages
