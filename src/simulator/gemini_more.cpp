#include "simulator/gemini_more.hpp"

#include <algorithm>
#include <cstdlib>

#include "http/target.hpp"
#include "simulator/text.hpp"

namespace smg::simulator {
namespace {

constexpr std::string_view json_type = "application/json; charset=UTF-8";

Json model_json(const Model& model) {
    Json methods = Json::array();
    if (model.embeds) {
        methods = Json::array({"embedContent", "countTokens"});
    } else {
        methods = Json::array({"generateContent", "countTokens", "createCachedContent", "batchGenerateContent"});
    }
    Json json{{"name", "models/" + model.id},         {"version", "001"},
              {"displayName", model.title},           {"description", "Simulated " + model.title},
              {"inputTokenLimit", model.context},     {"outputTokenLimit", model.output},
              {"supportedGenerationMethods", methods}};
    if (!model.embeds) json.update({{"temperature", 1}, {"topP", 0.95}, {"topK", 64}, {"maxTemperature", 2}});
    if (model.reasons) json["thinking"] = true;
    return json;
}

Json values_of(const std::string& text, std::size_t dimensions) {
    Json values = Json::array();
    for (std::size_t i = 0; i < dimensions; ++i) values.push_back((static_cast<double>(hash_of(text, i) % 2001) - 1000.0) / 1000.0);
    return values;
}

Json embedding_of(const Json& request) {
    std::string text;
    for (const auto& part : member(member(request, "content"), "parts")) text += text_member(part, "text");
    const auto& dimensions = member(request, "outputDimensionality");
    return {{"values", values_of(text, dimensions.is_number() ? dimensions.get<std::size_t>() : 16)}};
}

SimulatedReply count_reply(const Call& call, Json body) {
    if (has(body, "generateContentRequest")) {
        auto inner = body["generateContentRequest"];
        body = std::move(inner);
    }
    const auto problems = content_shape().check(body, Naming::proto);
    if (!problems.empty()) return gemini_refuse(call, error_of(problems.front()));
    std::uint64_t tokens = 0;
    for (const auto* name : {"systemInstruction", "contents", "tools"})
        if (has(body, name)) tokens += tokens_of(dump(body[name]));
    const Json details = Json::array({Json{{"modality", "TEXT"}, {"tokenCount", tokens}}});
    return whole_reply(call, 200, gemini_head(call, json_type), dump(Json{{"totalTokens", tokens}, {"promptTokensDetails", details}}));
}

}  // namespace

SimulatedReply gemini_models_reply(const Call& call) {
    const auto& all = models_of("gemini");
    const auto size = std::atoi(http::query_parameter(call.request.query, "pageSize").value_or("50").c_str());
    const auto token = std::atoi(http::query_parameter(call.request.query, "pageToken").value_or("0").c_str());
    const auto begin = std::min(all.size(), static_cast<std::size_t>(std::max(0, token)));
    const auto end = std::min(all.size(), begin + static_cast<std::size_t>(std::clamp(size, 1, 1000)));
    Json page{{"models", Json::array()}};
    for (auto i = begin; i < end; ++i) page["models"].push_back(model_json(all[i]));
    if (end < all.size()) page["nextPageToken"] = std::to_string(end);
    return whole_reply(call, 200, gemini_head(call, json_type), dump(page));
}

SimulatedReply gemini_model_reply(const Call& call, const Model& model) {
    return whole_reply(call, 200, gemini_head(call, json_type), dump(model_json(model)));
}

SimulatedReply gemini_other_reply(const Call& call, const Model& model, std::string_view verb) {
    auto body = parse_json(call.request.body);
    if (!body || !body->is_object())
        return gemini_refuse(call, {400, "INVALID_ARGUMENT", "Invalid JSON payload received. Unexpected end of string.\n"});
    if (verb == "countTokens") return count_reply(call, std::move(*body));
    const bool batch = verb == "batchEmbedContents";
    if (!batch && verb != "embedContent") return gemini_refuse(call, {404, "NOT_FOUND", "Requested entity was not found."});
    if (!model.embeds) return gemini_refuse(call, {404, "NOT_FOUND", "models/" + model.id + " is not supported for embedContent."});
    Json answer;
    if (batch) {
        answer["embeddings"] = Json::array();
        for (const auto& request : member(*body, "requests")) answer["embeddings"].push_back(embedding_of(request));
    } else {
        answer["embedding"] = embedding_of(*body);
    }
    return whole_reply(call, 200, gemini_head(call, json_type), dump(answer));
}

}  // namespace smg::simulator
