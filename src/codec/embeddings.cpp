#include "codec/embeddings.hpp"

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>

#include "codec/json_tree.hpp"
#include "codec/json_writer.hpp"

namespace smg::codec {
namespace {

Result<JsonNode> parse_object(JsonTree& tree, std::string_view body, Failure failure) {
    auto root = tree.parse(body);
    if (!root) return fail(failure, "the body is not JSON: " + root.error().message);
    if (!root->is_object()) return fail(failure, "the body must be a JSON object");
    return root;
}

Result<void> read_dimensions(JsonNode node, std::string_view field, EmbeddingRequest& request) {
    if (node.is_absent_or_null()) return {};
    if (node.integer().value_or(0) < 1) return fail(Failure::invalid_request, std::string(field) + " must be a positive integer", std::string(field));
    request.dimensions = node.raw();
    return {};
}

Result<void> read_input(JsonNode input, EmbeddingRequest& request) {
    if (input.is_string()) {
        request.inputs.emplace_back(input.text());
        return {};
    }
    if (!input.is_array() || input.size() == 0) return fail(Failure::invalid_request, "input must be a string or a list of strings", "input");
    for (const JsonNode item : input) {
        if (item.is_number() || item.is_array())
            return fail(Failure::invalid_request, "input as tokens cannot be carried to this provider, whose tokens are others; send text", "input");
        if (!item.is_string())
            return fail(Failure::invalid_request, "every input must be a string", "input[" + std::to_string(request.inputs.size()) + "]");
        request.inputs.emplace_back(item.text());
    }
    return {};
}

/// The text of one `content`, and the settings beside it. `where` is the path to the object for messages.
Result<void> read_content(JsonNode object, const std::string& where, EmbeddingRequest& request) {
    const auto field = [&](const char* name) { return where.empty() ? std::string(name) : where + "." + name; };
    const auto parts = object["content"]["parts"];
    if (!parts.is_array() || parts.size() == 0) return fail(Failure::invalid_request, field("content") + " must have parts", field("content"));
    std::string text;
    for (const JsonNode part : parts) {
        if (!part["text"].is_string()) return fail(Failure::invalid_request, "only text can be embedded by this provider", field("content.parts"));
        text += part["text"].text();
    }
    request.inputs.push_back(std::move(text));
    if (const auto task = object["taskType"]) request.task_type = task.text();
    if (object["title"].present()) request.unknown.emplace_back("title");
    auto dimensions = object["outputDimensionality"];
    if (!dimensions) dimensions = object["output_dimensionality"];
    return read_dimensions(dimensions, field("outputDimensionality"), request);
}

Result<void> leave_out(EncodedRequest& encoded, const Target& target, const std::string& name) {
    if (target.strict) return fail(Failure::invalid_request, name + " cannot be carried to this provider, and X-SMG-Strict-Params is set", name);
    encoded.adjustments.note(name);
    return {};
}

Result<void> leave_out_unknown(EncodedRequest& encoded, const EmbeddingRequest& request, const Target& target) {
    for (const auto& name : request.unknown)
        if (auto left = leave_out(encoded, target, name); !left) return left;
    return {};
}

void make_unit_length(std::vector<double>& vector) {
    double squares = 0;
    for (const auto value : vector) squares += value * value;
    if (squares <= 0) return;
    const auto length = std::sqrt(squares);
    for (auto& value : vector) value /= length;
}

Result<std::vector<double>> read_vector(JsonNode values) {
    if (!values.is_array()) return fail(Failure::upstream_error, "an embedding without its values");
    std::vector<double> vector;
    vector.reserve(values.size());
    for (const JsonNode value : values) {
        const auto number = value.real();
        if (!number) return fail(Failure::upstream_error, "an embedding with a value that is no number");
        vector.push_back(*number);
    }
    return vector;
}

void write_values(JsonWriter& json, const std::vector<double>& vector) {
    json.begin_array();
    std::array<char, 32> digits{};
    for (const auto value : vector) {
        // As float32, which is what models compute in: more digits would be noise.
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), static_cast<float>(value)).ptr;
        json.raw(std::string_view(digits.data(), static_cast<std::size_t>(end - digits.data())));
    }
    json.end_array();
}

std::string base64_floats(const std::vector<double>& vector) {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string bytes;
    bytes.reserve(vector.size() * 4);
    for (const auto value : vector) {
        const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(value));
        for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>((bits >> shift) & 0xFFU);
    }
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        std::uint32_t group = 0;
        for (std::size_t i = 0; i < 3; ++i) group = group << 8 | (at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0U);
        for (std::size_t i = 0; i < 4; ++i) text += at + i <= bytes.size() ? alphabet[(group >> (18 - 6 * i)) & 0x3FU] : '=';
    }
    return text;
}

}  // namespace

Result<EmbeddingRequest> decode_openai_embedding_request(std::string_view body) {
    JsonTree tree;
    const auto root = parse_object(tree, body, Failure::invalid_request);
    if (!root) return tl::unexpected(root.error());
    EmbeddingRequest request;
    if (auto input = read_input((*root)["input"], request); !input) return tl::unexpected(input.error());
    if (auto dimensions = read_dimensions((*root)["dimensions"], "dimensions", request); !dimensions) return tl::unexpected(dimensions.error());
    const auto format = (*root)["encoding_format"];
    if (!format.is_absent_or_null() && format.text() != "float" && format.text() != "base64")
        return fail(Failure::invalid_request, "encoding_format must be 'float' or 'base64'", "encoding_format");
    request.base64 = format.text() == "base64";
    for (const JsonNode member : *root) {
        const auto name = member.name();
        if (name != "model" && name != "input" && name != "dimensions" && name != "encoding_format" && !member.is_null())
            request.unknown.emplace_back(name);
    }
    return request;
}

Result<EmbeddingRequest> decode_gemini_embedding_request(std::string_view body, bool single) {
    JsonTree tree;
    const auto root = parse_object(tree, body, Failure::invalid_request);
    if (!root) return tl::unexpected(root.error());
    EmbeddingRequest request;
    request.single = single;
    if (single) {
        if (auto read = read_content(*root, "", request); !read) return tl::unexpected(read.error());
        return request;
    }
    const auto requests = (*root)["requests"];
    if (!requests.is_array() || requests.size() == 0) return fail(Failure::invalid_request, "requests must be a list of requests", "requests");
    for (const JsonNode each : requests) {
        const auto where = "requests[" + std::to_string(request.inputs.size()) + "]";
        EmbeddingRequest one;
        if (auto read = read_content(each, where, one); !read) return tl::unexpected(read.error());
        if (!request.inputs.empty() && one.dimensions != request.dimensions)
            return fail(Failure::invalid_request, "the requests of one batch must ask for the same outputDimensionality",
                        where + ".outputDimensionality");
        request.inputs.push_back(std::move(one.inputs.front()));
        request.dimensions = std::move(one.dimensions);
        if (!one.task_type.empty()) request.task_type = std::move(one.task_type);
        for (auto& name : one.unknown) request.unknown.push_back(std::move(name));
    }
    return request;
}

Result<EncodedRequest> encode_openai_embedding_request(const EmbeddingRequest& request, const Target& target) {
    EncodedRequest encoded;
    if (auto left = leave_out_unknown(encoded, request, target); !left) return tl::unexpected(left.error());
    if (!request.task_type.empty())
        if (auto left = leave_out(encoded, target, "taskType"); !left) return tl::unexpected(left.error());
    JsonWriter json(encoded.body);
    json.begin_object().member("model", target.model).key("input").begin_array();
    for (const auto& input : request.inputs) json.string(input);
    json.end_array();
    if (!request.dimensions.empty()) json.raw_member("dimensions", request.dimensions);
    json.member("encoding_format", "float").end_object();
    return encoded;
}

Result<EncodedRequest> encode_gemini_embedding_request(const EmbeddingRequest& request, const Target& target) {
    EncodedRequest encoded;
    if (auto left = leave_out_unknown(encoded, request, target); !left) return tl::unexpected(left.error());
    JsonWriter json(encoded.body);
    json.begin_object().key("requests").begin_array();
    for (const auto& input : request.inputs) {
        json.begin_object().member("model", "models/" + target.model);
        json.key("content").begin_object().key("parts").begin_array().begin_object().member("text", input).end_object().end_array().end_object();
        if (!request.dimensions.empty()) json.raw_member("outputDimensionality", request.dimensions);
        if (!request.task_type.empty()) json.member("taskType", request.task_type);
        json.end_object();
    }
    json.end_array().end_object();
    return encoded;
}

Result<EmbeddingAnswer> decode_openai_embeddings(std::string_view body) {
    JsonTree tree;
    const auto root = parse_object(tree, body, Failure::upstream_error);
    if (!root) return tl::unexpected(root.error());
    EmbeddingAnswer answer;
    for (const JsonNode item : (*root)["data"]) {
        auto vector = read_vector(item["embedding"]);
        if (!vector) return tl::unexpected(vector.error());
        answer.vectors.push_back(std::move(*vector));
    }
    if (const auto tokens = (*root)["usage"]["prompt_tokens"].integer(); tokens && *tokens >= 0)
        answer.usage.input = answer.usage.total = static_cast<std::uint64_t>(*tokens);
    return answer;
}

Result<EmbeddingAnswer> decode_gemini_embeddings(std::string_view body, const EmbeddingRequest& request) {
    JsonTree tree;
    const auto root = parse_object(tree, body, Failure::upstream_error);
    if (!root) return tl::unexpected(root.error());
    EmbeddingAnswer answer;
    for (const JsonNode item : (*root)["embeddings"]) {
        auto vector = read_vector(item["values"]);
        if (!vector) return tl::unexpected(vector.error());
        if (!request.dimensions.empty()) make_unit_length(*vector);
        answer.vectors.push_back(std::move(*vector));
    }
    if (const auto tokens = (*root)["usageMetadata"]["promptTokenCount"].integer(); tokens && *tokens >= 0)
        answer.usage.input = answer.usage.total = static_cast<std::uint64_t>(*tokens);
    return answer;
}

std::string encode_openai_embeddings(const EmbeddingAnswer& answer, const EmbeddingRequest& request, std::string_view model) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().member("object", "list").key("data").begin_array();
    for (std::size_t i = 0; i < answer.vectors.size(); ++i) {
        json.begin_object().member("object", "embedding").number_member("index", i).key("embedding");
        if (request.base64)
            json.string(base64_floats(answer.vectors[i]));
        else
            write_values(json, answer.vectors[i]);
        json.end_object();
    }
    const auto tokens = answer.usage.input.value_or(0);
    json.end_array().member("model", model).key("usage").begin_object();
    json.number_member("prompt_tokens", tokens).number_member("total_tokens", tokens).end_object().end_object();
    return body;
}

std::string encode_gemini_embeddings(const EmbeddingAnswer& answer, const EmbeddingRequest& request) {
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    if (request.single) {
        json.key("embedding").begin_object().key("values");
        write_values(json, answer.vectors.empty() ? std::vector<double>() : answer.vectors.front());
        json.end_object();
    } else {
        json.key("embeddings").begin_array();
        for (const auto& vector : answer.vectors) {
            json.begin_object().key("values");
            write_values(json, vector);
            json.end_object();
        }
        json.end_array();
    }
    json.end_object();
    return body;
}

}  // namespace smg::codec
