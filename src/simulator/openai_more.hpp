#pragma once
/// OpenAI's smaller paths: embeddings and the old completions.
#include "simulator/openai_chat.hpp"

namespace smg::simulator {

struct OpenaiVoice {
    http::Fields (*head)(const Call&, std::string_view content_type);
    SimulatedReply (*refuse)(const Call&, const Refusal&);
};

/// Vectors of unit length, made from the text; as numbers or, with `encoding_format: base64`, as little-endian floats.
[[nodiscard]] SimulatedReply embeddings_reply(const Call& call, const OpenaiVoice& voice);
[[nodiscard]] SimulatedReply completions_reply(const Call& call, const OpenaiVoice& voice);

}  // namespace smg::simulator
