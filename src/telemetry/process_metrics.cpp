#include "telemetry/process_metrics.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "telemetry/log.hpp"

namespace smg::telemetry {
namespace {

prometheus::MetricFamily family(std::string name, std::string help, prometheus::MetricType type, double value) {
    prometheus::ClientMetric metric;
    if (type == prometheus::MetricType::Counter)
        metric.counter.value = value;
    else
        metric.gauge.value = value;
    return {std::move(name), std::move(help), type, {std::move(metric)}};
}

/// The fields of /proc/self/stat behind the command's name, which may hold blanks and brackets (proc(5); state is number 3).
std::vector<double> stat_fields() {
    std::ifstream file("/proc/self/stat");
    std::string text;
    std::getline(file, text);
    const auto bracket = text.rfind(')');
    std::vector<double> fields;
    if (bracket == std::string::npos || bracket + 4 > text.size()) return fields;
    std::istringstream rest(text.substr(bracket + 4));
    for (double value = 0; rest >> value;) fields.push_back(value);
    return fields;
}

double boot_time() {
    std::ifstream file("/proc/stat");
    for (std::string word; file >> word;) {
        double seconds = 0;
        if (word == "btime" && file >> seconds) return seconds;
    }
    return 0;
}

}  // namespace

std::uint64_t resident_bytes() {
    const auto fields = stat_fields();
    return fields.size() > 20 ? static_cast<std::uint64_t>(fields[20]) * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) : 0;
}

std::vector<prometheus::MetricFamily> process_metrics() {
    using Type = prometheus::MetricType;
    std::vector<prometheus::MetricFamily> families;
    families.push_back(family("smg_log_lines_dropped_total", "Log lines that were dropped because their destination was too slow", Type::Counter,
                              static_cast<double>(dropped_lines())));
    // fields[0] is number 4, ppid.
    if (const auto fields = stat_fields(); fields.size() > 20) {
        const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
        const auto page = static_cast<double>(sysconf(_SC_PAGESIZE));
        families.push_back(
            family("process_cpu_seconds_total", "User and system CPU time spent in seconds", Type::Counter, (fields[10] + fields[11]) / ticks));
        families.push_back(family("process_threads", "Threads", Type::Gauge, fields[16]));
        families.push_back(
            family("process_start_time_seconds", "Start time since the Unix epoch in seconds", Type::Gauge, boot_time() + fields[18] / ticks));
        families.push_back(family("process_virtual_memory_bytes", "Virtual memory size in bytes", Type::Gauge, fields[19]));
        families.push_back(family("process_resident_memory_bytes", "Resident memory size in bytes", Type::Gauge, fields[20] * page));
    }
    std::error_code failed;
    double open = 0;
    for (std::filesystem::directory_iterator entry("/proc/self/fd", failed), end; !failed && entry != end; entry.increment(failed)) ++open;
    if (!failed) families.push_back(family("process_open_fds", "Open file descriptors", Type::Gauge, open));
    if (rlimit limit{}; getrlimit(RLIMIT_NOFILE, &limit) == 0)
        families.push_back(family("process_max_fds", "Most file descriptors that may be open", Type::Gauge, static_cast<double>(limit.rlim_cur)));
    return families;
}

}  // namespace smg::telemetry
