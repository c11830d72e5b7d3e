#pragma once
/// The rest of the simulated Gemini API: models, token counts, embeddings.
#include "simulator/gemini_content.hpp"

namespace smg::simulator {

[[nodiscard]] http::Fields gemini_head(const Call& call, std::string_view content_type);
[[nodiscard]] Json gemini_error_json(const GeminiError& error);
[[nodiscard]] SimulatedReply gemini_refuse(const Call& call, const GeminiError& error);

[[nodiscard]] SimulatedReply gemini_models_reply(const Call& call);
[[nodiscard]] SimulatedReply gemini_model_reply(const Call& call, const Model& model);
/// `countTokens`, `embedContent`, `batchEmbedContents`; any other verb is not found.
[[nodiscard]] SimulatedReply gemini_other_reply(const Call& call, const Model& model, std::string_view verb);

}  // namespace smg::simulator
