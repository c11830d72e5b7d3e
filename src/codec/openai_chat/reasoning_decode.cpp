#include "codec/openai_chat/origin.hpp"
#include "codec/openai_chat/request_decode.hpp"
#include "codec/reasoning_envelope.hpp"

namespace smg::codec::chat {
namespace {

/// One entry of `reasoning_details` in this gateway's spelling; others (OpenRouter's) have no meaning elsewhere and are kept whole.
bool read_detail(JsonNode entry, std::vector<Part>& out) {
    const auto type = entry["type"].text();
    if (type == "thinking" || type == "redacted") {
        auto part = detail_part(entry);
        const bool has_text = !part.text.empty() || type == "thinking";
        out.emplace_back(std::move(part));
        return has_text;
    }
    out.emplace_back(OpaquePart{"reasoning_details", std::string(entry.raw()), Origin::unknown});
    return false;
}

}  // namespace

ReasoningPart detail_part(JsonNode entry) {
    ReasoningPart part;
    part.id = entry["id"].text();
    part.text = entry["text"].text();
    part.origin = origin_of(entry["origin"].text());
    const bool redacted = entry["type"].text() == "redacted";
    const auto opaque = entry[redacted ? "data" : "signature"].text();
    if (redacted && !is_envelope(opaque))
        part.redacted = opaque;
    else
        open_reasoning(opaque, part.origin, part);
    // What names no origin and is no envelope is OpenAI's: this is its format.
    if (part.origin == Origin::unknown && !opaque.empty() && !is_envelope(opaque)) part.origin = Origin::openai;
    return part;
}

void read_reasoning(JsonNode message, std::vector<Part>& out) {
    bool has_text = false;  // the details repeat what `reasoning_content` says
    std::vector<Part> details;
    for (JsonNode entry : message["reasoning_details"]) has_text = read_detail(entry, details) || has_text;
    auto plain = message["reasoning_content"].text();
    if (plain.empty()) plain = message["reasoning"].text();
    if (!plain.empty() && !has_text) {
        ReasoningPart part;
        part.text = plain;
        out.emplace_back(std::move(part));
    }
    for (auto& part : details) out.push_back(std::move(part));
}

}  // namespace smg::codec::chat
