#include "codec/gemini/logprobs.hpp"

#include "codec/gemini/fields.hpp"

namespace smg::codec::google {
namespace {

void write_token(JsonWriter& json, JsonNode candidate) {
    const auto token = candidate["token"].text();
    const auto logprob = member(candidate, "logProbability");
    json.member("token", token).key("logprob").raw(logprob.is_number() ? logprob.raw() : "0").key("bytes").begin_array();
    for (const char byte : token) json.number(static_cast<int>(static_cast<unsigned char>(byte)));
    json.end_array();
}

void write_candidate(JsonWriter& json, JsonNode entry) {
    json.begin_object().member("token", entry["token"].text());
    json.key("logProbability").raw(entry["logprob"].is_number() ? entry["logprob"].raw() : "0").end_object();
}

}  // namespace

RawJson read_logprobs(JsonNode result) {
    const auto chosen = member(result, "chosenCandidates");
    if (chosen.size() == 0) return {};
    const auto top = member(result, "topCandidates");
    auto alternatives = top.begin();
    RawJson out;
    JsonWriter json(out);
    json.begin_object().key("content").begin_array();
    for (JsonNode candidate : chosen) {
        write_token(json.begin_object(), candidate);
        json.key("top_logprobs").begin_array();
        if (alternatives != top.end()) {
            for (JsonNode other : (*alternatives)["candidates"]) {
                write_token(json.begin_object(), other);
                json.end_object();
            }
            ++alternatives;
        }
        json.end_array().end_object();
    }
    json.end_array().end_object();
    return out;
}

bool write_logprobs(JsonWriter& json, const RawJson& logprobs) {
    JsonTree tree;
    const auto parsed = tree.parse(logprobs);
    if (!parsed || (*parsed)["content"].size() == 0) return false;
    const auto content = (*parsed)["content"];
    json.begin_object().key("chosenCandidates").begin_array();
    for (JsonNode entry : content) write_candidate(json, entry);
    json.end_array().key("topCandidates").begin_array();
    for (JsonNode entry : content) {
        json.begin_object().key("candidates").begin_array();
        for (JsonNode other : entry["top_logprobs"]) write_candidate(json, other);
        json.end_array().end_object();
    }
    json.end_array().end_object();
    return true;
}

}  // namespace smg::codec::google
