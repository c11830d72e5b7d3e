#include "codec/openai_common/fields.hpp"
#include "codec/openai_responses/finish.hpp"
#include "codec/openai_responses/item_decode.hpp"
#include "codec/openai_responses/openai_responses.hpp"
#include "codec/openai_responses/response_error.hpp"
#include "codec/openai_responses/signature.hpp"
#include "codec/openai_responses/usage.hpp"

namespace smg::codec::responses {
namespace {

tl::unexpected<Error> malformed(std::string_view what) {
    return fail(Failure::upstream_error, "The provider's answer is not a response: " + std::string(what) + ".");
}

bool is_named(std::string_view name) {
    for (const auto* known : {"id", "object", "created_at", "status", "error", "incomplete_details", "model", "output", "usage", "service_tier"})
        if (name == known) return true;
    return false;
}

/// The log probabilities of all texts in one list, as Chat has them; empty when there are none.
RawJson read_logprobs(JsonNode output) {
    std::string entries;
    for (JsonNode item : output)
        for (JsonNode part : item["content"])
            for (JsonNode entry : part["logprobs"]) entries.append(entries.empty() ? "" : ",").append(entry.raw());
    return entries.empty() ? RawJson() : R"({"content":[)" + entries + R"(],"refusal":null})";
}

bool has_refusal(const std::vector<Part>& parts) {
    for (const auto& part : parts)
        if (const auto* text = std::get_if<TextPart>(&part); text && text->refusal) return true;
    return false;
}

bool has_calls(const std::vector<Part>& parts) {
    for (const auto& part : parts)
        if (std::holds_alternative<ToolCallPart>(part)) return true;
    return false;
}

}  // namespace

Result<Answer> decode_response(std::string_view body, const RequestMemo& memo) {
    JsonTree tree;
    const auto parsed = tree.parse(body);
    if (!parsed) return malformed(parsed.error().message);
    const auto root = *parsed;
    if (!root.is_object()) return malformed("it is not an object");
    if (!root["error"].is_absent_or_null()) return fail(Failure::upstream_error, read_error(root).message);
    if (root["status"].text() == "failed") return fail(Failure::upstream_error, "The provider failed to answer.");
    if (!root["output"].is_array()) return malformed("it has no 'output'");
    Answer out;
    out.format = format_name;
    out.id = root["id"].text();
    out.model = root["model"].text();
    out.origin = issuer_of(out.model);
    out.created = root["created_at"].integer().value_or(0);
    out.service_tier = root["service_tier"].text();
    out.system_fingerprint = root["metadata"]["system_fingerprint"].text();  // xAI
    auto& choice = out.choices.emplace_back();
    ItemReader items(out.origin, &memo);
    for (JsonNode item : root["output"]) items.read(item, choice.parts);
    const auto finish = read_finish(root, has_calls(choice.parts), has_refusal(choice.parts));
    choice.stop_reason = finish.reason;
    choice.native_stop_reason = finish.native;
    choice.logprobs = read_logprobs(root["output"]);
    if (root["usage"].is_object()) {
        out.usage = read_usage(root["usage"]);
        out.native_usage = root["usage"].raw();
    }
    for (JsonNode member : root)
        if (!is_named(member.name())) keep(out.unknown, member);
    return out;
}

}  // namespace smg::codec::responses
