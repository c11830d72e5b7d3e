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
    std::string target;  ///< origin form (`/path?query`) or `*`; an absolute form was reduced to it
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
/// Bytes may come in any split: what is not whole yet (a head in parts, the framing of chunks) is kept in here, bounded, so a caller
/// never carries undecoded bytes from one feed to the next. A head that lies whole in one piece is parsed where it lies.
/// Refused, each a 400 (RFC 9112 sections 2–7): both Content-Length and Transfer-Encoding; any coding but a single `chunked`, or any at
/// all on HTTP/1.0; repeated (even equal) or malformed lengths; bad chunk sizes, over-long chunk extensions and trailers; obs-fold; bare
/// CR or LF; NUL and other control characters; white space before the colon; no or two Host fields on an HTTP/1.1 request, or one that
/// is no authority or differs from an absolute-form target's; methods that are no token; targets that are neither path nor URL;
/// versions other than 1.0 and 1.1, the HTTP/2 preface among them. Trailer fields are checked and dropped.
/// A value: it lives on its connection's thread and knows no socket.
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
    /// One step forward: consumes at most the head, or at most one piece of body with the framing around it. Fed with at least one
    /// byte it consumes at least one, until the message is complete; then `consumed == 0`, and what is left is the next message's.
    /// Failures: invalid_request (malformed), headers_too_large; the reader then fails until `reset`.
    [[nodiscard]] Result<Step> feed(std::string_view bytes);
    /// The peer closed. An error unless the message was complete, or its body runs until close (which is then complete).
    [[nodiscard]] Result<void> feed_end();

    /// At least one byte of this message was fed (the empty line that may precede a request is none of it).
    [[nodiscard]] bool started() const noexcept;
    [[nodiscard]] bool head_complete() const noexcept;
    [[nodiscard]] bool complete() const noexcept;
    /// Valid once `head_complete()`. It may be moved out; reading the body does not need it.
    [[nodiscard]] const Head& head() const noexcept;
    [[nodiscard]] Head& head() noexcept;
    [[nodiscard]] const Framing& framing() const noexcept;
    /// Responses only: before the head is fed, say that no body follows whatever the fields say (the request was a HEAD or a CONNECT).
    /// It holds for one final answer, and for the interim ones before it.
    void expect_no_body() noexcept;
    /// Ready for the next message on the connection. Interim responses (1xx) are messages of their own: reset and go on feeding.
    void reset();

private:
    struct State;
    std::unique_ptr<State> state_;
};

using RequestReader = MessageReader<true>;
using ResponseReader = MessageReader<false>;

}  // namespace smg::http
