#include "codec/gemini/grounding.hpp"

#include <algorithm>
#include <vector>

#include "codec/gemini/fields.hpp"
#include "codec/json_writer.hpp"

namespace smg::codec::google {
namespace {

std::size_t code_points(std::string_view utf8) {
    return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

/// The code point at which a byte offset stands; offsets beyond the text stand at its end.
std::size_t code_point_at(std::string_view text, std::int64_t byte) {
    return code_points(text.substr(0, static_cast<std::size_t>(std::max<std::int64_t>(byte, 0))));
}

void write_citation(JsonWriter& json, JsonNode web, std::size_t start, std::size_t end) {
    json.begin_object().member("type", "url_citation").key("url_citation").begin_object();
    json.number_member("end_index", end).number_member("start_index", start);
    json.member("title", web["title"].text()).member("url", web["uri"].text()).end_object().end_object();
}

}  // namespace

RawJson read_grounding(JsonNode metadata, std::string_view text) {
    std::vector<JsonNode> chunks;
    for (JsonNode chunk : member(metadata, "groundingChunks")) chunks.push_back(chunk["web"]);
    RawJson out;
    JsonWriter json(out);
    bool any = false;
    json.begin_array();
    for (JsonNode support : member(metadata, "groundingSupports")) {
        const auto segment = support["segment"];
        const auto start = code_point_at(text, member(segment, "startIndex").integer().value_or(0));
        const auto end = code_point_at(text, member(segment, "endIndex").integer().value_or(0));
        for (JsonNode index : member(support, "groundingChunkIndices")) {
            const auto at = index.integer().value_or(-1);
            if (at < 0 || at >= static_cast<std::int64_t>(chunks.size()) || !chunks[static_cast<std::size_t>(at)].is_object()) continue;
            write_citation(json, chunks[static_cast<std::size_t>(at)], start, end);
            any = true;
        }
    }
    json.end_array();
    return any ? out : RawJson();
}

}  // namespace smg::codec::google
