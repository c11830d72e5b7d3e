#include "http/chunked.hpp"

#include <algorithm>

#include "http/characters.hpp"

namespace smg::http {
namespace {

/// Sizes, extensions and the CRLF: what is longer is no honest sender's.
constexpr std::size_t max_line_bytes = 256;
constexpr std::size_t max_trailer_bytes = 8 * 1024;
/// Fifteen hexadecimal digits cannot overflow 64 bits.
constexpr std::uint64_t max_chunk_size = 0x0FFF'FFFF'FFFF'FFFFU;

constexpr const char* bad_size = "a chunk size is malformed";
constexpr const char* bad_extension = "a chunk extension is malformed";
constexpr const char* bad_line_end = "a line of the chunked coding does not end in CR LF";
constexpr const char* bad_trailer = "a trailer field is malformed";

}  // namespace

Result<ChunkedReader::Step> ChunkedReader::feed(std::string_view bytes) {
    Step step;
    while (step.consumed < bytes.size() && !complete()) {
        if (state_ == State::data && problem_ == nullptr) {
            if (!step.body.empty()) break;
            const auto available = static_cast<std::uint64_t>(bytes.size() - step.consumed);
            step.body = bytes.substr(step.consumed, static_cast<std::size_t>(std::min(available, remaining_)));
            step.consumed += step.body.size();
            remaining_ -= step.body.size();
            if (remaining_ == 0) state_ = State::data_cr;
            continue;
        }
        if (problem_ == nullptr) problem_ = framing(bytes[step.consumed]);
        if (problem_ != nullptr) {
            // What came before the bad byte is handed out first, so that an answer's last words do not depend on how it was cut.
            if (!step.body.empty()) break;
            return fail(Failure::invalid_request, problem_);
        }
        ++step.consumed;
    }
    return step;
}

const char* ChunkedReader::framing(char c) noexcept {
    switch (state_) {
        case State::size_start:
            begin_size();
            return size_digit(c);
        case State::size:
            if (c == '\r') state_ = State::size_lf;
            else if (c == ';') state_ = State::extension;
            else return size_digit(c);
            return nullptr;
        case State::extension:
            if (c == '\r') state_ = State::size_lf;
            else if (!is_field_value_char(c)) return bad_extension;
            else if (++line_bytes_ > max_line_bytes) return "a chunk extension is too long";
            return nullptr;
        case State::size_lf:
            state_ = remaining_ == 0 ? State::trailer_start : State::data;
            return c == '\n' ? nullptr : bad_line_end;
        case State::data_cr:
            state_ = State::data_lf;
            return c == '\r' ? nullptr : "a chunk is longer than its size";
        case State::data_lf:
            state_ = State::size_start;
            return c == '\n' ? nullptr : bad_line_end;
        case State::end_lf:
            state_ = State::complete;
            return c == '\n' ? nullptr : bad_line_end;
        default: return trailer(c);
    }
}

const char* ChunkedReader::trailer(char c) noexcept {
    if (++trailer_bytes_ > max_trailer_bytes) return "the trailer fields are too long";
    switch (state_) {
        case State::trailer_start:
            state_ = c == '\r' ? State::end_lf : State::trailer_name;
            return c == '\r' || is_token_char(c) ? nullptr : bad_trailer;
        case State::trailer_name:
            if (c == ':') state_ = State::trailer_value;
            return c == ':' || is_token_char(c) ? nullptr : bad_trailer;
        case State::trailer_value:
            if (c == '\r') state_ = State::trailer_lf;
            return c == '\r' || is_field_value_char(c) ? nullptr : bad_trailer;
        default:
            state_ = State::trailer_start;
            return c == '\n' ? nullptr : bad_line_end;
    }
}

const char* ChunkedReader::size_digit(char c) noexcept {
    const int digit = hex_digit(c);
    if (digit < 0) return bad_size;
    // Leading zeros count as bytes of the line, not as value: they are bounded too.
    if (++line_bytes_ > max_line_bytes || remaining_ > (max_chunk_size >> 4)) return "a chunk size is too large";
    remaining_ = (remaining_ << 4) | static_cast<std::uint64_t>(digit);
    return nullptr;
}

void ChunkedReader::begin_size() noexcept {
    state_ = State::size;
    remaining_ = 0;
    line_bytes_ = 0;
}

}  // namespace smg::http
