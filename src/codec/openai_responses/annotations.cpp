#include "codec/openai_responses/annotations.hpp"

#include <algorithm>

#include "codec/json_writer.hpp"

namespace smg::codec::responses {
namespace {

std::string flattened(JsonNode citation) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().member("type", "url_citation");
    for (JsonNode member : citation["url_citation"]) json.raw_member(member.name(), member.raw());
    json.end_object();
    return out;
}

/// One citation in this format; empty when it has no form here.
std::string wire_annotation(JsonNode citation, Origin origin, std::size_t length) {
    if (!citation.is_object()) return {};
    const auto type = citation["type"].text();
    if (type == "url_citation") return citation["url_citation"].is_object() ? flattened(citation) : std::string(citation.raw());
    if (origin == Origin::openai || origin == Origin::xai) return std::string(citation.raw());
    if (type != "web_search_result_location") return {};
    std::string out;
    JsonWriter json(out);
    json.begin_object().member("type", "url_citation").number_member("start_index", 0).number_member("end_index", length);
    json.member("url", citation["url"].text()).member("title", citation["title"].text()).end_object();
    return out;
}

}  // namespace

RawJson chat_annotation(JsonNode annotation) {
    if (annotation["type"].text() != "url_citation" || annotation["url_citation"].is_object()) return RawJson(annotation.raw());
    RawJson out;
    JsonWriter json(out);
    json.begin_object().member("type", "url_citation").key("url_citation").begin_object();
    for (JsonNode member : annotation)
        if (member.name() != "type") json.raw_member(member.name(), member.raw());
    json.end_object().end_object();
    return out;
}

RawJson chat_annotations(JsonNode list) {
    if (list.size() == 0) return {};
    RawJson out;
    JsonWriter json(out);
    json.begin_array();
    for (JsonNode annotation : list) json.raw(chat_annotation(annotation));
    json.end_array();
    return out;
}

std::vector<std::string> wire_annotations(std::string_view citations, Origin origin, std::size_t length) {
    std::vector<std::string> out;
    JsonTree tree;
    const auto parsed = tree.parse(citations);
    if (!parsed) return out;
    const auto add = [&](JsonNode citation) {
        if (auto annotation = wire_annotation(citation, origin, length); !annotation.empty()) out.push_back(std::move(annotation));
    };
    if (parsed->is_array())
        for (JsonNode citation : *parsed) add(citation);
    else
        add(*parsed);
    return out;
}

std::size_t code_points(std::string_view utf8) {
    return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace smg::codec::responses
