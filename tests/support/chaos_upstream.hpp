#pragma once
/// An OpenAI-compatible server that misbehaves on command, and a ledger of what became of every request that reached one of them.
#include <array>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/write.hpp>
#include <charconv>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "net/event_loop.hpp"

namespace smg::test {

enum class Fault {
    none,
    killed,     ///< connections are closed, new ones refused
    hung,       ///< takes requests and never answers
    slowed,     ///< answers late
    limited,    ///< 429 with a wait
    broken,     ///< 500
    garbage,    ///< bytes that are no HTTP
    cut_early,  ///< a stream ends after its start-up; another answer in the middle of its body
    cut_late,   ///< likewise, but a stream after its first output
};
inline constexpr std::array<Fault, 8> all_faults{Fault::killed, Fault::hung,    Fault::slowed,    Fault::limited,
                                                 Fault::broken, Fault::garbage, Fault::cut_early, Fault::cut_late};

/// What became of one request at one server.
struct Send {
    std::size_t server = 0;
    Fault met = Fault::none;
    bool killed = false;    ///< while it was open
    bool output = false;    ///< a 200 has begun to say something
    bool finished = false;  ///< the whole answer was written
    std::chrono::steady_clock::time_point at{};
    std::chrono::steady_clock::time_point spoke_at{};  ///< when `output` was set
};

/// Shared by all servers of a test; any thread.
class Ledger {
public:
    std::size_t open(const std::string& id, Send send) {
        const std::lock_guard lock(mutex_);
        auto& sends = sends_[id];
        sends.push_back(send);
        return sends.size() - 1;
    }
    void change(const std::string& id, std::size_t index, bool Send::*what) {
        const std::lock_guard lock(mutex_);
        auto& send = sends_[id][index];
        send.*what = true;
        if (what == &Send::output) send.spoke_at = std::chrono::steady_clock::now();
    }
    [[nodiscard]] std::map<std::string, std::vector<Send>> sends() const {
        const std::lock_guard lock(mutex_);
        return sends_;
    }

private:
    mutable std::mutex mutex_;
    std::map<std::string, std::vector<Send>> sends_;
};

/// Lives on one event loop. Requests name themselves by `req-N` in their body. `misbehave` may be called from any thread.
class ChaosUpstream {
    using Tcp = net::asio::ip::tcp;

public:
    ChaosUpstream(net::EventLoop& loop, Ledger& ledger, std::size_t number) : state_(std::make_shared<State>(loop, ledger, number)) {
        state_->listen();
        state_->port = state_->acceptor.local_endpoint().port();
        spawn_accepting(state_);
    }
    void misbehave(Fault fault) {
        state_->fault = fault;
        state_->loop.post([state = state_, fault] {
            if (fault == Fault::killed) return state->kill();
            if (state->acceptor.is_open()) return;
            state->listen();
            spawn_accepting(state);
        });
    }
    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(state_->port); }

private:
    struct Session {
        explicit Session(Tcp::socket accepted) : socket(std::move(accepted)), timer(socket.get_executor()) {}
        Tcp::socket socket;
        net::asio::steady_timer timer;
        std::string id;  ///< of the request that is open
        std::size_t index = 0;
        bool unary_or_silent = false;
        bool open = false;
    };
    struct State {
        State(net::EventLoop& event_loop, Ledger& shared, std::size_t place)
            : loop(event_loop), ledger(shared), number(place), acceptor(loop.context()) {}
        void listen() {
            acceptor.open(Tcp::v4());
            acceptor.set_option(Tcp::acceptor::reuse_address(true));
            acceptor.bind({net::asio::ip::address_v4::loopback(), port});
            acceptor.listen();
        }
        void kill() {
            net::error_code ignored;
            acceptor.close(ignored);
            for (auto* session : sessions) {
                if (session->open) ledger.change(session->id, session->index, &Send::killed);
                session->socket.close(ignored);
                session->timer.cancel();
            }
        }
        net::EventLoop& loop;
        Ledger& ledger;
        std::size_t number;
        std::uint16_t port = 0;
        Tcp::acceptor acceptor;
        std::atomic<Fault> fault{Fault::none};
        std::set<Session*> sessions;
    };
    using StatePtr = std::shared_ptr<State>;

    static void spawn_accepting(const StatePtr& state) {
        auto accepting = accept_all(state);
        net::asio::co_spawn(state->loop.executor(), std::move(accepting), [](std::exception_ptr) {});
    }
    static net::Awaitable<void> accept_all(StatePtr state) {
        while (state->acceptor.is_open()) {
            auto [code, socket] = co_await state->acceptor.async_accept(net::as_value);
            if (code) co_return;
            auto session = serve(state, std::move(socket));
            net::asio::co_spawn(state->loop.executor(), std::move(session), [](std::exception_ptr) {});
        }
    }

    static net::Awaitable<void> serve(StatePtr state, Tcp::socket socket) {
        Session session(std::move(socket));
        state->sessions.insert(&session);
        std::string buffer;
        for (;;) {
            const auto body = co_await read_request(session, buffer);
            if (body.empty()) break;
            const bool goes_on = co_await answer(*state, session, body);
            session.open = false;
            if (!goes_on) break;
        }
        state->sessions.erase(&session);
    }

    /// The next request's body, or `GET` for one without; empty when the connection has ended.
    static net::Awaitable<std::string> read_request(Session& session, std::string& buffer) {
        for (;;) {
            if (const auto head = buffer.find("\r\n\r\n"); head != std::string::npos) {
                std::size_t length = 0;
                constexpr std::string_view field = "content-length: ";
                auto lower = buffer.substr(0, head);
                for (auto& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
                if (const auto at = lower.find(field); at != std::string::npos)
                    std::from_chars(lower.data() + at + field.size(), lower.data() + lower.size(), length);
                if (buffer.size() >= head + 4 + length) {
                    auto body = buffer.starts_with("GET") ? std::string("GET") : buffer.substr(head + 4, length);
                    buffer.erase(0, head + 4 + length);
                    co_return body;
                }
            }
            std::array<char, 4096> bytes;
            const auto [code, size] = co_await session.socket.async_read_some(net::asio::buffer(bytes), net::as_value);
            if (code) co_return std::string();
            buffer.append(bytes.data(), size);
        }
    }

    static net::Awaitable<bool> write(Session& session, std::string text) {
        const auto [code, size] = co_await net::asio::async_write(session.socket, net::asio::buffer(text), net::as_value);
        co_return !code;
    }
    static net::Awaitable<void> sleep(Session& session, std::chrono::milliseconds length) {
        session.timer.expires_after(length);
        (void)co_await session.timer.async_wait(net::as_value);
    }
    static std::string sized(const std::string& status, const std::string& body, const std::string& fields = {}) {
        return "HTTP/1.1 " + status + "\r\ncontent-type: application/json\r\n" + fields + "content-length: " + std::to_string(body.size()) +
               "\r\n\r\n" + body;
    }
    static std::string piece(const std::string& event) {
        char size[17];
        const auto end = std::to_chars(size, size + sizeof size, event.size(), 16).ptr;
        return std::string(size, end) + "\r\n" + event + "\r\n";
    }
    static std::string event(const std::string& delta, const std::string& finish = "null") {
        return piece(R"(data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"gpt-4o","choices":[{"index":0,"delta":)" + delta +
                     R"(,"finish_reason":)" + finish + "}]}\n\n");
    }

    /// False: the connection is to be closed.
    static net::Awaitable<bool> answer(State& state, Session& session, const std::string& body) {
        if (body == "GET") {
            auto list = sized("200 OK", R"({"object":"list","data":[{"id":"gpt-4o","object":"model","created":1,"owned_by":"x"}]})");
            const bool listed = co_await write(session, std::move(list));
            co_return listed;
        }
        const auto begin = body.find("req-");
        session.id = body.substr(begin, body.find('"', begin) - begin);
        Send send;
        send.server = state.number;
        send.met = state.fault;
        send.at = std::chrono::steady_clock::now();
        session.index = state.ledger.open(session.id, send);
        session.open = true;
        const bool stream = body.find("\"stream\":true") != std::string::npos;
        const auto error = [](const std::string& code) {
            return R"({"error":{"message":"no","type":"server_error","param":null,"code":")" + code + R"("}})";
        };
        switch (send.met) {
            case Fault::hung: {
                // Until the gateway goes, or the server is killed.
                std::array<char, 64> bytes;
                (void)co_await session.socket.async_read_some(net::asio::buffer(bytes), net::as_value);
                co_return false;
            }
            case Fault::limited: {
                auto text = sized("429 Too Many", error("rate_limit_exceeded"), "retry-after-ms: 200\r\n");
                const bool written = co_await write(session, std::move(text));
                co_return written;
            }
            case Fault::broken: {
                auto text = sized("500 Broken", error("x"));
                const bool written = co_await write(session, std::move(text));
                co_return written;
            }
            case Fault::garbage: {
                std::string text = "\x15\x03\x01 this is not the protocol\r\n\r\n";
                (void)co_await write(session, std::move(text));
                co_return false;
            }
            default: break;
        }
        const auto pace = send.met == Fault::slowed ? std::chrono::milliseconds(100) : std::chrono::milliseconds(4);
        co_await sleep(session, pace);
        if (!stream) {
            const std::string text = R"({"id":"c","object":"chat.completion","created":1,"model":"gpt-4o",)"
                                     R"("choices":[{"index":0,"message":{"role":"assistant","content":")" +
                                     session.id +
                                     R"("},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}})";
            auto whole = sized("200 OK", text);
            const bool cut = send.met == Fault::cut_early || send.met == Fault::cut_late;
            if (cut) whole.resize(whole.size() / 2 + 40);
            const bool written = co_await write(session, std::move(whole));
            // What never left a server that was killed has begun nothing.
            if (written) state.ledger.change(session.id, session.index, &Send::output);
            if (!written || cut) co_return false;
            state.ledger.change(session.id, session.index, &Send::finished);
            co_return true;
        }
        auto start = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n" +
                     event(R"({"role":"assistant","content":""})");
        const bool begun = co_await write(session, std::move(start));
        co_await sleep(session, pace);
        if (!begun || send.met == Fault::cut_early) co_return false;
        auto said = event("{\"content\":\"" + session.id + "\"}");
        const bool spoken = co_await write(session, std::move(said));
        if (spoken) state.ledger.change(session.id, session.index, &Send::output);
        co_await sleep(session, pace);
        if (!spoken || send.met == Fault::cut_late) co_return false;
        auto end = event("{}", "\"stop\"") + piece("data: [DONE]\n\n") + "0\r\n\r\n";
        const bool ended = co_await write(session, std::move(end));
        if (ended) state.ledger.change(session.id, session.index, &Send::finished);
        co_return ended;
    }

    StatePtr state_;
};

}  // namespace smg::test
