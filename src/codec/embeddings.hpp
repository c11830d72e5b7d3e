#pragma once
/// Embedding requests and answers of OpenAI (platform.openai.com/docs/api-reference/embeddings) and Gemini (ai.google.dev/api/embeddings), and
/// what they have in common. Pure; bad input is an Error that names the field.
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "codec/codec.hpp"

namespace smg::codec {

struct EmbeddingRequest {
    std::vector<std::string> inputs;
    NumberText dimensions;             ///< wanted length of a vector; empty: the model's own
    bool base64 = false;               ///< OpenAI: the vectors as base64 of little-endian float32
    bool single = false;               ///< Gemini's `embedContent`: one input, one vector
    std::string task_type;             ///< Gemini's `taskType`
    std::vector<std::string> unknown;  ///< members without a name here
};

/// One vector an input, in their order.
struct EmbeddingAnswer {
    std::vector<std::vector<double>> vectors;
    Usage usage;
};

/// Token arrays are refused: they mean nothing to another provider's tokenizer.
[[nodiscard]] Result<EmbeddingRequest> decode_openai_embedding_request(std::string_view body);
/// `embedContent` (`single`), else `batchEmbedContents`.
[[nodiscard]] Result<EmbeddingRequest> decode_gemini_embedding_request(std::string_view body, bool single);
[[nodiscard]] Result<EncodedRequest> encode_openai_embedding_request(const EmbeddingRequest& request, const Target& target);
/// Always `batchEmbedContents`.
[[nodiscard]] Result<EncodedRequest> encode_gemini_embedding_request(const EmbeddingRequest& request, const Target& target);

[[nodiscard]] Result<EmbeddingAnswer> decode_openai_embeddings(std::string_view body);
/// Vectors that were cut to fewer dimensions do not have length one as Gemini sends them: they get it when `request` asked for dimensions.
[[nodiscard]] Result<EmbeddingAnswer> decode_gemini_embeddings(std::string_view body, const EmbeddingRequest& request);
[[nodiscard]] std::string encode_openai_embeddings(const EmbeddingAnswer& answer, const EmbeddingRequest& request, std::string_view model);
[[nodiscard]] std::string encode_gemini_embeddings(const EmbeddingAnswer& answer, const EmbeddingRequest& request);

}  // namespace smg::codec
