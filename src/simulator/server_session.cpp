/// One connection to a simulated provider: requests in order, answers at the pace that was asked for.
#include <boost/asio/steady_timer.hpp>

#include "http/message.hpp"
#include "http/writer.hpp"
#include "simulator/server_state.hpp"

namespace smg::simulator {
namespace {

namespace asio = net::asio;

class ServerSession {
public:
    ServerSession(SimulatorServer::State& state, std::shared_ptr<net::ByteStream> stream, std::uint64_t number)
        : state_(state), stream_(std::move(stream)), number_(number), timer_(stream_->loop().context()) {}

    net::Awaitable<void> run() {
        // g++ 12 miscompiles a `while` whose condition awaits and whose body is empty.
    bool again = true;
    while (again) {
        auto served = serve_one();
        again = co_await std::move(served);
    }
        stream_->unwatch();
        stream_->close();
    }

private:
    net::Awaitable<bool> read_request() {
        reader_.reset();
        body_.clear();
        while (!reader_.complete()) {
            if (pending_.empty()) {
                const auto received = co_await stream_->read();
                if (received.code) co_return false;
                pending_.assign(received.data);
            }
            std::string_view bytes = pending_;
            while (!bytes.empty() && !reader_.complete()) {
                const auto step = reader_.feed(bytes);
                if (!step) co_return false;
                body_.append(step->body);
                bytes.remove_prefix(step->consumed);
            }
            pending_.erase(0, pending_.size() - bytes.size());
        }
        co_return true;
    }

    net::Awaitable<bool> serve_one() {
        const bool complete = co_await read_request();
        if (!complete) co_return false;
        SimulatedRequest request(reader_.head().method, reader_.head().target, reader_.head().fields, body_);
        auto reply = state_.provider.reply(request);
        if (const auto status = state_.forced_status.load(); status != 0 && request.method == "POST") reply = forced(request, status);
        note(request, reply);
        stream_->watch([this] {
            left_ = true;
            timer_.cancel();
        });
        const bool whole = co_await send(reply);
        stream_->unwatch();
        state_.update([&] {
            --state_.answering;
            if (!whole_sent_) ++state_.departed;
        });
        co_return whole&& reader_.framing().keep_alive;
    }

    /// The provider's own words for a status: those of a prompt that steers to it.
    SimulatedReply forced(const SimulatedRequest& request, int status) {
        SimulatorOptions options = state_.options;
        FailRule always;
        always.status = status;
        always.rate = 1;
        options.fail = {always};
        return SimulatedProvider(options).reply(request);
    }

    void note(const SimulatedRequest& request, const SimulatedReply& reply) {
        const auto& head = reader_.head();
        state_.update([&] {
            ++state_.received;
            ++state_.answering;
            if (state_.options.log_limit == 0) return;
            if (state_.log.size() >= state_.options.log_limit) state_.log.pop_front();
            state_.log.emplace_back(head.method, head.target, request.fields, request.body, number_);
            state_.log.back().status = reply.status;
        });
    }

    net::Awaitable<void> wait(std::chrono::milliseconds time) {
        if (time.count() <= 0 || left_) co_return;
        timer_.expires_after(time);
        co_await timer_.async_wait(net::as_value);
    }

    /// Until the client leaves, or the server stops.
    net::Awaitable<void> hang() {
        while (!left_ && stream_->is_open()) {
            timer_.expires_after(std::chrono::hours(1));
            co_await timer_.async_wait(net::as_value);
        }
    }

    net::Awaitable<bool> send(const SimulatedReply& reply) {
        whole_sent_ = false;
        co_await wait(reply.latency);
        if (left_) co_return false;
        if (!reply.silent) {
            const bool sent = co_await send_content(reply);
            if (!sent) co_return false;
        }
        if (reply.ending == Ending::hang) {
            co_await hang();
            co_return false;
        }
        if (reply.ending == Ending::cut) {
            whole_sent_ = true;  // as far as it was meant to go
            co_return false;
        }
        whole_sent_ = true;
        co_return true;
    }

    net::Awaitable<bool> send_content(const SimulatedReply& reply) {
        http::ResponseHead head;
        head.status = reply.status;
        head.fields = reply.fields;
        std::string text;
        http::append_response_head(text, head);
        http::append_field(text, "date", "Mon, 24 Nov 2025 12:00:00 GMT");
        http::append_field(text, reply.streamed ? "transfer-encoding" : "content-length",
                           reply.streamed ? "chunked" : std::to_string(reply.body.size()));
        text += "\r\n";
        if (!reply.streamed) {
            std::string_view body = reply.body;
            if (reply.ending != Ending::complete) body = body.substr(0, body.size() / 2);
            const auto code = co_await stream_->write(text, body);
            co_return !code;
        }
        for (const auto& piece : reply.pieces) {
            if (piece.wait.count() > 0) {
                // What is due already does not wait for what is not.
                if (!text.empty()) {
                    const auto failed = co_await stream_->write(text, {});
                    if (failed) co_return false;
                }
                text.clear();
                co_await wait(piece.wait);
                if (left_) co_return false;
            }
            http::append_chunk(text, piece.bytes);
            const auto code = co_await stream_->write(text, {});
            if (code) co_return false;
            text.clear();
        }
        if (reply.ending == Ending::complete) text += http::last_chunk;
        const auto code = co_await stream_->write(text, {});
        co_return !code;
    }

    SimulatorServer::State& state_;
    std::shared_ptr<net::ByteStream> stream_;
    const std::uint64_t number_;
    asio::steady_timer timer_;
    http::RequestReader reader_;
    std::string pending_;
    std::string body_;
    bool left_ = false;
    bool whole_sent_ = false;
};

}  // namespace

net::Awaitable<void> serve_connection(std::shared_ptr<SimulatorServer::State> state, std::shared_ptr<net::ByteStream> stream, std::uint64_t number) {
    ServerSession session(*state, std::move(stream), number);
    co_await session.run();
}

}  // namespace smg::simulator
