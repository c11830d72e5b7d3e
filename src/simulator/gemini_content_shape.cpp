#include "simulator/gemini_content.hpp"

namespace smg::simulator {
namespace {

using Member = Shape::Member;

Shape blob() { return Shape::object({need("mimeType", Shape::text()), need("data", Shape::text()), may("displayName", Shape::text())}); }

Shape file() {
    return Shape::object({may("mimeType", Shape::text()), need("fileUri", Shape::text()), may("displayName", Shape::text())});
}

Shape part() {
    const auto shown = Shape::object({may("inlineData", blob()), may("fileData", file())});
    const auto call = Shape::object({may("id", Shape::text()), need("name", Shape::text()), may("args", Shape::free_object())});
    const auto response =
        Shape::object({may("id", Shape::text()), need("name", Shape::text()), need("response", Shape::free_object()),
                       may("parts", Shape::list(shown)), may("willContinue", Shape::flag()), may("scheduling", Shape::text())});
    return Shape::object(
        {may("text", Shape::text()), may("thought", Shape::flag()), may("thoughtSignature", Shape::text()), may("inlineData", blob()),
         may("fileData", file()), may("functionCall", call), may("functionResponse", response), may("executableCode", Shape::free_object()),
         may("codeExecutionResult", Shape::free_object()), may("videoMetadata", Shape::free_object()), may("mediaResolution", Shape::free_object()),
         may("partMetadata", Shape::free_object())});
}

Shape content() { return Shape::object({may("role", Shape::text()), may("parts", Shape::list(part()))}); }

Shape tool() {
    const auto declaration = Shape::object({need("name", Shape::text()), may("description", Shape::text()), may("parameters", Shape::free_object()),
                                            may("parametersJsonSchema", Shape::any()), may("response", Shape::free_object()),
                                            may("responseJsonSchema", Shape::any()), may("behavior", Shape::text())});
    return Shape::object({may("functionDeclarations", Shape::list(declaration)), may("googleSearch", Shape::free_object()),
                          may("googleSearchRetrieval", Shape::free_object()), may("codeExecution", Shape::free_object()),
                          may("urlContext", Shape::free_object()), may("googleMaps", Shape::free_object()),
                          may("computerUse", Shape::free_object())});
}

Shape generation_config() {
    const auto thinking =
        Shape::object({may("includeThoughts", Shape::flag()), may("thinkingBudget", Shape::whole(-1)),
                       may("thinkingLevel", Shape::words({"minimal", "low", "medium", "high", "MINIMAL", "LOW", "MEDIUM", "HIGH"}))});
    return Shape::object({may("stopSequences", Shape::list(Shape::text())),
                          may("responseMimeType", Shape::text()),
                          may("responseSchema", Shape::free_object()),
                          may("responseJsonSchema", Shape::any()),
                          may("responseModalities", Shape::list(Shape::text())),
                          may("candidateCount", Shape::whole()),
                          may("maxOutputTokens", Shape::whole()),
                          may("temperature", Shape::number()),
                          may("topP", Shape::number()),
                          may("topK", Shape::number()),
                          may("seed", Shape::whole()),
                          may("presencePenalty", Shape::number()),
                          may("frequencyPenalty", Shape::number()),
                          may("responseLogprobs", Shape::flag()),
                          may("logprobs", Shape::whole()),
                          may("enableEnhancedCivicAnswers", Shape::flag()),
                          may("speechConfig", Shape::free_object()),
                          may("thinkingConfig", thinking),
                          may("mediaResolution", Shape::text()),
                          may("imageConfig", Shape::free_object())});
}

Shape request() {
    const auto calling = Shape::object({may("mode", Shape::words({"AUTO", "ANY", "NONE", "VALIDATED", "MODE_UNSPECIFIED"})),
                                        may("allowedFunctionNames", Shape::list(Shape::text()))});
    const auto config = Shape::object({may("functionCallingConfig", calling), may("retrievalConfig", Shape::free_object())});
    return Shape::object({may("model", Shape::text()), may("contents", Shape::list(content())), may("systemInstruction", content()),
                          may("tools", Shape::list(tool())), may("toolConfig", config), may("safetySettings", Shape::list(Shape::free_object())),
                          may("generationConfig", generation_config()), may("cachedContent", Shape::text()), may("labels", Shape::free_object()),
                          may("serviceTier", Shape::text()), may("store", Shape::flag())});
}

/// `contents[0].parts[1].inlineData` to `contents[0].parts[1].inline_data`, as errors name fields.
std::string snake(const std::string& path) {
    std::string text;
    for (const char c : path) {
        if (std::isupper(static_cast<unsigned char>(c)) != 0) text += '_';
        text += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    return text;
}

std::string proto_type(const std::string& expected) {
    if (expected == "string") return "TYPE_STRING";
    if (expected == "integer") return "TYPE_INT32";
    if (expected == "boolean") return "TYPE_BOOL";
    return expected == "number" || expected == "decimal" ? "TYPE_FLOAT" : "TYPE_MESSAGE";
}

}  // namespace

const Shape& content_shape() {
    static const auto shape = request();
    return shape;
}

GeminiError error_of(const Problem& problem) {
    GeminiError error;
    auto outer = problem.path;
    if (problem.fault == Fault::unknown) {
        const auto name = outer.back().name;
        outer.pop_back();
        error.field = snake(bracketed(outer));
        error.message = "Invalid JSON payload received. Unknown name \"" + name + "\"" + (error.field.empty() ? "" : " at '" + error.field + "'") +
                        ": Cannot find field.";
        return error;
    }
    error.field = snake(bracketed(problem.path));
    if (problem.fault == Fault::missing) {
        error.message = "* GenerateContentRequest." + error.field + ": required field is not set";
    } else if (problem.fault == Fault::wrong_type) {
        error.message = "Invalid value at '" + error.field + "' (" + proto_type(problem.expected) + "), " + problem.got;
    } else {
        error.message = "Invalid value at '" + error.field + "': " + problem.got;
    }
    return error;
}

}  // namespace smg::simulator
