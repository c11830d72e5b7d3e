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

    /// The view is valid until the next suspension or call.
    [[nodiscard]] net::Awaitable<net::ReadResult> read() {
        if (!kept_.empty()) {
            lent_ = std::exchange(kept_, std::string());
            co_return net::ReadResult({}, lent_);
        }
        if (!lent_.empty()) lent_ = std::string();  // an idle connection holds no memory
        auto received = co_await stream_.read();
        co_return received;
    }
    /// Puts back the unread end of what `read` gave last.
    void keep(std::string_view rest) { kept_.assign(rest); }
    [[nodiscard]] bool holds_bytes() const noexcept { return !kept_.empty(); }

private:
    net::ByteStream& stream_;
    std::string kept_;
    std::string lent_;
};

}  // namespace smg::server
