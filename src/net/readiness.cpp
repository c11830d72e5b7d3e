#include "net/readiness.hpp"

#include <system_error>
#include <utility>

namespace smg::net {
namespace {

/// As long as sockets are ready the kernel is asked again at once; but timers and what others have posted wait for it no longer than this.
constexpr int rounds = 4;

int make_set() {
    const int descriptor = ::epoll_create1(EPOLL_CLOEXEC);
    if (descriptor < 0) throw std::system_error(errno, std::system_category(), "epoll_create1");
    return descriptor;
}

}  // namespace

Readiness::Readiness(asio::io_context& context) : set_(context, make_set()) { wait(); }

Readiness::~Readiness() {
    while (first_ != nullptr) {
        auto* const listener = std::exchange(first_, first_->next_);
        listener->previous_ = listener->next_ = nullptr;
        if (first_ != nullptr) first_->previous_ = nullptr;
        listener->on_loop_end();
    }
}

bool Readiness::add(int descriptor, Listener& listener) noexcept {
    epoll_event wanted{};
    wanted.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    wanted.data.ptr = &listener;
    if (::epoll_ctl(set_.native_handle(), EPOLL_CTL_ADD, descriptor, &wanted) != 0) return false;
    listener.next_ = first_;
    if (first_ != nullptr) first_->previous_ = &listener;
    first_ = &listener;
    return true;
}

void Readiness::remove(int descriptor, Listener& listener) noexcept {
    ::epoll_ctl(set_.native_handle(), EPOLL_CTL_DEL, descriptor, nullptr);
    (listener.previous_ != nullptr ? listener.previous_->next_ : first_) = listener.next_;
    if (listener.next_ != nullptr) listener.next_->previous_ = listener.previous_;
    listener.previous_ = listener.next_ = nullptr;
    for (auto i = told_; i < count_; ++i)
        if (batch_[i].data.ptr == &listener) batch_[i].data.ptr = nullptr;
}

void Readiness::wait() {
    set_.async_wait(asio::posix::descriptor_base::wait_read, [this](error_code code) {
        if (code) return;
        dispatch();
        wait();
    });
}

void Readiness::dispatch() {
    for (int round = 0; round < rounds; ++round) {
        const int ready = ::epoll_wait(set_.native_handle(), batch_.data(), static_cast<int>(batch_.size()), 0);
        if (ready <= 0) break;
        count_ = static_cast<std::size_t>(ready);
        for (told_ = 0; told_ < count_;) {
            const auto event = batch_[told_++];
            if (event.data.ptr != nullptr) static_cast<Listener*>(event.data.ptr)->on_ready(event.events);
        }
        told_ = count_ = 0;
    }
}

}  // namespace smg::net
