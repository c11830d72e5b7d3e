#include "simulator/anthropic_messages.hpp"

namespace smg::simulator {
namespace {

using Member = Shape::Member;
using Members = std::vector<Member>;

Member type_member() { return need("type", Shape::text()); }

Member cache_control() {
    return may_null("cache_control", Shape::object({need("type", Shape::words({"ephemeral"})), may("ttl", Shape::words({"5m", "1h"}))}));
}

Shape block(Members members) {
    members.push_back(type_member());
    return Shape::object(std::move(members));
}

Shape text_block() { return block({need("text", Shape::text()), cache_control(), may_null("citations", Shape::list(Shape::free_object()))}); }

Shape image_block() {
    const auto base64 =
        block({need("media_type", Shape::words({"image/jpeg", "image/png", "image/gif", "image/webp"})), need("data", Shape::text())});
    const auto source =
        Shape::tagged("type", {{"base64", base64}, {"url", block({need("url", Shape::text())})}, {"file", block({need("file_id", Shape::text())})}});
    return block({need("source", source), cache_control()});
}

Shape document_block() {
    const auto source =
        Shape::tagged("type", {{"base64", block({need("media_type", Shape::words({"application/pdf"})), need("data", Shape::text())})},
                               {"text", block({need("media_type", Shape::words({"text/plain"})), need("data", Shape::text())})},
                               {"content", block({need("content", Shape::either({Shape::text(), Shape::list(Shape::free_object())}))})},
                               {"url", block({need("url", Shape::text())})},
                               {"file", block({need("file_id", Shape::text())})}});
    return block({need("source", source), cache_control(), may_null("title", Shape::text()), may_null("context", Shape::text()),
                  may_null("citations", Shape::object({may("enabled", Shape::flag())}))});
}

Shape search_result_block() {
    return block({need("content", Shape::list(Shape::free_object())), need("source", Shape::text()), need("title", Shape::text()), cache_control(),
                  may("citations", Shape::object({may("enabled", Shape::flag())}))});
}

Shape tool_use_block() {
    return block({need("id", Shape::text()), need("name", Shape::text()), need("input", Shape::free_object()), cache_control(),
                  may("caller", Shape::free_object())});
}

Shape tool_result_block() {
    const auto inner = Shape::tagged("type", {{"text", text_block()},
                                              {"image", image_block()},
                                              {"document", document_block()},
                                              {"search_result", search_result_block()},
                                              {"tool_reference", block({need("tool_name", Shape::text()), cache_control()})}});
    return block({need("tool_use_id", Shape::text()), may("content", Shape::either({Shape::text(), Shape::list(inner)})),
                  may("is_error", Shape::flag()), cache_control()});
}

Shape thinking_block() { return block({need("thinking", Shape::text()), need("signature", Shape::text())}); }
Shape redacted_block() { return block({need("data", Shape::text())}); }

/// Blocks of the provider's own tools and features; their insides are not looked at.
std::vector<std::pair<std::string, Shape>> opaque_blocks() {
    std::vector<std::pair<std::string, Shape>> blocks;
    for (const auto* name : {"server_tool_use", "web_search_tool_result", "web_fetch_tool_result", "code_execution_tool_result",
                             "bash_code_execution_tool_result", "text_editor_code_execution_tool_result", "tool_search_tool_result", "mcp_tool_use",
                             "mcp_tool_result", "container_upload", "compaction", "fallback", "advisor_tool_result"})
        blocks.emplace_back(name, Shape::free_object());
    return blocks;
}

Shape message() {
    auto blocks = opaque_blocks();
    const std::pair<std::string, Shape> own[] = {{"text", text_block()},
                                                 {"image", image_block()},
                                                 {"document", document_block()},
                                                 {"search_result", search_result_block()},
                                                 {"thinking", thinking_block()},
                                                 {"redacted_thinking", redacted_block()},
                                                 {"tool_use", tool_use_block()},
                                                 {"tool_result", tool_result_block()},
                                                 {"tool_addition", Shape::free_object()}};
    blocks.insert(blocks.begin(), std::begin(own), std::end(own));
    return Shape::object(
        {need("role", Shape::text()), need("content", Shape::either({Shape::text(), Shape::list(Shape::tagged("type", std::move(blocks)))}))});
}

Shape tool() {
    const auto schema = Shape::free_object();
    // A tool with another type is one that the provider defines; Messages adds them by date.
    return Shape::object({may("type", Shape::text()),
                          need("name", Shape::text()),
                          may("description", Shape::text()),
                          may("input_schema", schema),
                          cache_control(),
                          may("strict", Shape::flag()),
                          may("defer_loading", Shape::flag()),
                          may("eager_input_streaming", Shape::flag().or_null()),
                          may("input_examples", Shape::list(Shape::free_object())),
                          may("allowed_callers", Shape::list(Shape::text())),
                          may("display_height_px", Shape::whole(1)),
                          may("display_width_px", Shape::whole(1)),
                          may_null("display_number", Shape::whole(0)),
                          may_null("max_uses", Shape::whole(1)),
                          may_null("allowed_domains", Shape::list(Shape::text())),
                          may_null("blocked_domains", Shape::list(Shape::text())),
                          may_null("user_location", Shape::free_object()),
                          may_null("max_characters", Shape::whole(1)),
                          may_null("max_content_tokens", Shape::whole(1)),
                          may("citations", Shape::free_object())});
}

Shape tool_choice() {
    const auto parallel = may("disable_parallel_tool_use", Shape::flag());
    return Shape::tagged(
        "type",
        {{"auto", block({parallel})}, {"any", block({parallel})}, {"none", block({})}, {"tool", block({parallel, need("name", Shape::text())})}});
}

Shape thinking() {
    const auto display = may_null("display", Shape::words({"summarized", "omitted"}));
    return Shape::tagged(
        "type", {{"enabled", block({need("budget_tokens", Shape::whole(1024)), display})}, {"disabled", block({})}, {"adaptive", block({display})}});
}

Members shared_members() {
    const auto system = Shape::either({Shape::text(), Shape::list(Shape::tagged("type", {{"text", text_block()}}))});
    const auto format = Shape::tagged("type", {{"json_schema", block({need("schema", Shape::free_object())})}});
    const auto config = Shape::object({may_null("effort", Shape::words({"low", "medium", "high", "xhigh", "max"})), may_null("format", format)});
    return {need("model", Shape::text()),
            need("messages", Shape::list(message(), 1)),
            may("system", system),
            may("tools", Shape::list(tool())),
            may("tool_choice", tool_choice()),
            may("thinking", thinking()),
            may("output_config", config),
            cache_control(),
            may_null("context_management", Shape::free_object()),
            may("mcp_servers", Shape::list(Shape::free_object())),
            may_null("output_format", Shape::free_object()),
            may_null("speed", Shape::text())};
}

Shape whole_shape() {
    auto members = shared_members();
    const Member own[] = {need("max_tokens", Shape::whole(1)),
                          may("stream", Shape::flag()),
                          may("temperature", Shape::number(0, 1)),
                          may("top_p", Shape::number(0, 1)),
                          may("top_k", Shape::whole(0)),
                          may("stop_sequences", Shape::list(Shape::text())),
                          may("metadata", Shape::object({may_null("user_id", Shape::text())})),
                          may("service_tier", Shape::words({"auto", "standard_only"})),
                          may_null("container", Shape::any()),
                          may_null("inference_geo", Shape::text())};
    members.insert(members.end(), std::begin(own), std::end(own));
    return Shape::object(std::move(members));
}

std::string valid(const std::string& type) {
    if (type == "array") return "list";
    if (type == "decimal") return "number";
    return type == "object" ? "dictionary" : type;
}

}  // namespace

const Shape& messages_shape(bool counting) {
    static const auto whole = whole_shape();
    static const auto counted = Shape::object(shared_members());
    return counting ? counted : whole;
}

std::string message_of(const Problem& problem) {
    const auto where = dotted(problem.path);
    switch (problem.fault) {
        case Fault::unknown: return where + ": Extra inputs are not permitted";
        case Fault::missing: return where + ": Field required";
        case Fault::wrong_type: return where + ": Input should be a valid " + valid(problem.expected);
        case Fault::too_few:
            return where == "messages" ? "messages: at least one message is required" : where + ": List should have at least one item";
        case Fault::too_small: return where + ": Input should be greater than or equal to " + problem.expected;
        case Fault::too_large: return where + ": Input should be less than or equal to " + problem.expected;
        case Fault::bad_value: break;
    }
    if (!problem.path.empty() && problem.path.back().name == "type") {
        auto outer = problem.path;
        outer.pop_back();
        return dotted(outer) + ": Input tag '" + problem.got + "' found using 'type' does not match any of the expected tags: " + problem.expected;
    }
    return where + ": Input should be " + problem.expected;
}

}  // namespace smg::simulator
