#pragma once
/// One client connection: requests are read, answered in order, and the connection kept while both sides want it.
#include <memory>

#include "net/byte_stream.hpp"
#include "net/event_loop.hpp"
#include "server/buffered_bytes.hpp"
#include "server/inbox.hpp"
#include "server/response_writer.hpp"
#include "server/service.hpp"

namespace smg::server {

/// Owned by its own coroutine. Lives on its loop's thread.
class Session : public std::enable_shared_from_this<Session> {
public:
    Session(net::EventLoop& loop, std::shared_ptr<net::ByteStream> stream, Service& service);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    /// Serves until either side has had enough.
    static void spawn(std::shared_ptr<Session> session);
    /// Closes the connection if no request is under way on it.
    void close_if_idle() noexcept;
    /// Ends what is under way: its client is told, as long as it reads; the request's cancellation reaches the upstream. A second call, or
    /// one without a request under way, closes the connection.
    void close() noexcept;

private:
    enum class Reading { complete, closed, failed };

    [[nodiscard]] net::Awaitable<void> run();
    /// One request, whose head was read, or could not be. True: the connection may carry another.
    [[nodiscard]] net::Awaitable<bool> serve_one(Reading read);
    /// Reads the next head. `failed`: `problem_` says why, and the client is to be told.
    [[nodiscard]] net::Awaitable<Reading> read_head();
    [[nodiscard]] net::Awaitable<Reading> read_body(gateway::ClientRequest& request);
    /// Puts a piece of the body where it is kept, within the limits; `problem_` says why not.
    [[nodiscard]] bool keep_piece(gateway::ClientRequest& request, std::string_view piece, bool form);
    [[nodiscard]] net::Awaitable<void> answer(gateway::ClientRequest& request, ResponseWriter& response);
    /// `run_handler`, and both bodies to the log.
    [[nodiscard]] net::Awaitable<void> run_logged(const Endpoint& endpoint, gateway::ClientRequest& request, ResponseWriter& response);
    [[nodiscard]] net::Awaitable<void> run_handler(const Endpoint& endpoint, gateway::ClientRequest& request, ResponseWriter& response);
    [[nodiscard]] net::Awaitable<void> refuse(gateway::ClientRequest& request, ResponseWriter& response, Error error);
    [[nodiscard]] net::Awaitable<void> answer_other_method(const std::string& allowed, gateway::ClientRequest& request, ResponseWriter& response);
    /// What can be refused before the body is read; `problem_` says why.
    [[nodiscard]] bool admit(const Match& match, const gateway::ClientRequest& request);
    [[nodiscard]] Reading too_large(std::uint64_t limit);
    void note_head(gateway::ClientRequest& request, const Match& match);
    /// Lets the client read the last answer before the connection is reset by its unread bytes (RFC 9112 section 9.6).
    [[nodiscard]] net::Awaitable<void> linger();
    [[nodiscard]] static bool wants_continue(const http::RequestHead& head) noexcept;

    net::EventLoop& loop_;
    std::shared_ptr<net::ByteStream> stream_;
    Service& service_;
    Inbox inbox_;
    http::RequestReader reader_;
    net::Deadline deadline_;
    net::asio::ip::address address_;  ///< the peer's, asked for once
    std::string client_;              ///< the same as text
    Error problem_{Failure::invalid_request};
    gateway::ClientRequest* open_request_ = nullptr;              ///< of the request that is being answered
    net::TimePoint accepted_ = std::chrono::steady_clock::now();  ///< until the first request has taken it
    net::TimePoint began_{};                                      ///< the first byte of the head that is being read
    std::uint64_t bytes_in_ = 0;                                  ///< of the request's body, as it came
    BufferedBytes held_;                                          ///< by the body of the request under way
    bool timed_out_ = false;
    bool busy_ = false;
};

}  // namespace smg::server
