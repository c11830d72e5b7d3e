#include <algorithm>

#include "simulator/responses.hpp"
#include "simulator/signature.hpp"
#include "simulator/text.hpp"

namespace smg::simulator {
namespace {

constexpr std::int64_t answered_at = 1764000000;  // no clock

bool shows_encrypted(const Json& body) {
    const auto& include = member(body, "include");
    return include.is_array() && std::find(include.begin(), include.end(), "reasoning.encrypted_content") != include.end();
}

Json reasoning_item(const ResponseAnswer& answer, const Plan& plan) {
    const auto& settings = member(answer.request->body, "reasoning");
    Json item{{"id", answer.item_id("rs", 0)}, {"type", "reasoning"}};
    if (answer.xai()) item["status"] = "completed";
    if (shows_encrypted(answer.request->body)) {
        if (!answer.xai()) item["content"] = Json::array();
        item["encrypted_content"] = issue_signature(answer.xai() ? "xai" : "openai", plan.reasoning);
    }
    item["summary"] = Json::array();
    // Grok shows what it thought without being asked.
    if (answer.xai() || has(settings, "summary") || has(settings, "generate_summary"))
        item["summary"].push_back({{"type", "summary_text"}, {"text", plan.reasoning}});
    return item;
}

Json message_item(const ResponseAnswer& answer, const Plan& plan, std::size_t index) {
    Json part{{"type", "output_text"}, {"annotations", Json::array()}, {"logprobs", Json::array()}, {"text", plan.text}};
    if (plan.stop == Stop::refusal) part = Json{{"type", "refusal"}, {"refusal", plan.text}};
    Json item{{"id", answer.item_id("msg", index)},
              {"type", "message"},
              {"status", plan.stop == Stop::length ? "incomplete" : "completed"},
              {"content", Json::array({part})}};
    if (answer.request->model->phases) item["phase"] = "final_answer";
    item["role"] = "assistant";
    return item;
}

Json call_item(const ResponseAnswer& answer, const PlannedCall& call, std::size_t index, std::size_t number) {
    const auto seed = hash_of("call", answer.seed + number);
    const auto call_id = answer.xai() ? "call-" + made_up_uuid(seed) + "-" + std::to_string(number) : "call_" + made_up(seed, 24);
    if (call.custom)
        return {{"id", answer.item_id("ctc", index)},
                {"type", "custom_tool_call"},
                {"status", "completed"},
                {"call_id", call_id},
                {"input", call.arguments.get<std::string>()},
                {"name", call.name}};
    return {{"id", answer.item_id("fc", index)}, {"type", "function_call"},           {"status", "completed"}, {"arguments", dump(call.arguments)},
            {"call_id", call_id},                {"name", call.name}};
}

Json usage_of(const ResponseAnswer& answer, const Plan& plan) {
    // Reasoning is part of output_tokens with both; xAI leaves it out in Chat alone.
    const auto output = plan.answer_tokens + plan.reasoning_tokens;
    Json usage{{"input_tokens", answer.prompt_tokens}, {"input_tokens_details", {{"cached_tokens", plan.cached_tokens}}}};
    if (answer.request->model->phases) usage["input_tokens_details"]["cache_write_tokens"] = 0;
    usage["output_tokens"] = output;
    usage["output_tokens_details"] = {{"reasoning_tokens", plan.reasoning_tokens}};
    usage["total_tokens"] = answer.prompt_tokens + output;
    if (!answer.xai()) return usage;
    usage["num_sources_used"] = 0;
    usage["num_server_side_tools_used"] = 0;
    usage["cost_in_usd_ticks"] = 2000 * answer.prompt_tokens + 5000 * output;
    usage["context_details"] = {{"input_tokens", answer.prompt_tokens}, {"output_tokens", output}};
    return usage;
}

Json or_default(const Json& body, const char* name, Json value) { return has(body, name) ? body[name] : std::move(value); }

Json text_settings(const ResponseAnswer& answer) {
    Json settings{{"format", {{"type", "text"}}}};
    if (!answer.xai()) settings["verbosity"] = "medium";
    const auto& asked = member(answer.request->body, "text");
    for (const auto* name : {"format", "verbosity"})
        if (has(asked, name)) settings[name] = asked[name];
    return settings;
}

Json tools_of(const Json& body) {
    Json tools = or_default(body, "tools", Json::array());
    for (auto& tool : tools)
        if (text_member(tool, "type") == "function" && !has(tool, "strict")) tool["strict"] = true;
    return tools;
}

Json reasoning_settings(const ResponseAnswer& answer) {
    const auto& asked = member(answer.request->body, "reasoning");
    if (!answer.request->model->reasons) return {{"effort", nullptr}, {"summary", nullptr}};
    Json summary = answer.xai() ? Json("detailed") : Json(nullptr);
    if (has(asked, "summary")) summary = asked["summary"];
    return {{"effort", effort_of(*answer.request)}, {"summary", summary}};
}

}  // namespace

std::string ResponseAnswer::item_id(const std::string& prefix, std::size_t index) const {
    if (!xai()) return prefix + "_" + made_up_hex(hash_of(prefix, seed + index), 50);
    return prefix + "_" + id + (prefix == "fc" ? "_" + std::to_string(index) : "");
}

Json response_output(const ResponseAnswer& answer, const Plan& plan) {
    Json output = Json::array();
    if (!plan.reasoning.empty()) output.push_back(reasoning_item(answer, plan));
    if (!plan.text.empty()) output.push_back(message_item(answer, plan, output.size()));
    for (std::size_t i = 0; i < plan.calls.size(); ++i) output.push_back(call_item(answer, plan.calls[i], output.size(), i));
    return output;
}

std::string final_status(const Plan& plan) { return plan.stop == Stop::length ? "incomplete" : "completed"; }

Json response_json(const ResponseAnswer& answer, const std::string& status, Json output, const Plan* plan) {
    const auto& body = answer.request->body;
    const auto& model = *answer.request->model;
    const bool done = status == "completed";
    Json response{{"id", answer.id}, {"object", "response"}, {"created_at", answered_at}, {"status", status}};
    response["background"] = flag_member(body, "background");
    response["completed_at"] = done ? Json(answered_at + 1) : Json(nullptr);
    response["error"] = nullptr;
    response["frequency_penalty"] = 0.0;
    response["incomplete_details"] = status == "incomplete" ? Json{{"reason", "max_output_tokens"}} : Json(nullptr);
    for (const auto* name : {"instructions", "max_output_tokens", "max_tool_calls"}) response[name] = or_default(body, name, nullptr);
    response["model"] = model.snapshot.empty() || answer.xai() ? model.id : model.snapshot;
    response["output"] = std::move(output);
    response["parallel_tool_calls"] = or_default(body, "parallel_tool_calls", true);
    response["presence_penalty"] = 0.0;
    for (const auto* name : {"previous_response_id", "prompt_cache_key", "prompt_cache_retention"}) response[name] = or_default(body, name, nullptr);
    response["reasoning"] = reasoning_settings(answer);
    response["safety_identifier"] = or_default(body, "safety_identifier", nullptr);
    const auto tier = text_member(body, "service_tier");
    response["service_tier"] = plan == nullptr && !answer.xai() ? "auto" : tier.empty() || tier == "auto" ? "default" : tier;
    response["store"] = or_default(body, "store", true);
    response["temperature"] = or_default(body, "temperature", answer.xai() ? 0.7 : 1.0);
    response["text"] = text_settings(answer);
    response["tool_choice"] = or_default(body, "tool_choice", "auto");
    response["tools"] = tools_of(body);
    response["top_logprobs"] = or_default(body, "top_logprobs", 0);
    response["top_p"] = or_default(body, "top_p", answer.xai() ? 0.95 : 1.0);
    response["truncation"] = or_default(body, "truncation", "disabled");
    response["usage"] = plan == nullptr ? Json(nullptr) : usage_of(answer, *plan);
    response["user"] = or_default(body, "user", nullptr);
    response["metadata"] = or_default(body, "metadata", Json::object());
    return response;
}

}  // namespace smg::simulator
