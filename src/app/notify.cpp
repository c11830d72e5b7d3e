#include "app/notify.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <ctime>

namespace smg::app {
namespace {

std::string monotonic_microseconds() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return std::to_string(static_cast<long long>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000);
}

}  // namespace

Notifier::Notifier() {
    const char* address = std::getenv("NOTIFY_SOCKET");
    if (address != nullptr && (address[0] == '/' || address[0] == '@')) address_ = address;
}

void Notifier::ready(bool successor) const {
    // Without its word the manager would take the end of the process that it started for the end of the service.
    send(successor ? "MAINPID=" + std::to_string(::getpid()) + "\nREADY=1\nSTATUS=serving" : std::string("READY=1\nSTATUS=serving"));
}

void Notifier::reloading() const { send("RELOADING=1\nMONOTONIC_USEC=" + monotonic_microseconds() + "\nSTATUS=reloading the configuration"); }

void Notifier::stopping() const { send("STOPPING=1\nSTATUS=finishing open requests"); }

void Notifier::send(std::string_view text) const {
    sockaddr_un to{};
    if (address_.empty() || address_.size() >= sizeof to.sun_path) return;
    to.sun_family = AF_UNIX;
    std::memcpy(to.sun_path, address_.data(), address_.size());
    if (address_[0] == '@') to.sun_path[0] = '\0';  // the abstract namespace
    const int handle = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (handle < 0) return;
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
    (void)::sendto(handle, text.data(), text.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&to), size);
    ::close(handle);
}

}  // namespace smg::app
