#include "simulator/gemini_more.hpp"

#include <algorithm>
#include <cstdlib>

#include "http/target.hpp"
#include "simulator/text.hpp"

namespace smg::simulator {
namespace {

constexpr std::string_view json_type = "application/json; charset=UTF-8";
constexpr std::size_t embedding_size = 3072;

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

/// A request for one embedding; in a batch each names its model.
Shape embed_shape(bool in_batch) {
    const auto part = Shape::object({need("text", Shape::text())});
    const auto content = Shape::object({may("role", Shape::text()), need("parts", Shape::list(part, 1))});
    const auto task = Shape::words({"TASK_TYPE_UNSPECIFIED", "RETRIEVAL_QUERY", "RETRIEVAL_DOCUMENT", "SEMANTIC_SIMILARITY", "CLASSIFICATION",
                                    "CLUSTERING", "QUESTION_ANSWERING", "FACT_VERIFICATION", "CODE_RETRIEVAL_QUERY"});
    return Shape::object({in_batch ? need("model", Shape::text()) : may("model", Shape::text()), need("content", content), may("taskType", task),
                          may("title", Shape::text()), may("outputDimensionality", Shape::whole(1, embedding_size))});
}

/// A vector that is cut short is not made one of unit length again.
Json embedding_of(const Json& request) {
    std::string text;
    for (const auto& part : member(member(request, "content"), "parts")) text += text_member(part, "text");
    auto values = unit_vector_of(text, embedding_size);
    if (const auto& wanted = member(request, "outputDimensionality"); wanted.is_number()) values.resize(wanted.get<std::size_t>());
    return {{"values", values}};
}

SimulatedReply embed_reply(const Call& call, const Model& model, Json body, bool batch) {
    static const auto one = embed_shape(false);
    static const auto many = Shape::object({need("requests", Shape::list(embed_shape(true), 1))});
    if (!model.embeds) return gemini_refuse(call, {404, "NOT_FOUND", "models/" + model.id + " is not supported for embedContent."});
    const auto problems = (batch ? many : one).check(body, Naming::proto);
    if (!problems.empty()) return gemini_refuse(call, error_of(problems.front()));
    Json answer;
    if (!batch) answer["embedding"] = embedding_of(body);
    for (const auto& request : member(body, "requests")) {
        if (text_member(request, "model") != "models/" + model.id)
            return gemini_refuse(call, {400, "INVALID_ARGUMENT", "The model of each request must be the model of the batch."});
        answer["embeddings"].push_back(embedding_of(request));
    }
    return whole_reply(call, 200, gemini_head(call, json_type), dump(answer));
}

/// Either `contents` or a whole request, which names its model.
SimulatedReply count_reply(const Call& call, Json body) {
    static const auto shape = Shape::object({may("contents", Shape::any()), may("generateContentRequest", Shape::free_object())});
    auto problems = shape.check(body, Naming::proto);
    if (!problems.empty()) return gemini_refuse(call, error_of(problems.front()));
    if (has(body, "generateContentRequest")) {
        if (has(body, "contents"))
            return gemini_refuse(call, {400, "INVALID_ARGUMENT", "contents and generate_content_request are mutually exclusive."});
        auto inner = body["generateContentRequest"];
        if (!text_member(inner, "model").starts_with("models/"))
            return gemini_refuse(call, {400, "INVALID_ARGUMENT",
                                        "* CountTokensRequest.generate_content_request.model: unexpected model name format\n"});
        body = std::move(inner);
    }
    problems = content_shape().check(body, Naming::proto);
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
    return embed_reply(call, model, std::move(*body), batch);
}

}  // namespace smg::simulator
