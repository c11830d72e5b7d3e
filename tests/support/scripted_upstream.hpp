#pragma once
/// An HTTP server that answers what a test tells it to, and remembers what it was asked.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/write.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "http/message.hpp"
#include "http/writer.hpp"
#include "net/acceptor.hpp"

namespace smg::test {

struct ScriptedReply {
    ScriptedReply(int answer_status, std::string answer_body) : status(answer_status), body(std::move(answer_body)) {}
    int status;
    std::string body;
    http::Fields fields;
    bool cut = false;  ///< close in the middle of the body
    std::chrono::milliseconds delay{0};
};

/// Lives on the loops that it is given; its sessions end with them.
class ScriptedUpstream {
public:
    /// Nothing: the request stays unanswered.
    using Script = std::function<std::optional<ScriptedReply>(const http::RequestHead&)>;

    explicit ScriptedUpstream(net::EventLoops& loops) : state_(std::make_shared<State>()), acceptor_(loops) {
        if (const auto listening = acceptor_.listen({"127.0.0.1"}, 0); !listening) throw std::runtime_error(listening.error().message);
        acceptor_.start([state = state_](net::EventLoop& loop, net::tcp::socket socket) {
            auto session = serve(state, std::move(socket));
            net::asio::co_spawn(loop.executor(), std::move(session), [](std::exception_ptr) {});
        });
    }

    void script(Script script) { state_->script = std::move(script); }
    /// The same answer to everything.
    void answer(int status, const std::string& body) {
        state_->script = [status, body](const http::RequestHead&) { return ScriptedReply(status, body); };
    }
    [[nodiscard]] const std::vector<http::RequestHead>& received() const { return state_->received; }
    [[nodiscard]] std::string url(const std::string& path = {}) const { return "http://127.0.0.1:" + std::to_string(acceptor_.port()) + path; }

private:
    struct State {
        Script script;
        std::vector<http::RequestHead> received;
    };

    static net::Awaitable<void> serve(std::shared_ptr<State> state, net::tcp::socket socket) {
        http::RequestReader reader;
        std::vector<char> buffer(16 * 1024);
        for (;;) {
            const auto [code, size] = co_await socket.async_read_some(net::asio::buffer(buffer), net::as_value);
            if (code) co_return;
            if (!reader.feed(std::string_view(buffer.data(), size)) || !reader.head_complete()) continue;
            state->received.push_back(reader.head());
            auto reply = state->script ? state->script(reader.head()) : std::nullopt;
            reader.reset();
            if (!reply) continue;
            if (reply->delay.count() > 0) {
                net::asio::steady_timer timer(socket.get_executor(), reply->delay);
                (void)co_await timer.async_wait(net::as_value);
            }
            const auto bytes = written(*reply);
            const auto [write_code, count] = co_await net::asio::async_write(socket, net::asio::buffer(bytes), net::as_value);
            if (write_code || reply->cut) co_return;
        }
    }
    static std::string written(const ScriptedReply& reply) {
        http::ResponseHead head;
        head.status = reply.status;
        head.fields = reply.fields;
        head.fields.set("content-length", std::to_string(reply.body.size() + (reply.cut ? 1 : 0)));
        std::string text;
        http::append_response_head(text, head);
        return text + "\r\n" + reply.body;
    }

    std::shared_ptr<State> state_;
    net::Acceptor acceptor_;
};

}  // namespace smg::test
