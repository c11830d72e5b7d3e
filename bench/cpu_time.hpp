#pragma once
/// How long a process has been on a CPU, and how long it would have been, had there been one for it.
#include <sys/types.h>

#include <cstdint>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>

namespace smg::bench {

/// User and system time of all its threads, in nanoseconds: what /proc/PID/stat counts in ticks. 0: there is no such process.
[[nodiscard]] inline std::uint64_t cpu_time(pid_t process) {
    clockid_t clock{};
    timespec time{};
    if (clock_getcpuclockid(process, &clock) != 0 || clock_gettime(clock, &time) != 0) return 0;
    return static_cast<std::uint64_t>(time.tv_sec) * 1000000000ULL + static_cast<std::uint64_t>(time.tv_nsec);
}

/// Nanoseconds that its threads were ready to run and others had the core; 0 where the kernel does not count them.
[[nodiscard]] inline std::uint64_t run_delay(pid_t process) {
    std::uint64_t total = 0;
    std::error_code gone;
    for (const auto& task : std::filesystem::directory_iterator("/proc/" + std::to_string(process) + "/task", gone)) {
        std::ifstream file(task.path() / "schedstat");
        std::uint64_t ran = 0;
        std::uint64_t waited = 0;
        if (file >> ran >> waited) total += waited;
    }
    return total;
}

}  // namespace smg::bench
