#pragma once
/// The chunked coding, undone (RFC 9112 section 7.1). Strict: a byte that does not belong is an error, never skipped.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/result.hpp"

namespace smg::http {

/// A state machine over single bytes of framing; it holds no bytes, so any split of the input is as good as another.
class ChunkedReader {
public:
    struct Step {
        std::size_t consumed = 0;
        std::string_view body;  ///< a view into what was fed
    };
    /// Takes framing and at most one run of data, and the framing behind it as far as it is there. Progress is made whenever `bytes`
    /// is not empty and the body is not complete. Failure: invalid_request.
    [[nodiscard]] Result<Step> feed(std::string_view bytes);
    [[nodiscard]] bool complete() const noexcept { return state_ == State::complete && problem_ == nullptr; }

private:
    enum class State {
        size_start, size, extension, size_lf, data, data_cr, data_lf,
        trailer_start, trailer_name, trailer_value, trailer_lf, end_lf, complete
    };
    /// One byte of framing; null, or what is wrong with it.
    [[nodiscard]] const char* framing(char c) noexcept;
    [[nodiscard]] const char* trailer(char c) noexcept;
    [[nodiscard]] const char* size_digit(char c) noexcept;
    void begin_size() noexcept;

    State state_ = State::size_start;
    std::uint64_t remaining_ = 0;      ///< of this chunk
    std::size_t line_bytes_ = 0;       ///< of this chunk's size line
    std::size_t trailer_bytes_ = 0;
    const char* problem_ = nullptr;
};

}  // namespace smg::http
