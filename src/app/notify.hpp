#pragma once
/// Tells the service manager how it stands: sd_notify(3)'s protocol, one datagram to the socket that NOTIFY_SOCKET names.
#include <string>
#include <string_view>

namespace smg::app {

/// Without NOTIFY_SOCKET every function does nothing. The main thread's.
class Notifier {
public:
    Notifier();

    /// `successor`: this process has taken over from the one that the manager watched.
    void ready(bool successor) const;
    void reloading() const;
    void stopping() const;

private:
    void send(std::string_view text) const;
    std::string address_;
};

}  // namespace smg::app
