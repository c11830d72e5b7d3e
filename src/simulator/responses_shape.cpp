#include <algorithm>

#include "simulator/responses.hpp"

namespace smg::simulator {
namespace {

using Cases = std::vector<std::pair<std::string, Shape>>;

Shape::Member type() { return may("type", Shape::text()); }
Shape::Member id() { return may_null("id", Shape::text()); }
Shape::Member status() { return may_null("status", Shape::words({"in_progress", "completed", "incomplete"})); }
Shape::Member breakpoint() { return may_null("prompt_cache_breakpoint", Shape::free_object()); }

Cases input_parts() {
    const auto text = Shape::object({type(), need("text", Shape::text()), breakpoint()});
    const auto image = Shape::object({type(), may_null("image_url", Shape::text()), may_null("file_id", Shape::text()),
                                      may_null("detail", Shape::words({"low", "high", "auto", "original"})), breakpoint()});
    const auto file = Shape::object({type(), may_null("file_id", Shape::text()), may_null("filename", Shape::text()),
                                     may_null("file_data", Shape::text()), may_null("file_url", Shape::text()),
                                     may_null("detail", Shape::words({"low", "high", "auto"})), breakpoint()});
    return {{"input_text", text}, {"input_image", image}, {"input_file", file}};
}

Shape input_content() { return Shape::either({Shape::text(), Shape::list(Shape::tagged("type", input_parts()))}); }

Shape assistant_content() {
    const auto text = Shape::object({type(), need("text", Shape::text()), may_null("annotations", Shape::list(Shape::free_object())),
                                     may_null("logprobs", Shape::list(Shape::free_object()))});
    const auto refusal = Shape::object({type(), need("refusal", Shape::text())});
    return Shape::either({Shape::text(), Shape::list(Shape::tagged("type", {{"output_text", text}, {"refusal", refusal}}))});
}

Shape message() {
    const auto said = Shape::object({type(), id(), status(), need("role", Shape::text()), need("content", input_content())});
    const auto answered = Shape::object({type(), id(), status(), need("role", Shape::text()), need("content", assistant_content()),
                                         may_null("phase", Shape::words({"commentary", "final_answer"}))});
    return Shape::tagged("role", {{"assistant", answered}, {"system", said}, {"developer", said}, {"user", said}});
}

Shape reasoning() {
    const auto summary = Shape::object({type(), need("text", Shape::text())});
    return Shape::object({type(), id(), status(), need("summary", Shape::list(Shape::tagged("type", {{"summary_text", summary}}))),
                          may_null("content", Shape::list(Shape::tagged("type", {{"reasoning_text", summary}}))),
                          may_null("encrypted_content", Shape::text())});
}

Shape item() {
    const auto call_id = need("call_id", Shape::text());
    const auto output = need("output", input_content());
    const auto name = need("name", Shape::text());
    Cases cases{
        {"message", message()},
        {"reasoning", reasoning()},
        {"function_call",
         Shape::object({type(), id(), status(), call_id, name, need("arguments", Shape::text()), may_null("namespace", Shape::text())})},
        {"function_call_output", Shape::object({type(), id(), status(), call_id, output})},
        {"custom_tool_call", Shape::object({type(), id(), status(), call_id, name, need("input", Shape::text())})},
        {"custom_tool_call_output", Shape::object({type(), id(), status(), call_id, output})},
        {"item_reference", Shape::object({type(), need("id", Shape::text())})},
        {"compaction", Shape::object({type(), id(), need("encrypted_content", Shape::text())})}};
    for (const auto* hosted :
         {"web_search_call", "file_search_call", "code_interpreter_call", "computer_call", "computer_call_output", "image_generation_call",
          "local_shell_call", "local_shell_call_output", "shell_call", "shell_call_output", "apply_patch_call", "apply_patch_call_output",
          "mcp_list_tools", "mcp_approval_request", "mcp_approval_response", "mcp_call", "tool_search_call", "tool_search_output"})
        cases.emplace_back(hosted, Shape::free_object());
    return Shape::tagged("type", std::move(cases), "message");
}

Shape tool() {
    const auto function = Shape::object({type(), need("name", Shape::text()), may_null("description", Shape::text()),
                                         may_null("parameters", Shape::free_object()), may_null("strict", Shape::flag()),
                                         may_null("defer_loading", Shape::flag())});
    const auto custom = Shape::object({type(), need("name", Shape::text()), may_null("description", Shape::text()),
                                       may_null("format", Shape::free_object()), may_null("defer_loading", Shape::flag())});
    Cases cases{{"function", function}, {"custom", custom}};
    for (const auto* hosted : {"web_search", "web_search_preview", "x_search", "file_search", "code_interpreter", "image_generation", "mcp",
                               "computer", "computer_use_preview", "local_shell", "shell", "apply_patch", "tool_search", "namespace"})
        cases.emplace_back(hosted, Shape::free_object());
    return Shape::tagged("type", std::move(cases));
}

Shape tool_choice() {
    const auto named = Shape::object({type(), need("name", Shape::text())});
    const auto allowed =
        Shape::object({type(), need("mode", Shape::words({"auto", "required"})), need("tools", Shape::list(Shape::free_object(), 1))});
    const auto hosted = Shape::object({type()});
    return Shape::either({Shape::words({"none", "auto", "required"}),
                          Shape::tagged("type", {{"function", named},
                                                 {"custom", named},
                                                 {"allowed_tools", allowed},
                                                 {"mcp", Shape::free_object()},
                                                 {"web_search", hosted},
                                                 {"web_search_preview", hosted},
                                                 {"file_search", hosted},
                                                 {"code_interpreter", hosted},
                                                 {"image_generation", hosted},
                                                 {"shell", hosted},
                                                 {"apply_patch", hosted}})});
}

Shape text_settings() {
    const auto schema = Shape::object({type(), need("name", Shape::text()), need("schema", Shape::free_object()),
                                       may_null("description", Shape::text()), may_null("strict", Shape::flag())});
    const auto format =
        Shape::tagged("type", {{"text", Shape::object({type()})}, {"json_object", Shape::object({type()})}, {"json_schema", schema}});
    return Shape::object({may_null("format", format), may_null("verbosity", Shape::words({"low", "medium", "high"}))});
}

Shape reasoning_settings() {
    const auto summary = Shape::words({"auto", "concise", "detailed"});
    return Shape::object({may_null("effort", Shape::words({"none", "minimal", "low", "medium", "high", "xhigh", "max"})),
                          may_null("summary", summary), may_null("generate_summary", summary), may_null("context", Shape::text()),
                          may_null("mode", Shape::text())});
}

std::vector<Shape::Member> counted_members() {
    return {need("model", Shape::text()),
            may_null("input", response_input_shape()),
            may_null("instructions", Shape::text()),
            may_null("previous_response_id", Shape::text()),
            may_null("conversation", Shape::any()),
            may_null("parallel_tool_calls", Shape::flag()),
            may_null("reasoning", reasoning_settings()),
            may_null("text", text_settings()),
            may_null("tool_choice", tool_choice()),
            may_null("tools", Shape::list(tool())),
            may_null("truncation", Shape::words({"auto", "disabled"}))};
}

Shape create_shape() {
    auto members = counted_members();
    const auto include = Shape::words({"file_search_call.results", "web_search_call.results", "web_search_call.action.sources",
                                       "message.input_image.image_url", "computer_call_output.output.image_url", "code_interpreter_call.outputs",
                                       "reasoning.encrypted_content", "message.output_text.logprobs"});
    const Shape::Member own[] = {may_null("background", Shape::flag()),
                                 may_null("context_management", Shape::list(Shape::free_object())),
                                 may_null("include", Shape::list(include)),
                                 may_null("max_output_tokens", Shape::whole(16)),
                                 may_null("max_tool_calls", Shape::whole(1)),
                                 may_null("metadata", Shape::free_object()),
                                 may_null("moderation", Shape::free_object()),
                                 may_null("prompt", Shape::free_object()),
                                 may_null("prompt_cache_key", Shape::text()),
                                 may_null("prompt_cache_options", Shape::free_object()),
                                 may_null("prompt_cache_retention", Shape::words({"in-memory", "in_memory", "24h"})),
                                 may_null("safety_identifier", Shape::text()),
                                 may_null("service_tier", Shape::words({"auto", "default", "flex", "scale", "priority"})),
                                 may_null("store", Shape::flag()),
                                 may_null("stream", Shape::flag()),
                                 may_null("stream_options", Shape::object({may("include_obfuscation", Shape::flag())})),
                                 may_null("temperature", Shape::number(0, 2)),
                                 may_null("top_logprobs", Shape::whole(0, 20)),
                                 may_null("top_p", Shape::number(0, 1)),
                                 may_null("user", Shape::text())};
    members.insert(members.end(), std::begin(own), std::end(own));
    return Shape::object(std::move(members));
}

Shape compact_shape() {
    return Shape::object({need("model", Shape::text()), may_null("input", response_input_shape()), may_null("instructions", Shape::text()),
                          may_null("previous_response_id", Shape::text()), may_null("prompt_cache_key", Shape::text()),
                          may_null("service_tier", Shape::text())});
}

/// Members of Chat Completions have other names here, and OpenAI says which.
Refusal unknown_member(const std::string& where) {
    const std::pair<const char*, const char*> moved[] = {{"messages", "input"},
                                                         {"max_tokens", "max_output_tokens"},
                                                         {"max_completion_tokens", "max_output_tokens"},
                                                         {"response_format", "text.format"},
                                                         {"reasoning_effort", "reasoning.effort"}};
    for (const auto& [old, now] : moved)
        if (where == old)
            return {400,
                    "Unsupported parameter: '" + where + "'. In the Responses API, this parameter has moved to '" + now +
                        "'. Try again with the new parameter. See the API documentation for more information: "
                        "https://platform.openai.com/docs/api-reference/responses/create.",
                    where, "unsupported_parameter"};
    return {400, "Unknown parameter: '" + where + "'.", where, "unknown_parameter"};
}

}  // namespace

Shape response_input_shape() { return Shape::either({Shape::text(), Shape::list(item())}); }

const Shape& responses_shape(ResponsesTask task) {
    static const auto create = create_shape();
    static const auto compact = compact_shape();
    static const auto count = Shape::object(counted_members());
    if (task == ResponsesTask::create) return create;
    return task == ResponsesTask::compact ? compact : count;
}

std::optional<Refusal> responses_shape_refusal(Json& body, ResponsesTask task, Flavour flavour) {
    auto problems = responses_shape(task).check(body);
    if (flavour == Flavour::xai) std::erase_if(problems, [](const Problem& problem) { return problem.fault == Fault::unknown; });
    if (problems.empty()) return std::nullopt;
    // A tool in the shape of Chat's both lacks a name and has what is unknown: OpenAI complains of the lack.
    const auto missing = std::find_if(problems.begin(), problems.end(), [](const Problem& problem) { return problem.fault == Fault::missing; });
    const auto& problem = missing != problems.end() && missing->path.size() > 1 ? *missing : problems.front();
    const auto where = bracketed(problem.path);
    if (problem.fault == Fault::unknown) return unknown_member(where);
    if (problem.fault == Fault::missing)
        return Refusal{400, "Missing required parameter: '" + where + "'.", where, "missing_required_parameter"};
    return refusal_of(problem);
}

}  // namespace smg::simulator
