#include "clients.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <charconv>

#include "payloads.hpp"

namespace smg::bench {
namespace {

constexpr std::string_view health_request = "GET /health HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n";

std::string model_of(const Plan& plan) {
    return (plan.kind == "stream" ? "bench-stream" : "bench-json-" + std::to_string(plan.body_bytes)) + plan.model_tail;
}

std::string request_of(const Plan& plan, std::size_t number) {
    if (plan.kind == "idle") return std::string(health_request);
    return chat_request(model_of(plan), number, plan.body_bytes, plan.kind == "stream");
}

/// The value of a field of a head whose names are compared without case; empty when it is not there.
std::string_view field(std::string_view head, std::string_view name) {
    const auto same = [](char a, char b) { return (a | 0x20) == (b | 0x20); };
    const auto at = std::search(head.begin(), head.end(), name.begin(), name.end(), same);
    if (at == head.end()) return {};
    auto value = head.substr(static_cast<std::size_t>(at - head.begin()) + name.size());
    value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
    return value.substr(0, value.find('\r'));
}

}  // namespace

class Client final : public Watcher {
public:
    Client(Clients& clients, std::size_t number)
        : clients_(clients),
          number_(number),
          request_(request_of(clients.plan_, number)),
          socket_(clients.loop_, connect_to(clients.plan_.port), *this) {
        ask();
    }

    void on_ready(std::uint32_t events) override {
        if ((events & EPOLLOUT) != 0) socket_.on_writable();
        if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) == 0 || broken_) return;
        take(socket_.receive());
        if (socket_.closed() && !broken_) fail("the connection was closed");
    }

private:
    enum class Framing { head, sized, chunked };

    void ask() {
        framing_ = Framing::head;
        head_.clear();
        tail_.clear();
        pieces_ = 0;
        socket_.send_lasting(request_);
    }

    void take(std::string_view bytes) {
        if (bytes.empty()) return;
        if (framing_ == Framing::head && !take_head(bytes)) return;
        if (framing_ == Framing::sized) {
            missing_ -= std::min(missing_, bytes.size());
            if (missing_ == 0) finish();
            return;
        }
        count_pieces(bytes);
        // No text of ours holds the mark, so a comparison of the end finds the last chunk.
        tail_.append(bytes.size() > 7 ? bytes.substr(bytes.size() - 7) : bytes);
        if (tail_.size() > 7) tail_.erase(0, tail_.size() - 7);
        if (tail_ == "\r\n0\r\n\r\n") finish();
    }

    bool take_head(std::string_view& bytes) {
        const auto before = head_.size();
        head_ += bytes;
        const auto end = head_.find("\r\n\r\n");
        if (end == std::string::npos) return false;
        if (!head_.starts_with("HTTP/1.1 200")) return fail(head_.substr(0, 2000)), false;
        bytes.remove_prefix(end + 4 - before);
        head_.resize(end + 4);
        const auto length = field(head_, "\r\ncontent-length:");
        framing_ = length.empty() ? Framing::chunked : Framing::sized;
        missing_ = 0;
        std::from_chars(length.data(), length.data() + length.size(), missing_);
        return true;
    }

    /// Nothing more is on its way until the upstream is told that this piece has come.
    void count_pieces(std::string_view bytes) {
        if (clients_.plan_.kind != "stream") return;
        for (auto at = bytes.find(piece_mark); at != std::string_view::npos; at = bytes.find(piece_mark, at + piece_mark.size())) {
            ++clients_.counts_.pieces;
            if (++pieces_ <= clients_.plan_.pieces && !clients_.plan_.hold) clients_.upstream_.advance(number_, clients_.plan_.pieces);
        }
    }

    void finish() {
        ++clients_.counts_.answers;
        if (clients_.plan_.kind != "idle") ask();
    }

    void fail(std::string_view what) {
        broken_ = true;
        socket_.mute();
        clients_.fail(what);
    }

    Clients& clients_;
    std::size_t number_;
    std::string request_;
    Socket socket_;
    Framing framing_ = Framing::head;
    std::string head_;
    std::string tail_;
    std::size_t missing_ = 0;
    std::size_t pieces_ = 0;
    bool broken_ = false;
};

Clients::Clients(EventLoop& loop, Upstream& upstream, Plan plan) : loop_(loop), upstream_(upstream), plan_(std::move(plan)) {
    // A few at a time, so that no listener's queue overflows.
    for (std::size_t i = 0; i < plan_.clients; ++i) {
        all_.push_back(std::make_unique<Client>(*this, i));
        loop_.turn(0);
    }
}

Clients::~Clients() = default;

void Clients::fail(std::string_view what) {
    ++counts_.failures;
    if (first_failure_.empty()) first_failure_ = what;
}

}  // namespace smg::bench
