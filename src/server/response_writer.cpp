#include "server/response_writer.hpp"

#include "http/writer.hpp"
#include "telemetry/server_timing.hpp"

namespace smg::server {

ResponseWriter::ResponseWriter(net::ByteStream& stream, const http::RequestHead& request, bool keep_alive, net::Duration stall,
                               std::uint64_t& bytes_out)
    : stream_(stream),
      stall_(stall),
      bytes_out_(bytes_out),
      deadline_(stream.loop().deadlines(), [&stream] { stream.close(); }),
      is_head_request_(request.method == "HEAD"),
      http10_(request.version == 10),
      keep_alive_(keep_alive) {}

void ResponseWriter::write_head(http::ResponseHead& head, std::optional<std::uint64_t> length) {
    status_ = head.status;
    has_body_ = !is_head_request_ && head.status >= 200 && head.status != 204 && head.status != 304;
    chunked_ = has_body_ && !length && !http10_;
    if (has_body_ && !length && http10_) keep_alive_ = false;  // its end is the connection's
    http::append_response_head(prefix_, head);
    if (head.status >= 200) http::append_fields(prefix_, more_);
    if (record_ != nullptr && head.status >= 200) {
        const telemetry::ServerTiming times(*record_);
        if (!times.text().empty()) http::append_field(prefix_, "server-timing", times.text());
    }
    if (length && head.status != 204 && head.status >= 200) http::append_field(prefix_, "content-length", std::to_string(*length));
    if (chunked_) http::append_field(prefix_, "transfer-encoding", "chunked");
    if (!keep_alive_) http::append_field(prefix_, "connection", "close");
    if (keep_alive_ && http10_) http::append_field(prefix_, "connection", "keep-alive");
    prefix_ += "\r\n";
}

net::Awaitable<net::error_code> ResponseWriter::respond(http::ResponseHead head, std::string_view body) {
    write_head(head, body.size());
    stage_ = Stage::body;
    if (!has_body_) body = {};
    if (capture_ != nullptr) capture_->add(body);
    bytes_out_ += prefix_.size() + body.size();
    std::string_view unsent = prefix_;
    auto code = stream_.write_some(unsent, body);
    if (!code && !(unsent.empty() && body.empty())) {
        deadline_.set_after(stall_);
        code = co_await stream_.write(unsent, body);
        deadline_.clear();
    }
    stage_ = code ? Stage::abandoned : Stage::finished;
    co_return code;
}

void ResponseWriter::start(http::ResponseHead head, std::optional<std::uint64_t> length) {
    write_head(head, length);
    stage_ = Stage::head;
}

bool ResponseWriter::send(std::string_view piece) {
    if (!has_body_) return true;
    if (piece.empty() && stage_ == Stage::body) return true;
    if (capture_ != nullptr) capture_->add(piece);
    if (chunked_ && !piece.empty()) http::append_chunk_size(prefix_, piece.size());
    const std::string_view suffix = chunked_ && !piece.empty() ? "\r\n" : "";
    const bool done = stream_.send({prefix_, piece, suffix});
    bytes_out_ += prefix_.size() + piece.size() + suffix.size();
    // A stream's head is not held as long as the stream is open.
    if (stage_ == Stage::head) std::string().swap(prefix_);
    prefix_.clear();
    stage_ = Stage::body;
    return done;
}

net::Awaitable<net::error_code> ResponseWriter::flush() {
    if (stage_ == Stage::head) {
        bytes_out_ += prefix_.size();
        stream_.send({prefix_});
        std::string().swap(prefix_);
        stage_ = Stage::body;
    }
    deadline_.set_after(stall_);
    const auto code = co_await stream_.flush();
    deadline_.clear();
    co_return code;
}

net::Awaitable<net::error_code> ResponseWriter::finish() {
    // The head, if it is still here, and the last chunk leave together.
    if (chunked_) prefix_ += http::last_chunk;
    if (!prefix_.empty()) {
        bytes_out_ += prefix_.size();
        stream_.send({prefix_});
        prefix_.clear();
    }
    if (stream_.all_sent()) {
        stage_ = Stage::finished;
        co_return net::error_code();
    }
    deadline_.set_after(stall_);
    const auto code = co_await stream_.flush();
    deadline_.clear();
    stage_ = code ? Stage::abandoned : Stage::finished;
    co_return code;
}

void ResponseWriter::abandon() noexcept {
    stage_ = Stage::abandoned;
    keep_alive_ = false;
    stream_.close();
}

}  // namespace smg::server
