#pragma once
/// Which of a loop's sockets are ready. A socket is registered once, edge-triggered, for as long as it is open: waiting for it then costs no
/// system call, no operation of Asio's and no memory. Asio sees the whole as one descriptor.
#include <sys/epoll.h>

#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstddef>
#include <cstdint>

#include "net/asio.hpp"

namespace smg::net {

/// Lives on its loop's thread.
class Readiness {
public:
    /// Who is told. Neither copied nor moved while it is registered.
    class Listener {
    public:
        /// `events` as of epoll(7); they have changed, and are not told again until they do. It may remove or destroy any listener, also itself.
        virtual void on_ready(std::uint32_t events) = 0;
        /// The loop is about to end, and knows the listener no more.
        virtual void on_loop_end() noexcept = 0;

    protected:
        Listener() = default;
        virtual ~Listener() = default;
        Listener(const Listener&) = delete;
        Listener& operator=(const Listener&) = delete;

    private:
        friend class Readiness;
        Listener* previous_ = nullptr;
        Listener* next_ = nullptr;
    };

    explicit Readiness(asio::io_context& context);
    ~Readiness();
    Readiness(const Readiness&) = delete;
    Readiness& operator=(const Readiness&) = delete;

    /// Tells of `descriptor` until `remove`. False: the kernel refused.
    [[nodiscard]] bool add(int descriptor, Listener& listener) noexcept;
    /// Before the descriptor is closed.
    void remove(int descriptor, Listener& listener) noexcept;

private:
    void wait();
    void dispatch();

    asio::posix::stream_descriptor set_;
    Listener* first_ = nullptr;
    std::array<epoll_event, 128> batch_{};
    std::size_t told_ = 0;   ///< of `batch_`, those that are being told or have been
    std::size_t count_ = 0;  ///< in it
};

}  // namespace smg::net
