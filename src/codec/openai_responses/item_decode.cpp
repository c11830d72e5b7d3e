#include "codec/openai_responses/item_decode.hpp"

#include <utility>

#include "codec/openai_responses/annotations.hpp"
#include "codec/openai_common/fields.hpp"
#include "codec/openai_responses/signature.hpp"
#include "codec/reasoning_envelope.hpp"

namespace smg::codec::responses {
namespace {

std::string joined_texts(JsonNode list) {
    std::string out;
    for (JsonNode piece : list) {
        if (!out.empty()) out += "\n\n";
        out += piece["text"].text();
    }
    return out;
}

/// Whether one text is all that this summary says, so that it can be written again from the text alone.
bool is_plain_summary(JsonNode summary) {
    if (!summary.is_array() || summary.size() > 1) return false;
    if (summary.size() == 0) return true;
    const auto only = *summary.begin();
    return only["type"].text() == "summary_text" && only.size() == 2 && only["text"].is_string() && !only["text"].text().empty();
}

void sign_last(std::vector<Part>& parts, const std::string& signature) {
    if (parts.empty()) return;
    if (auto* call = std::get_if<ToolCallPart>(&parts.back())) call->signature = signature;
    if (auto* text = std::get_if<TextPart>(&parts.back())) text->signature = signature;
}

bool is_text(std::string_view type) { return type == "output_text" || type == "input_text" || type == "text"; }

}  // namespace

std::string_view framed(const PartExtras& extras, std::string_view name) {
    for (const auto& [member, value] : extras.framing)
        if (member == name) return value;
    return {};
}

bool begins_message(const PartExtras& extras) { return !framed(extras, "role").empty(); }

void ItemReader::read(JsonNode item, std::vector<Part>& out) {
    const auto type = item["type"].text();
    if (type == "message" || type.empty()) return message(item, out);
    if (type == "reasoning") return reasoning(item, out);
    if (type == "function_call") return call(item, false, out);
    if (type == "custom_tool_call") return call(item, true, out);
    out.emplace_back(OpaquePart{std::string(type), std::string(item.raw()), Origin::openai});
}

void keep_message(JsonNode item, PartExtras& extras) {
    for (JsonNode member : item)
        if (member.name() != "content") keep(extras.framing, member);
}

TextPart read_text(JsonNode part) {
    TextPart text;
    text.refusal = part["type"].text() == "refusal";
    const std::string_view content = text.refusal ? "refusal" : "text";
    text.text = part[content].text();
    for (JsonNode member : part) {
        const auto name = member.name();
        if (name == "type" || name == content) continue;
        if (name == "annotations" && member.size() > 0) {
            text.citations = chat_annotations(member);
            text.citations_origin = Origin::openai;
        } else if (name == "annotations" || name == "logprobs") {
            keep(text.extras.framing, member, part_prefix);
        } else {
            keep(text.extras.unknown, member);
        }
    }
    return text;
}

void ItemReader::message(JsonNode item, std::vector<Part>& out) {
    const auto content = item["content"];
    TextPart first;
    keep_message(item, first.extras);
    const auto head = std::move(first.extras.framing);
    bool begun = false;
    const auto add = [&](TextPart text) {
        if (!begun) text.extras.framing.insert(text.extras.framing.begin(), head.begin(), head.end());
        begun = true;
        out.emplace_back(std::move(text));
    };
    // How the content was spelled, where its parts do not tell.
    const auto spelled = [&](std::string_view how, std::string_view words) {
        TextPart text;
        text.text = words;
        text.extras.framing.emplace_back(std::string(part_prefix) + "content", std::string(how));
        add(std::move(text));
    };
    if (!content.is_array()) return spelled("\"\"", content.text());
    for (JsonNode part : content) {
        const auto type = part["type"].text();
        if (is_text(type) || type == "refusal") {
            add(read_text(part));
        } else {
            if (!begun) spelled("[]", {});
            out.emplace_back(OpaquePart{std::string(content_prefix).append(type), std::string(part.raw()), Origin::openai});
        }
    }
    if (!begun) spelled("[]", {});
}

ReasoningPart read_reasoning(JsonNode item, Origin issuer) {
    ReasoningPart part;
    part.id = item["id"].text();
    part.text = joined_texts(item["summary"]);
    const bool summarised = !part.text.empty();
    if (!summarised) part.text = joined_texts(item["content"]);  // models whose thoughts are open
    part.origin = issuer;
    if (const auto state = item["encrypted_content"].text(); !state.empty()) open_reasoning(state, issuer, part);
    for (JsonNode member : item) {
        const auto name = member.name();
        if (name == "type" || name == "id" || name == "encrypted_content") continue;
        if (name == "summary" && is_plain_summary(member) && (summarised || part.text.empty())) continue;
        keep(part.extras.framing, member);
    }
    return part;
}

void ItemReader::reasoning(JsonNode item, std::vector<Part>& out) {
    const auto state = item["encrypted_content"].text();
    if (auto of_call = open_call(state)) {
        signature_of_next_ = std::move(*of_call);
    } else if (const auto of_last = open_previous(state)) {
        sign_last(out, *of_last);
    } else {
        out.emplace_back(read_reasoning(item, issuer_));
    }
}

ToolCallPart read_call(JsonNode item, bool custom, const RequestMemo* memo) {
    ToolCallPart call;
    call.kind = custom ? ToolCallPart::Kind::custom : ToolCallPart::Kind::function;
    call.id = item["call_id"].text();
    if (call.id.empty()) {
        call.id = item["id"].text();
        call.native_id = false;
    }
    call.name = item["name"].text();
    const std::string_view content = custom ? "input" : "arguments";
    call.arguments = item[content].is_object() ? item[content].raw() : item[content].text();
    for (JsonNode member : item)
        if (const auto name = member.name(); name != "type" && name != "call_id" && name != "name" && name != content)
            keep(call.extras.framing, member);
    if (memo) {
        const auto renamed = memo->tool_names.find(call.name);
        if (renamed != memo->tool_names.end()) call.name = renamed->second;
    }
    return call;
}

void ItemReader::call(JsonNode item, bool custom, std::vector<Part>& out) {
    auto call = read_call(item, custom, memo_);
    call.signature = std::exchange(signature_of_next_, {});
    out.emplace_back(std::move(call));
}

}  // namespace smg::codec::responses
