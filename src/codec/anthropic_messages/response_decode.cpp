#include "codec/anthropic_messages/anthropic_messages.hpp"
#include "codec/anthropic_messages/block_decode.hpp"
#include "codec/anthropic_messages/words.hpp"

namespace smg::codec::messages {
namespace {

tl::unexpected<Error> malformed(const std::string& why) { return fail(Failure::upstream_error, "The provider's answer is not a message: " + why); }

/// Gives calls what the request's memo knows of them. True when the emulated structured output was among them.
bool apply_memo(const AnswerTools& tools, std::vector<Part>& parts) {
    bool unwrapped = false;
    for (auto& part : parts) {
        auto* call = std::get_if<ToolCallPart>(&part);
        if (!call) continue;
        if (tools.is_json_tool(call->name)) {
            TextPart text;
            text.text = std::move(call->arguments);
            part = std::move(text);
            unwrapped = true;
            continue;
        }
        tools.rename(*call);
        if (call->kind == ToolCallPart::Kind::custom) call->arguments = AnswerTools::unwrapped(call->arguments);
    }
    return unwrapped;
}

bool has_calls(const std::vector<Part>& parts) {
    for (const auto& part : parts)
        if (std::holds_alternative<ToolCallPart>(part)) return true;
    return false;
}

void read_stop(JsonNode root, bool json_tool, Choice& choice) {
    choice.native_stop_reason = root["stop_reason"].text();
    choice.stop_reason = stop_reason_of(choice.native_stop_reason);
    choice.stop_sequence = root["stop_sequence"].text();
    const bool calls = has_calls(choice.parts);
    if (choice.stop_reason == StopReason::none) choice.stop_reason = calls ? StopReason::tool_calls : StopReason::stop;
    if (choice.stop_reason == StopReason::unknown && calls) choice.stop_reason = StopReason::tool_calls;
    if (choice.stop_reason == StopReason::tool_calls && json_tool && !calls) choice.stop_reason = StopReason::stop;
    choice.refusal = root["stop_details"]["explanation"].text();
    if (const auto details = root["stop_details"]) choice.unknown.emplace_back("stop_details", std::string(details.raw()));
}

}  // namespace

Result<Answer> decode_response(std::string_view body, const RequestMemo& memo) {
    JsonTree tree;
    const auto parsed = tree.parse(body);
    if (!parsed) return malformed(parsed.error().message);
    const auto root = *parsed;
    if (!root.is_object()) return malformed("it is no JSON object");
    if (root["type"].text() == "error") return fail(Failure::upstream_error, std::string(root["error"]["message"].text()));
    Answer answer;
    answer.format = format_name;
    answer.origin = Origin::anthropic;
    answer.id = root["id"].text();
    answer.model = root["model"].text();
    Fields fields;
    Turn turn;
    if (!root["content"].is_array()) return malformed("content: an array is missing");
    if (!read_content(fields, root["content"], Path().member("content"), turn)) return malformed(fields.take().message);
    auto& choice = answer.choices.emplace_back();
    choice.parts = std::move(turn.parts);
    read_stop(root, apply_memo(AnswerTools(memo), choice.parts), choice);
    Counters counters;
    counters.take(root["usage"]);
    answer.usage = counters.usage();
    answer.service_tier = counters.tier();
    if (root["usage"].is_object()) answer.native_usage = root["usage"].raw();
    keep_rest(root, {"id", "type", "role", "model", "content", "stop_reason", "stop_sequence", "stop_details", "usage"}, answer.unknown);
    return answer;
}

}  // namespace smg::codec::messages
