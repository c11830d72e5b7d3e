#pragma once
/// HTTP/1.1 messages as data: heads, how their bodies are framed, and an incremental reader over bytes from anywhere.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "http/fields.hpp"

namespace smg::http {

struct RequestHead {
    std::string method;
    std::string target;  ///< as sent: origin form, or absolute form reduced by `check` to origin form
    int version = 11;    ///< 10 or 11
    Fields fields;
};

struct ResponseHead {
    int status = 0;
    std::string reason;
    int version = 11;
    Fields fields;
};

enum class BodyKind { none, sized, chunked, until_close };

struct Framing {
    BodyKind kind = BodyKind::none;
    std::uint64_t length = 0;  ///< when sized
    bool keep_alive = true;    ///< the connection may carry another message afterwards
};

struct HeadLimits {
    std::size_t max_bytes = 64 * 1024;  ///< of the whole head, start line included
    std::size_t max_fields = 256;
};

/// Reads one message after another from fed bytes. Head first, then body pieces as views into what was fed (never copied).
/// Usage: feed bytes until `head_complete()`, look at `head()` and `framing()`, then go on feeding until `complete()`.
/// Strictness (each a 400, RFC 9112 sections 2–7): both Content-Length and Transfer-Encoding, any coding but a single `chunked`,
/// repeated or malformed lengths, bad chunk sizes, obs-fold, bare CR or LF, NUL, white space before the colon,
/// no or two Host fields (HTTP/1.1 requests), bytes that no field value may hold.
template <bool is_request>
class MessageReader {
public:
    using Head = std::conditional_t<is_request, RequestHead, ResponseHead>;
    explicit MessageReader(HeadLimits limits = {});
    ~MessageReader();
    MessageReader(MessageReader&&) noexcept;
    MessageReader& operator=(MessageReader&&) noexcept;

    struct Step {
        std::size_t consumed = 0;  ///< how many of the fed bytes are used up
        std::string_view body;     ///< decoded body bytes, a view into what was fed; may be empty
    };
    /// One step forward: consumes at most the head, or at most one piece of body. `consumed == 0` and an empty body: more bytes are
    /// needed (or the message is complete). Errors: invalid_request (malformed), headers_too_large.
    [[nodiscard]] Result<Step> feed(std::string_view bytes);
    /// The peer closed. An error unless the message was complete, or its body runs until close (which is then complete).
    [[nodiscard]] Result<void> feed_end();

    [[nodiscard]] bool started() const noexcept;        ///< at least one byte of this message was consumed or seen
    [[nodiscard]] bool head_complete() const noexcept;
    [[nodiscard]] bool complete() const noexcept;
    [[nodiscard]] const Head& head() const noexcept;
    [[nodiscard]] Head& head() noexcept;
    [[nodiscard]] const Framing& framing() const noexcept;
    /// Responses only: before the head is fed, say that the request was a HEAD (no body follows whatever the fields say).
    void expect_no_body() noexcept;
    /// Ready for the next message on the connection. Interim responses (1xx): reset and go on feeding.
    void reset();

private:
    struct State;
    std::unique_ptr<State> state_;
};

using RequestReader = MessageReader<true>;
using ResponseReader = MessageReader<false>;

}  // namespace smg::http
