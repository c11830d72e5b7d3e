#pragma once
/// What a client sends, in order: bytes left over from the message before (pipelining) come first, then what arrives.
#include <string>
#include <string_view>
#include <utility>

#include "net/byte_stream.hpp"

namespace smg::server {

class Inbox {
public:
    explicit Inbox(net::ByteStream& stream) : stream_(stream) {}

    /// What was put back; empty when `read` has to be awaited. Valid until the next suspension or call.
    [[nodiscard]] std::string_view at_hand() {
        if (!lent_.empty()) return std::exchange(lent_, {});
        if (kept_.empty()) return {};
        given_ = std::exchange(kept_, {});
        return given_;
    }
    /// Waits for bytes; only when nothing is at hand. The view is valid until the next suspension or call.
    [[nodiscard]] net::Awaitable<net::ReadResult> read() {
        if (!given_.empty()) given_ = std::string();  // an idle connection holds no memory
        return stream_.read();
    }
    /// Puts back the unread end of what came last, as it lies: `own` it before anything else is awaited.
    void lend(std::string_view rest) noexcept { lent_ = rest; }
    /// Keeps what was lent.
    void own() {
        if (!lent_.empty()) kept_.assign(std::exchange(lent_, {}));
    }
    [[nodiscard]] bool holds_bytes() const noexcept { return !kept_.empty() || !lent_.empty(); }

private:
    net::ByteStream& stream_;
    std::string_view lent_;
    std::string kept_;
    std::string given_;  ///< what was kept, while it is being read
};

}  // namespace smg::server
