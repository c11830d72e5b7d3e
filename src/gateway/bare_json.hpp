#pragma once
/// JSON where a stream's events were to come, whatever the content type says: an error under a status of success, or the whole answer of a provider
/// that knows no streams. Pure; of one answer.
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "codec/codec.hpp"

namespace smg::gateway {

class BareJson {
public:
    /// Takes what has arrived. True: the body is such JSON, and is kept here. No event begins with a brace or a bracket, so that the first byte which
    /// is not white space decides it.
    [[nodiscard]] bool take(std::string_view bytes);
    /// It has arrived whole.
    [[nodiscard]] bool whole() const noexcept { return whole_; }
    /// Nothing more is kept: it is longer than any answer.
    [[nodiscard]] bool too_long() const noexcept { return text_.size() > longest; }
    [[nodiscard]] const std::string& text() const noexcept { return text_; }
    /// What it says, as events of a stream: `Failed` for an error, and for JSON that is neither an error nor an answer.
    void tell(const codec::Codec& upstream, const codec::RequestMemo& memo, codec::StreamEvents& out) const;

    static constexpr std::size_t longest = 64 * 1024 * 1024;

private:
    enum class Kind { undecided, events, json };
    void scan(std::string_view bytes);

    Kind kind_ = Kind::undecided;
    std::string text_;
    int depth_ = 0;
    bool in_string_ = false;
    bool escaped_ = false;
    bool whole_ = false;
};

/// The error that a body under a status of success states in the words of `upstream`'s format; nothing when it states none.
[[nodiscard]] std::optional<codec::ProviderError> stated_error(const codec::Codec& upstream, std::string_view body);

}  // namespace smg::gateway
