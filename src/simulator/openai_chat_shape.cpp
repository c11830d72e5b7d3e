#include "simulator/openai_chat.hpp"

namespace smg::simulator {
namespace {

Shape text_part() {
    return Shape::object({may("type", Shape::text()), need("text", Shape::text()),
                          may("prompt_cache_breakpoint", Shape::object({need("mode", Shape::words({"explicit"}))}))});
}

Shape image_part() {
    return Shape::object({may("type", Shape::text()),
                          need("image_url", Shape::object({need("url", Shape::text()), may("detail", Shape::words({"auto", "low", "high"}))})),
                          may("prompt_cache_breakpoint", Shape::free_object())});
}

Shape audio_part() {
    return Shape::object({may("type", Shape::text()),
                          need("input_audio", Shape::object({need("data", Shape::text()), need("format", Shape::words({"wav", "mp3"}))}))});
}

Shape file_part() {
    const auto file = Shape::object({may("file_data", Shape::text()), may("file_id", Shape::text()), may("filename", Shape::text())});
    return Shape::object({may("type", Shape::text()), need("file", file), may("prompt_cache_breakpoint", Shape::free_object())});
}

Shape refusal_part() { return Shape::object({may("type", Shape::text()), need("refusal", Shape::text())}); }

Shape text_content() { return Shape::either({Shape::text(), Shape::list(Shape::tagged("type", {{"text", text_part()}}), 1)}); }

Shape user_content() {
    const auto part =
        Shape::tagged("type", {{"text", text_part()}, {"image_url", image_part()}, {"input_audio", audio_part()}, {"file", file_part()}});
    return Shape::either({Shape::text(), Shape::list(part, 1)});
}

Shape assistant_content() {
    return Shape::either({Shape::text(), Shape::list(Shape::tagged("type", {{"text", text_part()}, {"refusal", refusal_part()}}), 1)}).or_null();
}

Shape tool_call() {
    const auto function = Shape::object({need("name", Shape::text()), need("arguments", Shape::text())});
    const auto custom = Shape::object({need("name", Shape::text()), need("input", Shape::text())});
    return Shape::tagged("type", {{"function", Shape::object({need("id", Shape::text()), need("type", Shape::text()), need("function", function)})},
                                  {"custom", Shape::object({need("id", Shape::text()), need("type", Shape::text()), need("custom", custom)})}});
}

Shape message(Flavour flavour) {
    const auto role = need("role", Shape::text());
    const auto name = may("name", Shape::text());
    const auto instructions = Shape::object({role, name, need("content", text_content())});
    std::vector<Shape::Member> assistant{role,
                                         name,
                                         may("content", assistant_content()),
                                         may_null("refusal", Shape::text()),
                                         may("tool_calls", Shape::list(tool_call(), 1)),
                                         may_null("audio", Shape::object({need("id", Shape::text())})),
                                         may_null("function_call", Shape::object({need("name", Shape::text()), need("arguments", Shape::text())})),
                                         may_null("annotations", Shape::list(Shape::free_object()))};
    if (flavour == Flavour::xai) assistant.push_back(may_null("reasoning_content", Shape::text()));
    auto tool = Shape::object({role, need("content", text_content()), need("tool_call_id", Shape::text())});
    // xAI takes the images of a tool's result, and a name.
    if (flavour == Flavour::xai) tool = Shape::object({role, name, need("content", user_content()), need("tool_call_id", Shape::text())});
    return Shape::tagged("role", {{"system", instructions},
                                  {"developer", instructions},
                                  {"user", Shape::object({role, name, need("content", user_content())})},
                                  {"assistant", Shape::object(assistant)},
                                  {"tool", tool},
                                  {"function", Shape::object({role, need("name", Shape::text()), need("content", Shape::text().or_null())})}});
}

Shape function_definition() {
    return Shape::object({need("name", Shape::text()), may_null("description", Shape::text()), may_null("parameters", Shape::free_object()),
                          may_null("strict", Shape::flag())});
}

Shape tool() {
    const auto custom = Shape::object({need("name", Shape::text()), may("description", Shape::text()), may("format", Shape::free_object())});
    return Shape::tagged("type", {{"function", Shape::object({need("type", Shape::text()), need("function", function_definition())})},
                                  {"custom", Shape::object({need("type", Shape::text()), need("custom", custom)})}});
}

Shape tool_choice() {
    const auto named = Shape::object({need("name", Shape::text())});
    const auto allowed = Shape::object({need("mode", Shape::words({"auto", "required"})), need("tools", Shape::list(Shape::free_object(), 1))});
    return Shape::either({Shape::words({"none", "auto", "required"}),
                          Shape::tagged("type", {{"function", Shape::object({need("type", Shape::text()), need("function", named)})},
                                                 {"custom", Shape::object({need("type", Shape::text()), need("custom", named)})},
                                                 {"allowed_tools", Shape::object({need("type", Shape::text()), need("allowed_tools", allowed)})}})});
}

Shape response_format() {
    const auto schema = Shape::object(
        {need("name", Shape::text()), may("description", Shape::text()), may("schema", Shape::free_object()), may_null("strict", Shape::flag())});
    return Shape::tagged("type", {{"text", Shape::object({need("type", Shape::text())})},
                                  {"json_object", Shape::object({need("type", Shape::text())})},
                                  {"json_schema", Shape::object({need("type", Shape::text()), need("json_schema", schema)})}});
}

std::vector<Shape::Member> shared_members(Flavour flavour) {
    const auto stop = Shape::either({Shape::text(), Shape::list(Shape::text())});
    const auto stream_options = Shape::object({may("include_usage", Shape::flag()), may("include_obfuscation", Shape::flag())});
    return {need("model", Shape::text()),
            need("messages", Shape::list(message(flavour), 1)),
            may_null("stream", Shape::flag()),
            may_null("stream_options", stream_options),
            may_null("max_tokens", Shape::whole(1)),
            may_null("max_completion_tokens", Shape::whole(1)),
            may_null("temperature", Shape::number(0, 2)),
            may_null("top_p", Shape::number(0, 1)),
            may_null("n", Shape::whole(1, 128)),
            may_null("stop", stop),
            may_null("presence_penalty", Shape::number(-2, 2)),
            may_null("frequency_penalty", Shape::number(-2, 2)),
            may_null("seed", Shape::whole()),
            may_null("logprobs", Shape::flag()),
            may_null("top_logprobs", Shape::whole(0, 20)),
            may_null("logit_bias", Shape::free_object()),
            may_null("reasoning_effort", Shape::text()),
            may_null("response_format", response_format()),
            may_null("tools", Shape::list(tool(), 1)),
            may_null("tool_choice", tool_choice()),
            may_null("parallel_tool_calls", Shape::flag()),
            may_null("user", Shape::text())};
}

Shape openai_shape() {
    auto members = shared_members(Flavour::openai);
    const auto cache = Shape::object({may("mode", Shape::text()), may("ttl", Shape::text())});
    const Shape::Member own[] = {may_null("audio", Shape::free_object()),
                                 may_null("function_call", Shape::any()),
                                 may_null("functions", Shape::list(function_definition(), 1)),
                                 may_null("metadata", Shape::free_object()),
                                 may_null("modalities", Shape::list(Shape::words({"text", "audio"}))),
                                 may_null("moderation", Shape::free_object()),
                                 may_null("prediction", Shape::free_object()),
                                 may_null("prompt_cache_key", Shape::text()),
                                 may_null("prompt_cache_options", cache),
                                 may_null("prompt_cache_retention", Shape::words({"in-memory", "in_memory", "24h"})),
                                 may_null("safety_identifier", Shape::text()),
                                 may_null("service_tier", Shape::words({"auto", "default", "flex", "scale", "priority"})),
                                 may_null("store", Shape::flag()),
                                 may_null("verbosity", Shape::words({"low", "medium", "high"})),
                                 may_null("web_search_options", Shape::free_object())};
    members.insert(members.end(), std::begin(own), std::end(own));
    return Shape::object(std::move(members));
}

Shape xai_shape() {
    auto members = shared_members(Flavour::xai);
    const Shape::Member own[] = {may_null("deferred", Shape::flag()), may_null("search_parameters", Shape::free_object()),
                                 may_null("web_search_options", Shape::free_object())};
    members.insert(members.end(), std::begin(own), std::end(own));
    return Shape::object(std::move(members));
}

std::string article(const std::string& type) {
    const bool vowel = type == "integer" || type == "array" || type == "object";
    return type == "null" ? "null" : (vowel ? "an " : "a ") + type;
}

}  // namespace

const Shape& chat_shape(Flavour flavour) {
    static const auto openai = openai_shape();
    static const auto xai = xai_shape();
    return flavour == Flavour::openai ? openai : xai;
}

Refusal refusal_of(const Problem& problem) {
    const auto where = bracketed(problem.path);
    switch (problem.fault) {
        case Fault::unknown:
            if (problem.path.size() == 1) return {400, "Unrecognized request argument supplied: " + problem.got, {}, {}};
            return {400, "Unknown parameter: '" + where + "'.", where, "unknown_parameter"};
        case Fault::missing:
            if (where == "model") return {400, "you must provide a model parameter", {}, {}};
            return {400, "Missing required parameter: '" + where + "'.", where, "missing_required_parameter"};
        case Fault::wrong_type:
            return {400,
                    "Invalid type for '" + where + "': expected " + article(problem.expected) + ", but got " + article(problem.got) + " instead.",
                    where, "invalid_type"};
        case Fault::bad_value:
            return {400, "Invalid value: '" + problem.got + "'. Supported values are: " + problem.expected + ".", where, "invalid_value"};
        case Fault::too_few:
            return {400,
                    "Invalid '" + where + "': empty array. Expected an array with minimum length " + problem.expected +
                        ", but got an empty array instead.",
                    where, "empty_array"};
        case Fault::too_small:
        case Fault::too_large: break;
    }
    const bool small = problem.fault == Fault::too_small;
    const std::string kind = problem.got.find('.') == std::string::npos && problem.expected.find('.') == std::string::npos &&
                                     where != "temperature" && where != "top_p" && where.find("penalty") == std::string::npos
                                 ? "integer"
                                 : "decimal";
    return {400,
            "Invalid '" + where + "': " + kind + (small ? " below minimum value" : " above maximum value") + ". Expected a value " +
                (small ? ">= " : "<= ") + problem.expected + ", but got " + problem.got + " instead.",
            where, kind + (small ? "_below_min_value" : "_above_max_value")};
}

}  // namespace smg::simulator
