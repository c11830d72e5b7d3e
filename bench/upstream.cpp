#include "upstream.hpp"

#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "payloads.hpp"

namespace smg::bench {
namespace {

/// The number behind `mark` in `text`; `otherwise` when there is none.
std::size_t number_behind(std::string_view text, std::string_view mark, std::size_t otherwise) {
    const auto at = text.find(mark);
    std::size_t number = otherwise;
    if (at != std::string_view::npos) std::from_chars(text.data() + at + mark.size(), text.data() + text.size(), number);
    return number;
}

/// A head's Content-Length, whatever its case; 0 without one.
std::size_t length_of(std::string_view head) {
    constexpr std::string_view name = "\r\ncontent-length:";
    for (std::size_t at = head.find("\r\n"); at != std::string_view::npos; at = head.find("\r\n", at + 2)) {
        if (head.size() - at <= name.size() || strncasecmp(head.data() + at, name.data(), name.size()) != 0) continue;
        const auto digits = head.find_first_not_of(' ', at + name.size());
        std::size_t length = 0;
        std::from_chars(head.data() + digits, head.data() + head.size(), length);
        return length;
    }
    return 0;
}

}  // namespace

class UpstreamConnection final : public Watcher {
public:
    UpstreamConnection(Upstream& upstream, int fd) : upstream_(upstream), socket_(upstream.loop_, fd, *this) {}

    void on_ready(std::uint32_t events) override {
        if ((events & EPOLLOUT) != 0) socket_.on_writable();
        if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) take(socket_.receive());
        if (socket_.closed()) upstream_.drop(*this);
    }
    [[nodiscard]] Socket& socket() noexcept { return socket_; }

private:
    /// Only the first kilobytes of a body are kept: they tell what to answer.
    static constexpr std::size_t kept_of_body = 2048;

    void take(std::string_view bytes) {
        while (!bytes.empty()) {
            if (!in_body_ && !take_head(bytes)) return;
            const auto here = std::min(bytes.size(), missing_);
            if (body_.size() < kept_of_body) body_.append(bytes.substr(0, std::min(here, kept_of_body)));
            missing_ -= here;
            bytes.remove_prefix(here);
            if (missing_ > 0) return;
            answer();
            in_body_ = false;
            head_.clear();
            body_.clear();
        }
    }

    bool take_head(std::string_view& bytes) {
        const auto before = head_.size();
        head_ += bytes;
        const auto end = head_.find("\r\n\r\n");
        if (end == std::string::npos) return false;
        bytes.remove_prefix(end + 4 - before);
        head_.resize(end + 4);
        missing_ = length_of(head_);
        in_body_ = true;
        return true;
    }

    void answer() {
        if (!head_.starts_with("POST ")) return socket_.send_lasting(models_answer());
        const bool messages = head_.starts_with("POST /v1/messages");
        const std::string_view body(body_);
        if (body.find("\"model\":\"bench-stream") == std::string_view::npos)
            return socket_.send_lasting(upstream_.answer_of(messages, number_behind(body, "\"model\":\"bench-json-", 1024)));
        const auto& parts = messages ? messages_stream() : chat_stream(body.find("\"include_usage\":true") != std::string_view::npos);
        upstream_.streams_[number_behind(body, messages ? "\"user_id\":\"" : "\"user\":\"", 0)] = {this, 1, &parts};
        socket_.send(parts.begin + parts.piece);
    }

    Upstream& upstream_;
    Socket socket_;
    std::string head_;
    std::string body_;
    std::size_t missing_ = 0;
    bool in_body_ = false;
};

Upstream::Upstream(EventLoop& loop) : loop_(loop), listener_(listen_on(port_)) { loop_.watch(listener_, *this, EPOLLIN); }

Upstream::~Upstream() {
    loop_.forget(listener_);
    ::close(listener_);
}

void Upstream::on_ready(std::uint32_t) {
    for (;;) {
        const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0) return;
        auto connection = std::make_unique<UpstreamConnection>(*this, fd);
        auto* key = connection.get();
        connections_.emplace(key, std::move(connection));
    }
}

void Upstream::advance(std::size_t user, std::size_t pieces) {
    const auto found = streams_.find(user);
    if (found == streams_.end()) return;
    auto& stream = found->second;
    auto& socket = stream.connection->socket();
    if (stream.sent < pieces) {
        ++stream.sent;
        socket.send(stream.parts->piece);
        return;
    }
    socket.send(stream.parts->end);
    streams_.erase(found);
}

const std::string& Upstream::answer_of(bool messages, std::size_t bytes) {
    const std::pair key(messages, bytes);
    auto found = answers_.find(key);
    if (found == answers_.end()) found = answers_.emplace(key, messages ? messages_answer(bytes) : chat_answer(bytes)).first;
    return found->second;
}

void Upstream::drop(UpstreamConnection& connection) {
    std::erase_if(streams_, [&](const auto& entry) { return entry.second.connection == &connection; });
    const auto found = connections_.find(&connection);
    if (found == connections_.end()) return;
    loop_.retire(std::move(found->second));
    connections_.erase(found);
}

}  // namespace smg::bench
