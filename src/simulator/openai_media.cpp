#include "simulator/form.hpp"
#include "simulator/openai_more.hpp"
#include "simulator/openai_shared.hpp"
#include "simulator/text.hpp"

namespace smg::simulator {
namespace {

constexpr std::int64_t answered_at = 1764000000;
/// One transparent pixel.
constexpr const char* png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/// The model, or the one that is taken when none is named; a model of another task is refused.
std::optional<Refusal> task_refusal(const std::string& id, const std::string& task) {
    std::string supported;
    for (const auto& model : models_of("openai")) {
        if (model.only != task) continue;
        if (model.id == id) return std::nullopt;
        supported += (supported.empty() ? "'" : ", '") + model.id + "'";
    }
    return Refusal{400, "Invalid value: '" + id + "'. Supported values are: " + supported + ".", "model", "invalid_value"};
}

std::string model_or(const Json& body, const char* otherwise) { return has(body, "model") ? text_member(body, "model") : otherwise; }

Shape moderations_shape() {
    const auto part = Shape::tagged("type", {{"text", Shape::object({need("type", Shape::text()), need("text", Shape::text())})},
                                             {"image_url", Shape::object({need("type", Shape::text()), need("image_url", Shape::free_object())})}});
    const auto input = Shape::either({Shape::text(), Shape::list(Shape::either({Shape::text(), part}), 1)});
    return Shape::object({may_null("model", Shape::text()), need("input", input)});
}

Shape images_shape() {
    return Shape::object({may_null("model", Shape::text()),
                          need("prompt", Shape::text()),
                          may_null("n", Shape::whole(1, 10)),
                          may_null("size", Shape::words({"auto", "1024x1024", "1536x1024", "1024x1536", "1792x1024", "1024x1792"})),
                          may_null("quality", Shape::words({"auto", "low", "medium", "high", "standard", "hd"})),
                          may_null("background", Shape::words({"auto", "transparent", "opaque"})),
                          may_null("moderation", Shape::words({"auto", "low"})),
                          may_null("output_format", Shape::words({"png", "jpeg", "webp"})),
                          may_null("output_compression", Shape::whole(0, 100)),
                          may_null("response_format", Shape::words({"url", "b64_json"})),
                          may_null("style", Shape::words({"vivid", "natural"})),
                          may_null("user", Shape::text())});
}

Shape speech_shape() {
    return Shape::object({need("model", Shape::text()), need("input", Shape::text()), need("voice", Shape::text()),
                          may_null("instructions", Shape::text()), may_null("speed", Shape::number(0.25, 4)),
                          may_null("response_format", Shape::words({"mp3", "opus", "aac", "flac", "wav", "pcm"})),
                          may_null("stream_format", Shape::words({"audio", "sse"}))});
}

/// Every text that holds `violent` is flagged, and nothing else is.
Json moderation_of(const std::string& text) {
    const bool flagged = contains_word(text, "violent");
    Json categories = Json::object();
    Json scores = Json::object();
    for (const auto* name : {"harassment", "hate", "illicit", "self-harm", "sexual", "violence"}) {
        const bool hit = flagged && std::string_view(name) == "violence";
        categories[name] = hit;
        scores[name] = hit ? 0.97 : 0.001;
    }
    return {{"flagged", flagged}, {"categories", categories}, {"category_scores", scores}};
}

std::string media_of(const std::string& format) {
    if (format == "wav" || format == "aac" || format == "flac" || format == "opus") return "audio/" + format;
    return format == "pcm" ? "audio/pcm" : "audio/mpeg";
}

}  // namespace

SimulatedReply moderations_reply(const Call& call, const ChatProvider& voice) {
    static const auto shape = moderations_shape();
    Json body;
    if (auto refusal = read_openai_body(call, shape, body)) return voice.refuse(call, *refusal);
    const auto model = model_or(body, "omni-moderation-latest");
    if (auto refusal = task_refusal(model, "moderations")) return voice.refuse(call, *refusal);
    Json results = Json::array();
    const auto& input = body["input"];
    // Several texts are several questions; several parts are one.
    if (input.is_array() && input[0].is_string()) {
        for (const auto& text : input) results.push_back(moderation_of(text.get<std::string>()));
    } else {
        results.push_back(moderation_of(dump(input)));
    }
    return whole_reply(call, 200, voice.head(call, "application/json"),
                       dump({{"id", "modr-" + made_up(call.seed("moderation"), 29)}, {"model", model}, {"results", results}}));
}

SimulatedReply images_reply(const Call& call, const ChatProvider& voice) {
    static const auto shape = images_shape();
    Json body;
    if (auto refusal = read_openai_body(call, shape, body)) return voice.refuse(call, *refusal);
    const auto model = model_or(body, "gpt-image-1");
    if (auto refusal = task_refusal(model, "images")) return voice.refuse(call, *refusal);
    const bool newer = model == "gpt-image-1";
    if (newer && has(body, "response_format"))
        return voice.refuse(call, {400, "Unknown parameter: 'response_format'.", "response_format", "unknown_parameter"});
    if (auto away = steered_away(call, voice, parse_steering(text_member(body, "prompt")), false)) return *away;
    const auto count = has(body, "n") ? body["n"].get<std::size_t>() : 1;
    const bool inline_data = newer || text_member(body, "response_format") == "b64_json";
    Json answer{{"created", answered_at}, {"data", Json::array()}};
    for (std::size_t i = 0; i < count; ++i) {
        const auto name = "https://images.example/" + made_up(call.seed("image") + i, 16) + ".png";
        answer["data"].push_back(inline_data ? Json{{"b64_json", png}} : Json{{"revised_prompt", body["prompt"]}, {"url", name}});
    }
    if (newer) {
        const auto tokens = tokens_of(text_member(body, "prompt"));
        const Json details{{"text_tokens", tokens}, {"image_tokens", 0}};
        answer["usage"] = {
            {"input_tokens", tokens}, {"input_tokens_details", details}, {"output_tokens", 1056 * count}, {"total_tokens", tokens + 1056 * count}};
    }
    return whole_reply(call, 200, voice.head(call, "application/json"), dump(answer));
}

SimulatedReply speech_reply(const Call& call, const ChatProvider& voice) {
    static const auto shape = speech_shape();
    Json body;
    if (auto refusal = read_openai_body(call, shape, body)) return voice.refuse(call, *refusal);
    if (auto refusal = task_refusal(text_member(body, "model"), "speech")) return voice.refuse(call, *refusal);
    const auto input = text_member(body, "input");
    if (input.empty() || input.size() > 4096)
        return voice.refuse(call, {400, "Invalid 'input': expected a string of 1 to 4096 characters.", "input", "invalid_value"});
    const auto steering = parse_steering(input);
    if (auto away = steered_away(call, voice, steering, true)) return *away;
    SimulatedReply reply;
    reply.fields = voice.head(call, media_of(text_member(body, "response_format")));
    reply.streamed = true;
    reply.latency = call.options.latency;
    // Any byte may stand in it, in pieces that are no texts.
    for (std::size_t piece = 0; piece < pieces_of(call, steering); ++piece) {
        std::string bytes = piece == 0 ? "ID3" : "";
        for (std::size_t i = 0; i < 256; ++i) bytes += static_cast<char>(hash_of(input, piece * 256 + i) & 0xFFU);
        reply.pieces.emplace_back(std::move(bytes), piece == 0 ? std::chrono::milliseconds(0) : call.options.chunk_interval);
    }
    return reply;
}

SimulatedReply transcriptions_reply(const Call& call, const ChatProvider& voice) {
    const auto form = parse_form(call.request.fields.get("content-type"), call.request.body);
    if (!form) return voice.refuse(call, {400, "Could not parse multipart form", {}, {}});
    for (const auto* name : {"model", "file"})
        if (part_of(*form, name) == nullptr)
            return voice.refuse(call, {400, "Missing required parameter: '" + std::string(name) + "'.", name, "missing_required_parameter"});
    const auto& file = *part_of(*form, "file");
    if (auto refusal = task_refusal(part_of(*form, "model")->body, "transcriptions")) return voice.refuse(call, *refusal);
    if (file.filename.empty() || file.body.empty()) return voice.refuse(call, {400, "Invalid file format.", "file", "invalid_value"});
    const auto text = "You sent " + file.filename + " (" + std::to_string(file.body.size()) + " bytes).";
    const auto* format = part_of(*form, "response_format");
    if (format != nullptr && format->body == "text") return whole_reply(call, 200, voice.head(call, "text/plain; charset=utf-8"), text + "\n");
    const Json usage{{"type", "duration"}, {"seconds", 1}};
    return whole_reply(call, 200, voice.head(call, "application/json"), dump({{"text", text}, {"usage", usage}}));
}

SimulatedReply image_edits_reply(const Call& call, const ChatProvider& voice) {
    const auto form = parse_form(call.request.fields.get("content-type"), call.request.body);
    if (!form) return voice.refuse(call, {400, "Could not parse multipart form", {}, {}});
    const bool pictured = part_of(*form, "image") != nullptr || part_of(*form, "image[]") != nullptr;
    if (!pictured) return voice.refuse(call, {400, "Missing required parameter: 'image'.", "image", "missing_required_parameter"});
    if (part_of(*form, "prompt") == nullptr)
        return voice.refuse(call, {400, "Missing required parameter: 'prompt'.", "prompt", "missing_required_parameter"});
    const auto* model = part_of(*form, "model");
    if (auto refusal = task_refusal(model == nullptr ? "gpt-image-1" : model->body, "images")) return voice.refuse(call, *refusal);
    return whole_reply(call, 200, voice.head(call, "application/json"),
                       dump({{"created", answered_at}, {"data", Json::array({Json{{"b64_json", png}}})}}));
}

}  // namespace smg::simulator
