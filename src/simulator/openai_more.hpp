#pragma once
/// OpenAI's smaller paths: embeddings, the old completions, moderations, images, audio, files.
#include "simulator/openai_chat.hpp"

namespace smg::simulator {

/// The body as JSON of that shape, or the refusal that it deserves; a model that it names exists.
[[nodiscard]] std::optional<Refusal> read_openai_body(const Call& call, const Shape& shape, Json& body);

/// Vectors of unit length, made from the text; as numbers or, with `encoding_format: base64`, as little-endian floats.
[[nodiscard]] SimulatedReply embeddings_reply(const Call& call, const ChatProvider& voice);
[[nodiscard]] SimulatedReply completions_reply(const Call& call, const ChatProvider& voice);
/// Flags what holds the word `violent`.
[[nodiscard]] SimulatedReply moderations_reply(const Call& call, const ChatProvider& voice);
/// Pictures of one pixel.
[[nodiscard]] SimulatedReply images_reply(const Call& call, const ChatProvider& voice);
/// A form with `image` and `prompt`.
[[nodiscard]] SimulatedReply image_edits_reply(const Call& call, const ChatProvider& voice);
/// Bytes of every value, in pieces.
[[nodiscard]] SimulatedReply speech_reply(const Call& call, const ChatProvider& voice);
/// A form with `model` and `file`.
[[nodiscard]] SimulatedReply transcriptions_reply(const Call& call, const ChatProvider& voice);
/// `/v1/files` and below: list, upload, describe, content, delete.
[[nodiscard]] SimulatedReply files_reply(const Call& call, const ChatProvider& voice);

}  // namespace smg::simulator
