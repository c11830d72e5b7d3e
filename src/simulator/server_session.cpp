/// One connection to a simulated provider: requests in order, answers at the pace that was asked for.
#include "http/message.hpp"
#include "http/writer.hpp"
#include "simulator/server_state.hpp"

namespace smg::simulator {
namespace {

/// No clock: an answer is the same whenever it is asked for.
constexpr std::string_view date = "Mon, 24 Nov 2025 16:00:00 GMT";
constexpr std::string_view not_understood = "HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/// How much of an answer went out.
enum class Sent {
    all,     ///< and the connection may carry another
    enough,  ///< as much as it was meant to; the connection ends
    partly,  ///< the client left
};

class ServerSession {
public:
    ServerSession(SimulatorServer::State& state, Connection& connection)
        : state_(state), connection_(connection), stream_(*connection.stream), pause_(connection.pause) {}

    net::Awaitable<void> run() {
        // g++ 12 miscompiles a `while` whose condition awaits and whose body is empty.
        bool again = true;
        while (again) {
            auto served = serve_one();
            again = co_await std::move(served);
        }
        stream_.unwatch();
        stream_.close();
    }

private:
    /// False when the connection ended, or what came was no request.
    net::Awaitable<bool> read_request() {
        reader_.reset();
        body_.clear();
        bool invited = false;
        while (!reader_.complete()) {
            if (early_.empty()) {
                if (reader_.head_complete() && !invited && iequals(reader_.head().fields.get("expect"), "100-continue")) {
                    invited = true;
                    const std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
                    const auto failed = co_await stream_.write(go_on, {});
                    if (failed) co_return false;
                }
                const auto received = co_await stream_.read();
                if (received.code) co_return false;
                early_.assign(received.data);
            }
            if (!take_bytes()) {
                const auto ignored = co_await stream_.write(not_understood, {});
                static_cast<void>(ignored);
                co_return false;
            }
        }
        co_return true;
    }

    /// Feeds the reader; what belongs to the next request is left in `early_`. False when it is malformed.
    bool take_bytes() {
        std::string_view bytes = early_;
        while (!bytes.empty() && !reader_.complete()) {
            const auto step = reader_.feed(bytes);
            if (!step) return false;
            body_.append(step->body);
            bytes.remove_prefix(step->consumed);
        }
        early_.erase(0, early_.size() - bytes.size());
        return true;
    }

    /// True when the connection may carry another request.
    net::Awaitable<bool> serve_one() {
        const bool complete = co_await read_request();
        if (!complete) co_return false;
        const SimulatedRequest request(reader_.head().method, reader_.head().target, reader_.head().fields, body_);
        const auto reply = reply_to(request);
        note(request, reply.status);
        stream_.watch([this] {
            left_ = true;
            pause_.cancel();
        });
        const auto sent = co_await send(reply);
        stream_.unwatch();
        state_.update([&] {
            --state_.answering;
            if (sent == Sent::partly && !state_.stopping) ++state_.departed;
        });
        co_return sent == Sent::all && keeps_alive(reply);
    }

    [[nodiscard]] SimulatedReply reply_to(const SimulatedRequest& request) {
        const auto status = state_.forced_status.load();
        try {
            return status != 0 && request.method == "POST" ? forced(request, status) : state_.provider.reply(request);
        } catch (const std::exception& error) {
            SimulatedReply fault;
            fault.status = 500;
            fault.body = std::string("a fault of the simulator: ") + error.what();
            return fault;
        }
    }

    /// The provider's own words for a status: those of a provider that fails always.
    [[nodiscard]] SimulatedReply forced(const SimulatedRequest& request, int status) const {
        SimulatorOptions options = state_.options;
        FailRule always;
        always.status = status;
        always.rate = 1;
        options.fail = {always};
        return SimulatedProvider(options).reply(request);
    }

    void note(const SimulatedRequest& request, int status) {
        state_.update([&] {
            ++state_.received;
            ++state_.answering;
            if (state_.options.log_limit == 0) return;
            if (state_.log.size() >= state_.options.log_limit) state_.log.pop_front();
            state_.log.emplace_back(request.method, reader_.head().target, request.fields, request.body, connection_.number);
            state_.log.back().status = status;
        });
    }

    net::Awaitable<void> wait(std::chrono::milliseconds time) {
        if (time.count() <= 0 || left_ || !stream_.is_open()) co_return;
        pause_.expires_after(time);
        co_await pause_.async_wait(net::as_value);
    }

    /// Until the client leaves, or the server stops.
    net::Awaitable<void> hang() {
        while (!left_ && stream_.is_open()) {
            pause_.expires_after(std::chrono::hours(1));
            co_await pause_.async_wait(net::as_value);
        }
    }

    net::Awaitable<Sent> send(const SimulatedReply& reply) {
        co_await wait(reply.latency);
        if (left_) co_return Sent::partly;
        if (!reply.silent) {
            const bool sent = co_await send_message(reply);
            if (!sent) co_return Sent::partly;
        }
        if (reply.ending == Ending::complete) co_return Sent::all;
        if (reply.ending == Ending::cut) co_return Sent::enough;
        co_await hang();
        co_return Sent::partly;
    }

    [[nodiscard]] std::string head_of(const SimulatedReply& reply) const {
        http::ResponseHead head;
        head.status = reply.status;
        head.fields = reply.fields;
        std::string text;
        http::append_response_head(text, head);
        http::append_field(text, "date", date);
        if (!reply.streamed) {
            http::append_field(text, "content-length", std::to_string(reply.body.size()));
        } else if (is_chunked()) {
            http::append_field(text, "transfer-encoding", "chunked");
        }
        if (!keeps_alive(reply)) http::append_field(text, "connection", "close");
        text += "\r\n";
        return text;
    }

    net::Awaitable<bool> send_message(const SimulatedReply& reply) {
        auto head = head_of(reply);
        if (reader_.head().method == "HEAD") {
            const auto failed = co_await stream_.write(head, {});
            co_return !failed;
        }
        if (reply.streamed) {
            auto sent = send_pieces(reply, std::move(head));
            co_return co_await std::move(sent);
        }
        std::string_view body = reply.body;
        if (reply.ending != Ending::complete) body = body.substr(0, body.size() / 2);
        const auto failed = co_await stream_.write(head, body);
        co_return !failed;
    }

    /// One write a piece, the first one with the head; what is due already does not wait for what is not.
    net::Awaitable<bool> send_pieces(const SimulatedReply& reply, std::string unsent) {
        for (const auto& piece : reply.pieces) {
            if (piece.wait.count() > 0) {
                const auto failed = co_await stream_.write(unsent, {});
                if (failed) co_return false;
                unsent.clear();
                co_await wait(piece.wait);
                if (left_) co_return false;
            }
            if (is_chunked()) {
                http::append_chunk(unsent, piece.bytes);
            } else {
                unsent += piece.bytes;
            }
            const auto failed = co_await stream_.write(unsent, {});
            if (failed || left_) co_return false;
            unsent.clear();
        }
        if (reply.ending == Ending::complete && is_chunked()) unsent += http::last_chunk;
        const auto failed = co_await stream_.write(unsent, {});
        co_return !failed;
    }

    /// HTTP/1.0 knows no chunks: there a stream ends with the connection.
    [[nodiscard]] bool is_chunked() const noexcept { return reader_.head().version != 10; }
    [[nodiscard]] bool keeps_alive(const SimulatedReply& reply) const noexcept {
        return reader_.framing().keep_alive && (is_chunked() || !reply.streamed);
    }

    SimulatorServer::State& state_;
    Connection& connection_;
    net::ByteStream& stream_;
    net::asio::steady_timer& pause_;
    http::RequestReader reader_;
    std::string early_;  ///< bytes behind those that were read
    std::string body_;
    bool left_ = false;
};

}  // namespace

net::Awaitable<void> serve_connection(std::shared_ptr<SimulatorServer::State> state, std::shared_ptr<Connection> connection) {
    ServerSession session(*state, *connection);
    co_await session.run();
}

}  // namespace smg::simulator
