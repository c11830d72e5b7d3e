#pragma once
/// What is sent each way: Chat Completions as OpenAI's SDK and OpenAI would write them, and answers as Anthropic's Messages, of a chosen size.
#include <cstddef>
#include <string>
#include <string_view>

namespace smg::bench {

/// A request's head and body. `model` tells the upstream what to answer, `user` which client asks.
[[nodiscard]] std::string chat_request(std::string_view model, std::size_t user, std::size_t body_bytes, bool stream);
/// A whole answer of about `body_bytes`, with head.
[[nodiscard]] std::string chat_answer(std::size_t body_bytes);
[[nodiscard]] std::string messages_answer(std::size_t body_bytes);

/// A streamed answer: what precedes the pieces, head included; a piece (one event, one HTTP chunk); and all that follows the last piece.
struct StreamParts {
    std::string begin;
    std::string piece;
    std::string end;
};
/// `usage`: the request asked for it.
[[nodiscard]] const StreamParts& chat_stream(bool usage);
[[nodiscard]] const StreamParts& messages_stream();
/// Stands once in each piece, in whatever format, and nowhere else.
inline constexpr std::string_view piece_mark = "\" gateway\"";

/// The answer to a GET: a list of models.
[[nodiscard]] const std::string& models_answer();

}  // namespace smg::bench
