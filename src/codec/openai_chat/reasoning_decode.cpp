#include "codec/openai_chat/origin.hpp"
#include "codec/openai_chat/request_decode.hpp"

namespace smg::codec::chat {
namespace {

/// One entry of `reasoning_details` in this gateway's spelling; others (OpenRouter's) have no meaning elsewhere and are kept whole.
bool read_detail(JsonNode entry, std::vector<Part>& out) {
    ReasoningPart part;
    part.origin = origin_of(entry["origin"].text());
    if (entry["type"].text() == "thinking") {
        part.text = entry["text"].text();
        part.signature = entry["signature"].text();
        part.id = entry["id"].text();
        out.emplace_back(std::move(part));
        return true;
    }
    if (entry["type"].text() == "redacted") {
        part.redacted = entry["data"].text();
        out.emplace_back(std::move(part));
        return false;
    }
    out.emplace_back(OpaquePart{"reasoning_details", std::string(entry.raw()), Origin::unknown});
    return false;
}

}  // namespace

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
