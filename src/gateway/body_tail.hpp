#pragma once
/// The end of a body that passes: of its pieces, each is gone when the next comes.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "http/message.hpp"

namespace smg::gateway {

/// Of one answer, in its request's coroutine.
class BodyTail {
public:
    /// Where the counts of a unary answer stand: providers write them last.
    static constexpr std::size_t size = 32 * 1024;
    [[nodiscard]] static std::string_view last_bytes(std::string_view text) noexcept {
        return text.substr(text.size() - std::min(text.size(), size));
    }

    /// Of a body whose length is known, what stands before its end is not copied.
    explicit BodyTail(const http::Framing& framing) noexcept
        : begins_(framing.kind == http::BodyKind::sized && framing.length > size ? framing.length - size : 0) {}

    void add(std::string_view piece) {
        passed_ += piece.size();
        if (passed_ <= begins_) return;
        if (piece.size() >= size) {
            text_ = last_bytes(piece);
            return;
        }
        text_ += piece;
        if (text_.size() > 2 * size) text_.erase(0, text_.size() - size);
    }
    /// The last bytes that were added, `size` of them at most.
    [[nodiscard]] std::string_view text() const noexcept { return last_bytes(text_); }

private:
    const std::uint64_t begins_;
    std::uint64_t passed_ = 0;
    std::string text_;
};

}  // namespace smg::gateway
