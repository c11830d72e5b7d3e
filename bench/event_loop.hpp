#pragma once
/// A bare epoll loop. Clients and upstream must cost less than the gateway between them, or it is never busy; so no library here.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace smg::bench {

/// Whoever waits for a file descriptor.
class Watcher {
public:
    virtual ~Watcher() = default;
    /// `events` as epoll(7) gives them.
    virtual void on_ready(std::uint32_t events) = 0;
};

/// Level-triggered, for one thread.
class EventLoop {
public:
    EventLoop();
    ~EventLoop();
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;

    void watch(int fd, Watcher& watcher, std::uint32_t events);
    void change(int fd, Watcher& watcher, std::uint32_t events);
    void forget(int fd);
    /// Destroys it after the current turn: events for it may still be on their way.
    void retire(std::unique_ptr<Watcher> watcher) { retired_.push_back(std::move(watcher)); }
    /// Waits for events, at most so long, and hands them out.
    void turn(int milliseconds);

private:
    int epoll_;
    std::vector<std::unique_ptr<Watcher>> retired_;
};

/// A non-blocking TCP connection that keeps what the kernel would not take at once. Owns its descriptor.
class Socket {
public:
    Socket(EventLoop& loop, int fd, Watcher& owner);
    ~Socket();
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;

    /// Sends `bytes`; what is left over goes out on later `on_writable` calls. They must live until then.
    void send_lasting(std::string_view bytes);
    /// The same for bytes that may go at once: a leftover is copied.
    void send(std::string_view bytes);
    void on_writable();
    /// No further events.
    void mute() { loop_.forget(fd_); }
    /// What has arrived, in memory that all sockets share; empty with `closed()` at the end of the connection.
    [[nodiscard]] std::string_view receive();
    [[nodiscard]] bool closed() const noexcept { return closed_; }

private:
    void write_pending();
    EventLoop& loop_;
    int fd_;
    Watcher& owner_;
    std::string_view pending_;
    std::string kept_;
    bool waits_for_room_ = false;
    bool closed_ = false;
};

/// A connection to a port of 127.0.0.1. Ends the program when there is none to be had.
[[nodiscard]] int connect_to(std::uint16_t port);
/// A listening socket of 127.0.0.1, and the port that it got.
[[nodiscard]] int listen_on(std::uint16_t& port);
/// Says what failed and why (errno), and ends the program.
[[noreturn]] void die(const char* what);

}  // namespace smg::bench
