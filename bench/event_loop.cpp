#include "event_loop.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace smg::bench {
namespace {

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
}

epoll_event event_of(Watcher& watcher, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.ptr = &watcher;
    return event;
}

}  // namespace

void die(const char* what) {
    std::perror(what);
    std::exit(1);
}

EventLoop::EventLoop() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    if (epoll_ < 0) die("epoll_create1");
}

EventLoop::~EventLoop() { ::close(epoll_); }

void EventLoop::watch(int fd, Watcher& watcher, std::uint32_t events) {
    auto event = event_of(watcher, events);
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) die("epoll_ctl");
}

void EventLoop::change(int fd, Watcher& watcher, std::uint32_t events) {
    auto event = event_of(watcher, events);
    if (epoll_ctl(epoll_, EPOLL_CTL_MOD, fd, &event) != 0) die("epoll_ctl");
}

void EventLoop::forget(int fd) { epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr); }

void EventLoop::turn(int milliseconds) {
    std::array<epoll_event, 256> events{};
    const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), milliseconds);
    const auto arrived = static_cast<std::size_t>(count < 0 ? 0 : count);
    for (std::size_t i = 0; i < arrived; ++i) static_cast<Watcher*>(events[i].data.ptr)->on_ready(events[i].events);
    retired_.clear();
}

Socket::Socket(EventLoop& loop, int fd, Watcher& owner) : loop_(loop), fd_(fd), owner_(owner) {
    const int on = 1;
    setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    loop_.watch(fd_, owner_, EPOLLIN);
}

Socket::~Socket() {
    loop_.forget(fd_);
    ::close(fd_);
}

void Socket::write_pending() {
    while (!pending_.empty() && !closed_) {
        const auto sent = ::send(fd_, pending_.data(), pending_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) {
            closed_ = errno != EAGAIN;
            break;
        }
        pending_.remove_prefix(static_cast<std::size_t>(sent));
    }
    const bool waits = !pending_.empty() && !closed_;
    if (waits != waits_for_room_) loop_.change(fd_, owner_, waits ? EPOLLIN | EPOLLOUT : EPOLLIN);
    waits_for_room_ = waits;
}

void Socket::send_lasting(std::string_view bytes) {
    pending_ = bytes;
    write_pending();
}

void Socket::send(std::string_view bytes) {
    if (!pending_.empty()) {
        // Something waits already, so order asks for a copy of both.
        kept_ = std::string(pending_).append(bytes);
        pending_ = kept_;
        return;
    }
    pending_ = bytes;
    write_pending();
    if (pending_.empty()) return;
    kept_ = std::string(pending_);
    pending_ = kept_;
}

void Socket::on_writable() { write_pending(); }

std::string_view Socket::receive() {
    static std::array<char, 256 * 1024> buffer;
    const auto received = ::recv(fd_, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (received > 0) return {buffer.data(), static_cast<std::size_t>(received)};
    if (received == 0 || (errno != EAGAIN && errno != EINTR)) closed_ = true;
    return {};
}

int connect_to(std::uint16_t port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) die("socket");
    const auto address = loopback(port);
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) die("connect");
    return fd;
}

int listen_on(std::uint16_t& port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) die("socket");
    auto address = loopback(port);
    socklen_t size = sizeof address;
    if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), size) != 0) die("bind");
    if (::listen(fd, 4096) != 0) die("listen");
    if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) die("getsockname");
    port = ntohs(address.sin_port);
    return fd;
}

}  // namespace smg::bench
