#pragma once
/// How long an encoded text will be, about, so that its memory is taken once: growing a string by doubling copies it twice over.
#include <cstddef>

#include "codec/conversation.hpp"

namespace smg::codec {

/// Bytes; a little more than what most encoders write.
[[nodiscard]] std::size_t expected_size(const Conversation& conversation) noexcept;
[[nodiscard]] std::size_t expected_size(const Answer& answer) noexcept;

}  // namespace smg::codec
