#pragma once
/// A plain HTTP/1.1 client and the reader that it shares with the tests' upstream. It parses on its own, so that a fault of the gateway's
/// parser does not hide itself, and it reads as slowly as a test wants.
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/fields.hpp"
#include "support/socket.hpp"

namespace smg::test {

struct Answer {
    int status = 0;
    std::string start_line;
    http::Fields fields;
    std::string body;
    [[nodiscard]] std::string field(std::string_view name) const { return std::string(fields.get(name)); }
};

struct Header {
    std::string name;
    std::string value;
};
using Headers = std::vector<Header>;

/// Reads messages from a socket: heads, then bodies by their framing.
class MessageStream {
public:
    explicit MessageStream(Socket socket) : socket_(std::move(socket)) {}

    [[nodiscard]] Socket& socket() noexcept { return socket_; }
    void send(std::string_view bytes) const { socket_.write(bytes); }
    void close() noexcept { socket_.close(); }

    /// Start line and fields of the next message; throws when the peer closes instead.
    Answer read_head(bool body_follows = true, Limit limit = step_limit) {
        Answer answer;
        answer.start_line = line(limit);
        for (auto text = line(limit); !text.empty(); text = line(limit)) {
            const auto colon = text.find(':');
            if (colon == std::string::npos) throw std::runtime_error("a header line without a colon: " + text);
            answer.fields.add(text.substr(0, colon), std::string(trim(std::string_view(text).substr(colon + 1))));
        }
        if (answer.start_line.starts_with("HTTP/")) answer.status = std::stoi(answer.start_line.substr(9, 3));
        const bool bodiless = !body_follows || answer.status == 204 || answer.status == 304 || (answer.status >= 100 && answer.status < 200);
        chunked_ = !bodiless && answer.fields.get("transfer-encoding") == "chunked";
        until_close_ = false;
        left_ = 0;
        if (!bodiless && !chunked_) {
            const auto length = answer.fields.find("content-length");
            if (length) std::from_chars(length->data(), length->data() + length->size(), left_);
            until_close_ = !length && answer.status != 0;
        }
        ended_ = !chunked_ && !until_close_ && left_ == 0;
        broken_ = false;
        return answer;
    }

    /// The next bytes of the body, as they arrive; nothing after its end. `broken()` tells a proper end from a closed connection.
    std::optional<std::string> read_piece(Limit limit = step_limit) {
        if (ended_) return std::nullopt;
        if (chunked_ && left_ == 0) {
            std::size_t size = 0;
            const auto text = try_line(limit);
            if (!text) return cut();
            std::from_chars(text->data(), text->data() + text->size(), size, 16);
            if (size == 0) {
                ended_ = true;
                if (!try_line(limit)) broken_ = true;
                return std::nullopt;
            }
            left_ = size;
        }
        if (buffer_.empty() && !fill(limit)) {
            if (!until_close_) return cut();
            ended_ = true;
            return std::nullopt;
        }
        auto piece = until_close_ ? std::exchange(buffer_, {}) : buffer_.substr(0, left_);
        if (until_close_) return piece;
        buffer_.erase(0, piece.size());
        left_ -= piece.size();
        if (left_ == 0 && chunked_ && !try_line(limit)) return cut();
        ended_ = !chunked_ && left_ == 0;
        return piece;
    }
    /// True when the connection ended before the body did.
    [[nodiscard]] bool broken() const noexcept { return broken_; }

    std::string read_body(Limit limit = step_limit) {
        std::string body;
        while (auto piece = read_piece(limit)) body += *piece;
        return body;
    }
    /// A whole message; interim answers are passed over.
    Answer read(bool body_follows = true, Limit limit = step_limit) {
        auto answer = read_head(body_follows, limit);
        while (answer.status >= 100 && answer.status < 200) answer = read_head(body_follows, limit);
        answer.body = read_body(limit);
        return answer;
    }

    /// One server-sent event with its empty line, or a comment line alone; nothing after the body's end.
    std::optional<std::string> read_event(Limit limit = step_limit) {
        for (;;) {
            const bool comment = text_.starts_with(":");
            const auto end = text_.find(comment ? "\n" : "\n\n");
            if (end != std::string::npos) {
                auto event = text_.substr(0, end + (comment ? 1 : 2));
                text_.erase(0, event.size());
                return event;
            }
            auto piece = read_piece(limit);
            if (!piece) return std::nullopt;
            text_ += *piece;
        }
    }

    /// True once the peer has closed and nothing more came before that.
    [[nodiscard]] bool closed_within(Limit limit) {
        if (!buffer_.empty() || !socket_.readable_within(limit)) return false;
        return !fill(limit);
    }

private:
    [[nodiscard]] bool fill(Limit limit) {
        auto bytes = socket_.read_some(limit);
        buffer_ += bytes;
        return !bytes.empty();
    }
    std::optional<std::string> try_line(Limit limit) {
        std::size_t end = 0;
        while ((end = buffer_.find("\r\n")) == std::string::npos)
            if (!fill(limit)) return std::nullopt;
        auto text = buffer_.substr(0, end);
        buffer_.erase(0, end + 2);
        return text;
    }
    std::string line(Limit limit) {
        auto text = try_line(limit);
        if (!text) throw std::runtime_error("the peer closed inside a head, after: " + buffer_);
        return std::move(*text);
    }
    std::nullopt_t cut() {
        ended_ = broken_ = true;
        return std::nullopt;
    }

    Socket socket_;
    std::string buffer_;
    std::string text_;  ///< decoded, of an event that is not whole yet
    std::size_t left_ = 0;
    bool chunked_ = false;
    bool until_close_ = false;
    bool ended_ = true;
    bool broken_ = false;
};

/// A connection to the gateway. Keeps alive; requests go out as they are written.
class HttpClient : public MessageStream {
public:
    explicit HttpClient(std::uint16_t port, int receive_buffer = 0) : MessageStream(Socket::connect(port, receive_buffer)) {}
    explicit HttpClient(Socket socket) : MessageStream(std::move(socket)) {}

    /// `Host: localhost` unless another is given; a body brings its length, and a JSON type unless another is given.
    void send_request(const std::string& method, const std::string& target, const std::string& body = {}, const Headers& headers = {}) {
        std::string text = method + " " + target + " HTTP/1.1\r\n";
        bool host = false;
        bool type = false;
        for (const auto& [name, value] : headers) {
            text.append(name).append(": ").append(value).append("\r\n");
            host = host || iequals(name, "host");
            type = type || iequals(name, "content-type");
        }
        if (!host) text += "Host: localhost\r\n";
        if (!body.empty() && !type) text += "Content-Type: application/json\r\n";
        if (!body.empty() || method == "POST") text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
        send(text + "\r\n" + body);
    }
    Answer request(const std::string& method, const std::string& target, const std::string& body = {}, const Headers& headers = {}) {
        send_request(method, target, body, headers);
        return read(method != "HEAD");
    }
    Answer get(const std::string& target, const Headers& headers = {}) { return request("GET", target, {}, headers); }
    Answer post(const std::string& target, const std::string& body, const Headers& headers = {}) { return request("POST", target, body, headers); }
};

}  // namespace smg::test
