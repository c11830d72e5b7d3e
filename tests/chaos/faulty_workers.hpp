#pragma once
/// Ten OpenAI-compatible servers on one thread that fail as a schedule says, and keep books of what they were asked and how far they answered.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/write.hpp>
#include <charconv>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "chaos/fault_schedule.hpp"
#include "http/message.hpp"
#include "net/asio.hpp"

namespace smg::test {

/// One request that reached a worker.
struct Sent {
    std::size_t worker;
    Fault fault;          ///< the worker's, when it came
    Millis at;            ///< since the run's start
    bool output = false;  ///< model output was sent for it
};

class FaultyWorkers {
public:
    using Clock = std::chrono::steady_clock;

    explicit FaultyWorkers(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            workers_.push_back(std::make_unique<Worker>(context_));
            listen(*workers_.back());
        }
    }
    ~FaultyWorkers() {
        context_.stop();
        if (thread_.joinable()) thread_.join();
    }
    FaultyWorkers(const FaultyWorkers&) = delete;
    FaultyWorkers& operator=(const FaultyWorkers&) = delete;

    void start() {
        for (std::size_t i = 0; i < workers_.size(); ++i) accept(i);
        thread_ = std::thread([this] { context_.run(); });
    }
    /// The run begins now.
    void play(const FaultSchedule& schedule) {
        net::asio::post(context_, [this, &schedule] {
            began_ = Clock::now();
            for (const auto& episode : schedule.episodes()) {
                at(episode.begin, [this, episode] { set(episode.worker, episode.fault); });
                at(episode.end, [this, episode] { set(episode.worker, Fault::none); });
            }
        });
    }
    [[nodiscard]] std::string url(std::size_t worker) const { return "http://127.0.0.1:" + std::to_string(workers_[worker]->port); }
    /// By the requests' own marks. Once the run is over and the thread has ended.
    [[nodiscard]] const std::map<std::string, std::vector<Sent>>& books() {
        context_.stop();
        if (thread_.joinable()) thread_.join();
        return books_;
    }
    /// What stands in a request's text between two of these is its mark.
    static constexpr char mark = '#';

private:
    using Socket = net::tcp::socket;

    struct Worker {
        explicit Worker(net::asio::io_context& context) : acceptor(context) {}
        net::tcp::acceptor acceptor;
        std::uint16_t port = 0;
        Fault fault = Fault::none;
        std::set<std::shared_ptr<Socket>> open;
    };

    void at(Millis when, std::function<void()> act) {
        auto timer = std::make_shared<net::asio::steady_timer>(context_, began_ + when);
        timer->async_wait([timer, act = std::move(act)](const auto& code) {
            if (!code) act();
        });
    }
    static void listen(Worker& worker) {
        const net::tcp::endpoint where(net::asio::ip::address_v4::loopback(), worker.port);
        worker.acceptor.open(where.protocol());
        worker.acceptor.set_option(net::asio::socket_base::reuse_address(true));
        worker.acceptor.bind(where);
        worker.acceptor.listen(512);
        worker.port = worker.acceptor.local_endpoint().port();
    }
    void accept(std::size_t index) {
        auto& worker = *workers_[index];
        worker.acceptor.async_accept([this, index](const auto& code, Socket socket) {
            if (code) return;
            auto connection = std::make_shared<Socket>(std::move(socket));
            connection->set_option(net::tcp::no_delay(true));
            workers_[index]->open.insert(connection);
            auto serving = serve(index, connection);
            net::asio::co_spawn(context_, std::move(serving), [this, index, connection](std::exception_ptr) {
                boost::system::error_code ignored;
                connection->close(ignored);
                workers_[index]->open.erase(connection);
            });
            accept(index);
        });
    }
    void set(std::size_t index, Fault fault) {
        auto& worker = *workers_[index];
        const auto before = std::exchange(worker.fault, fault);
        if (fault == Fault::killed || before == Fault::hung) reset_all(worker);
        if (fault == Fault::killed) worker.acceptor.close();
        if (before == Fault::killed) {
            listen(worker);
            accept(index);
        }
    }
    static void reset_all(Worker& worker) {
        boost::system::error_code ignored;
        for (const auto& socket : worker.open) {
            socket->set_option(net::asio::socket_base::linger(true, 0), ignored);
            socket->close(ignored);
        }
    }

    net::Awaitable<void> serve(std::size_t index, std::shared_ptr<Socket> socket) {
        std::vector<char> buffer(16 * 1024);
        for (;;) {
            http::RequestReader reader;
            std::string body;
            while (!reader.complete()) {
                const auto [code, size] = co_await socket->async_read_some(net::asio::buffer(buffer), net::as_value);
                if (code) co_return;
                std::string_view bytes(buffer.data(), size);
                while (!bytes.empty() && !reader.complete()) {
                    const auto step = reader.feed(bytes);
                    if (!step) co_return;
                    body += step->body;
                    bytes.remove_prefix(step->consumed);
                }
            }
            if (reader.head().method == "GET") {
                const std::string list = sized("200 OK", R"({"object":"list","data":[{"id":"chaos","object":"model"}]})");
                const bool listed = co_await write(*socket, list);
                if (!listed) co_return;
                continue;
            }
            auto answering = answer(index, *socket, body);
            const bool again = co_await std::move(answering);
            if (!again) co_return;
        }
    }
    /// False: the connection is over.
    net::Awaitable<bool> answer(std::size_t index, Socket& socket, const std::string& body) {
        const auto fault = workers_[index]->fault;
        const auto begin = body.find(mark);
        const auto name = body.substr(begin + 1, body.find(mark, begin + 1) - begin - 1);
        auto& sends = books_[name];
        sends.push_back({index, fault, std::chrono::duration_cast<Millis>(Clock::now() - began_)});
        const auto place = sends.size() - 1;
        const bool stream = body.find("\"stream\":true") != std::string::npos;
        std::string text;
        switch (fault) {
            case Fault::hung: co_await pause(Millis(60'000)); co_return false;
            case Fault::slow: co_await pause(Millis(120)); break;
            case Fault::limited:
                text = sized("429 Too Many Requests", R"({"error":{"message":"slow down","type":"rate_limit_error","code":"rate_limit_exceeded"}})",
                             "retry-after-ms: 300\r\n");
                break;
            case Fault::broken:
                text = sized("500 Internal Server Error", R"({"error":{"message":"broken","type":"server_error","code":null}})");
                break;
            case Fault::garbage:
                text = "\x16\x03\x01 this is not HTTP\r\n\r\n";
                co_await write(socket, text);
                co_return false;
            default: break;
        }
        if (!text.empty()) co_return co_await write(socket, text);
        if (!stream) {
            const bool cut = fault == Fault::cut_early || fault == Fault::cut_late || fault == Fault::error_event;
            books_[name][place].output = true;
            text = sized("200 OK", R"({"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"chaos","choices":[{"index":0,"message":)"
                                   R"({"role":"assistant","content":"Hello there"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,)"
                                   R"("completion_tokens":2,"total_tokens":3}})");
            if (cut) text.resize(text.size() - 20);
            const bool written = co_await write(socket, text);
            co_return written && !cut;
        }
        auto streaming = answer_stream(socket, name, place, fault);
        co_return co_await std::move(streaming);
    }
    net::Awaitable<bool> answer_stream(Socket& socket, const std::string& name, std::size_t place, Fault fault) {
        std::string text = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
        if (fault == Fault::error_event) {
            text += chunked(R"({"error":{"message":"overloaded","type":"server_error","code":"server_error"}})") + "0\r\n\r\n";
            co_return co_await write(socket, text);
        }
        text += chunked(event(R"({"role":"assistant","content":""})", "null"));
        bool written = co_await write(socket, text);
        if (!written || fault == Fault::cut_early) co_return false;
        co_await pause(Millis(5));
        books_[name][place].output = true;
        text = chunked(event(R"({"content":"Hello"})", "null"));
        written = co_await write(socket, text);
        if (!written || fault == Fault::cut_late) co_return false;
        co_await pause(Millis(5));
        text = chunked(event(R"({"content":" there"})", "null")) + chunked(event("{}", "\"stop\"")) + chunked("[DONE]") + "0\r\n\r\n";
        co_return co_await write(socket, text);
    }

    [[nodiscard]] static std::string event(const std::string& delta, const std::string& finish) {
        return R"({"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"chaos","choices":[{"index":0,"delta":)" + delta +
               R"(,"finish_reason":)" + finish + "}]}";
    }
    [[nodiscard]] static std::string chunked(const std::string& data) {
        const auto text = "data: " + data + "\n\n";
        char size[17];
        const auto end = std::to_chars(size, size + sizeof size, text.size(), 16).ptr;
        return std::string(size, end) + "\r\n" + text + "\r\n";
    }
    [[nodiscard]] static std::string sized(const std::string& status, const std::string& body, const std::string& fields = {}) {
        return "HTTP/1.1 " + status + "\r\ncontent-type: application/json\r\n" + fields + "content-length: " + std::to_string(body.size()) +
               "\r\n\r\n" + body;
    }
    static net::Awaitable<bool> write(Socket& socket, const std::string& text) {
        const auto [code, size] = co_await net::asio::async_write(socket, net::asio::buffer(text), net::as_value);
        co_return !code;
    }
    net::Awaitable<void> pause(Millis time) {
        net::asio::steady_timer timer(context_, time);
        co_await timer.async_wait(net::as_value);
    }

    net::asio::io_context context_{1};
    std::vector<std::unique_ptr<Worker>> workers_;
    std::map<std::string, std::vector<Sent>> books_;
    Clock::time_point began_ = Clock::now();
    std::thread thread_;
};

}  // namespace smg::test
