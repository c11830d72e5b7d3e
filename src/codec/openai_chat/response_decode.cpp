#include "codec/openai_chat/error.hpp"
#include "codec/openai_chat/finish.hpp"
#include "codec/openai_chat/openai_chat.hpp"
#include "codec/openai_chat/request_decode.hpp"
#include "codec/openai_chat/tool_memo.hpp"
#include "codec/openai_chat/usage.hpp"

namespace smg::codec::chat {
namespace {

tl::unexpected<Error> malformed(std::string_view what) {
    return fail(Failure::upstream_error, "The provider's answer is not a chat completion: " + std::string(what) + ".");
}

class AnswerReader {
public:
    AnswerReader(const RequestMemo& memo, Answer& out) : memo_(memo), out_(out) {}

    void choice(JsonNode node) {
        auto& choice = out_.choices.emplace_back();
        choice.index = node["index"].integer().value_or(static_cast<std::int64_t>(out_.choices.size()) - 1);
        const auto message = node["message"];
        read_reasoning(message, choice.parts);
        content(message, choice);
        refusal(message["refusal"].text(), choice);
        media(message, choice);
        // Without text, a message's thought signature is that of its first call (Gemini's compatible endpoint, recorded).
        if (choice.parts.empty()) message_signature_ = thought_signature(message);
        for (JsonNode call : message["tool_calls"]) tool_call(call, choice);
        if (message["function_call"].is_object()) legacy_call(message["function_call"], choice);
        choice.native_stop_reason = node["finish_reason"].text();
        choice.stop_reason = read_finish(choice.native_stop_reason, has_calls_, has_refusal_);
        if (as_json_tool_ && choice.stop_reason == StopReason::tool_calls) choice.stop_reason = StopReason::stop;
        choice.stop_sequence = node["stop_sequence"].text();
        if (!node["logprobs"].is_absent_or_null()) choice.logprobs = node["logprobs"].raw();
        unknown(node, message, choice);
    }

private:
    void content(JsonNode message, Choice& choice) {
        const auto node = message["content"];
        if (node.is_string() && (!node.text().empty() || message["tool_calls"].size() == 0)) {
            TextPart text;
            text.text = node.text();
            choice.parts.emplace_back(std::move(text));
        }
        for (JsonNode part : node) {  // Mistral's answers may hold parts, its thoughts among them
            TextPart text;
            text.text = part["text"].text();
            if (part["type"].text() == "text")
                choice.parts.emplace_back(std::move(text));
            else if (part["type"].text() == "refusal")
                refusal(part["refusal"].text(), choice);
            else if (part["type"].text() == "thinking")
                thinking(part["thinking"], choice);
        }
        TextPart* text = nullptr;
        for (auto& part : choice.parts)
            if (auto* found = std::get_if<TextPart>(&part)) text = found;
        if (!text) return;
        text->signature = thought_signature(message);
        if (message["annotations"].size() == 0) return;
        text->citations = message["annotations"].raw();
        text->citations_origin = Origin::openai;
    }

    void thinking(JsonNode node, Choice& choice) {
        ReasoningPart part;
        part.text = node.text();
        for (JsonNode piece : node) part.text += piece["text"].text();
        if (!part.text.empty()) choice.parts.emplace_back(std::move(part));
    }

    void refusal(std::string_view words, Choice& choice) {
        if (words.empty()) return;
        TextPart text;
        text.text = words;
        text.refusal = true;
        has_refusal_ = true;
        choice.parts.emplace_back(std::move(text));
    }

    void media(JsonNode message, Choice& choice) {
        if (message["audio"].is_object()) choice.parts.emplace_back(OpaquePart{"audio", std::string(message["audio"].raw()), Origin::openai});
        for (JsonNode image : message["images"]) {  // OpenRouter's image models
            MediaPart part;
            if (!split_data_url(image["image_url"]["url"].text(), part.media_type, part.data)) {
                part.source = MediaPart::Source::url;
                part.data = image["image_url"]["url"].text();
            }
            if (!part.data.empty()) choice.parts.emplace_back(std::move(part));
        }
    }

    void tool_call(JsonNode node, Choice& choice) {
        ToolCallPart call;
        const bool custom = node["type"].text() == "custom";
        const auto body = node[custom ? "custom" : "function"];
        call.kind = custom ? ToolCallPart::Kind::custom : ToolCallPart::Kind::function;
        call.id = node["id"].text();
        call.name = body["name"].text();
        call.arguments = argument_text(body[custom ? "input" : "arguments"]);
        call.signature = thought_signature(node);
        if (call.signature.empty() && calls_ == 0) call.signature = message_signature_;
        add_call(std::move(call), choice);
    }

    void legacy_call(JsonNode node, Choice& choice) {
        ToolCallPart call;
        call.name = node["name"].text();
        call.arguments = argument_text(node["arguments"]);
        add_call(std::move(call), choice);
    }

    void add_call(ToolCallPart call, Choice& choice) {
        if (call.id.empty()) {
            call.id = made_up_id(out_.id, choice.index, calls_);
            call.native_id = false;
        }
        ++calls_;
        if (call.name == memo_.json_tool && !memo_.json_tool.empty()) {
            TextPart text;
            text.text = std::move(call.arguments);
            as_json_tool_ = true;
            choice.parts.emplace_back(std::move(text));
            return;
        }
        client_call(memo_, call);
        has_calls_ = true;
        choice.parts.emplace_back(std::move(call));
    }

    static void unknown(JsonNode node, JsonNode message, Choice& choice) {
        for (JsonNode member : node)
            if (const auto name = member.name();
                name != "index" && name != "message" && name != "finish_reason" && name != "logprobs" && name != "stop_sequence")
                keep(choice.unknown, member);
        for (JsonNode member : message) {
            const auto name = member.name();
            if (name == "role" || name == "content" || name == "refusal" || name == "audio" || name == "tool_calls" || name == "function_call" ||
                name == "reasoning_content" || name == "reasoning" || name == "reasoning_details" || name == "images" || member.is_null())
                continue;
            if ((name == "annotations" || name == "extra_content") && attached(name, choice)) continue;
            keep(choice.unknown, member, "message.");
        }
    }

    /// Whether a text part has taken over these members.
    static bool attached(std::string_view name, const Choice& choice) {
        for (const auto& part : choice.parts)
            if (const auto* text = std::get_if<TextPart>(&part))
                if (!(name == "annotations" ? text->citations : text->signature).empty()) return true;
        return false;
    }

    const RequestMemo& memo_;
    Answer& out_;
    std::string_view message_signature_;
    std::size_t calls_ = 0;
    bool has_calls_ = false;
    bool has_refusal_ = false;
    bool as_json_tool_ = false;
};

}  // namespace

Result<Answer> decode_response(std::string_view body, const RequestMemo& memo) {
    JsonTree tree;
    const auto parsed = tree.parse(body);
    if (!parsed) return malformed(parsed.error().message);
    const auto root = *parsed;
    if (!root.is_object()) return malformed("it is not an object");
    if (!root["error"].is_absent_or_null()) return fail(Failure::upstream_error, read_error(200, root).message);
    if (!root["choices"].is_array()) return malformed("it has no 'choices'");
    Answer out;
    out.format = format_name;
    out.origin = Origin::openai;
    out.id = root["id"].text();
    out.model = root["model"].text();
    out.created = root["created"].integer().value_or(0);
    out.service_tier = root["service_tier"].text();
    out.system_fingerprint = root["system_fingerprint"].text();
    for (JsonNode choice : root["choices"]) {
        if (!choice["message"].is_object()) return malformed("a choice has no 'message'");
        if (choice["error"].is_object()) return fail(Failure::upstream_error, read_error(200, choice).message);  // OpenRouter
        AnswerReader(memo, out).choice(choice);
    }
    if (root["usage"].is_object()) {
        out.usage = read_usage(root["usage"]);
        out.native_usage = root["usage"].raw();
    }
    for (JsonNode member : root)
        if (const auto name = member.name(); name != "id" && name != "object" && name != "created" && name != "model" && name != "choices" &&
                                             name != "usage" && name != "service_tier" && name != "system_fingerprint")
            keep(out.unknown, member);
    return out;
}

}  // namespace smg::codec::chat
