#include "net/connector.hpp"

#include <algorithm>

namespace smg::net {
namespace {

constexpr auto attempt_delay = std::chrono::milliseconds(250);  // RFC 8305 section 5, "Connection Attempt Delay"

/// One race. Shared by the handlers of its attempts; the winner's socket stays, the rest is closed.
class Race : public std::enable_shared_from_this<Race> {
public:
    Race(EventLoop& loop, std::vector<tcp::endpoint> endpoints)
        : loop_(loop), endpoints_(std::move(endpoints)), stagger_(loop.context()), finished_(loop.context()) {
        finished_.expires_at(asio::steady_timer::time_point::max());
    }

    void start_next() {
        if (done_ || next_ == endpoints_.size()) return;
        const auto index = next_++;
        sockets_.push_back(std::make_unique<tcp::socket>(loop_.context()));
        ++pending_;
        sockets_[index]->async_connect(endpoints_[index], [self = shared_from_this(), index](error_code code) { self->on_connected(index, code); });
        if (next_ < endpoints_.size()) {
            stagger_.expires_after(attempt_delay);
            stagger_.async_wait([self = shared_from_this()](error_code code) {
                if (!code) self->start_next();
            });
        }
    }

    void finish(error_code code) {
        if (done_) return;
        done_ = true;
        code_ = code;
        stagger_.cancel();
        for (std::size_t i = 0; i < sockets_.size(); ++i) {
            error_code ignored;
            if (i != winner_) sockets_[i]->close(ignored);
        }
        finished_.cancel();
    }

    [[nodiscard]] Awaitable<void> wait() {
        if (!done_) co_await finished_.async_wait(as_value);
    }
    [[nodiscard]] error_code code() const noexcept { return code_; }
    [[nodiscard]] tcp::socket take() { return std::move(*sockets_[winner_]); }

private:
    void on_connected(std::size_t index, error_code code) {
        --pending_;
        if (done_) return;
        if (!code) {
            winner_ = index;
            return finish({});
        }
        if (next_ < endpoints_.size()) return start_next();
        if (pending_ == 0) finish(code);
    }

    static constexpr auto none = static_cast<std::size_t>(-1);
    EventLoop& loop_;
    std::vector<tcp::endpoint> endpoints_;
    std::vector<std::unique_ptr<tcp::socket>> sockets_;
    asio::steady_timer stagger_;
    asio::steady_timer finished_;
    std::size_t next_ = 0;
    std::size_t pending_ = 0;
    std::size_t winner_ = none;
    bool done_ = false;
    error_code code_;
};

}  // namespace

bool is_connectable(const asio::ip::address& address) noexcept {
    if (address.is_unspecified() || address.is_multicast()) return false;
    if (address.is_v6()) {
        const auto v6 = address.to_v6();
        if (v6.is_v4_mapped()) return is_connectable(asio::ip::make_address_v4(asio::ip::v4_mapped, v6));
        const auto bytes = v6.to_bytes();
        // fd00:ec2::254 is the metadata address of one cloud inside the unique-local range.
        static constexpr asio::ip::address_v6::bytes_type metadata{0xfd, 0x00, 0x0e, 0xc2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54};
        return !v6.is_link_local() && bytes != metadata;
    }
    const auto bytes = address.to_v4().to_bytes();
    return !(bytes[0] == 169 && bytes[1] == 254) && bytes[0] != 0 && bytes[0] != 255;
}

Awaitable<Result<tcp::socket>> connect(EventLoop& loop, std::vector<tcp::endpoint> endpoints, AddressRule allowed, Duration timeout,
                                       Cancellation& cancellation) {
    const auto refused = std::erase_if(endpoints, [&](const tcp::endpoint& endpoint) {
        return !is_connectable(endpoint.address()) || (allowed && !allowed(endpoint.address()));
    });
    if (endpoints.empty()) {
        if (refused > 0) co_return fail(Failure::upstream_error, "the upstream's address is not allowed");
        co_return fail(Failure::upstream_error, "the upstream has no address");
    }
    auto race = std::make_shared<Race>(loop, std::move(endpoints));
    Deadline deadline(loop.deadlines(), [race] { race->finish(asio::error::timed_out); });
    deadline.set_after(timeout);
    const Cancellation::Hook hook(cancellation, [race] { race->finish(asio::error::operation_aborted); });
    race->start_next();
    co_await race->wait();
    if (!race->code()) co_return race->take();
    if (race->code() == asio::error::timed_out) co_return fail(Failure::upstream_timeout, "connecting to the upstream took too long");
    co_return fail(Failure::upstream_error, "cannot connect to the upstream: " + race->code().message());
}

}  // namespace smg::net
