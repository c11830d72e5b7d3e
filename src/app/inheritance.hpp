#pragma once
/// What a process is started with: listening sockets of systemd (sd_listen_fds(3)), or those and more of the process that it replaces.
#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.hpp"
#include "smg/config.hpp"

namespace smg::app {

struct Inheritance {
    std::vector<int> http;     ///< the data plane's; also every socket of a name that is not known here
    std::vector<int> metrics;  ///< FileDescriptorName=metrics
    std::vector<int> probes;   ///< FileDescriptorName=probes
    int ready = -1;            ///< a predecessor's pipe: a byte into it says that this process serves; -1: there is no predecessor
    int workers = -1;          ///< a predecessor's dynamic workers, where no store keeps them; -1: none

    [[nodiscard]] bool has_predecessor() const noexcept { return ready >= 0; }
};

/// The names under which a predecessor hands on what is no listening socket.
inline constexpr const char* ready_name = "smg-ready";
inline constexpr const char* workers_name = "smg-workers";

/// Reads LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES; descriptors from 3 on. They count when LISTEN_PID is this process (systemd) or its parent
/// (a predecessor cannot know our number before we are there). Error: a descriptor that is not open.
[[nodiscard]] Result<Inheritance> read_inheritance(const config::Environment& environment, pid_t self, pid_t parent);

}  // namespace smg::app
