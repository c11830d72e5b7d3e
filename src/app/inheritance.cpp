#include "app/inheritance.hpp"

#include <fcntl.h>

#include <charconv>

namespace smg::app {
namespace {

constexpr int first_descriptor = 3;
constexpr int most_descriptors = 128;

int number_in(const config::Environment& environment, std::string_view name) {
    const auto entry = environment.find(name);
    int value = 0;
    if (entry != environment.end()) std::from_chars(entry->second.data(), entry->second.data() + entry->second.size(), value);
    return value;
}

/// `a:b:c`; fewer names than descriptors are allowed.
std::string take_name(std::string_view& names) {
    const auto colon = names.find(':');
    std::string name(names.substr(0, colon));
    names.remove_prefix(colon == std::string_view::npos ? names.size() : colon + 1);
    return name;
}

}  // namespace

Result<Inheritance> read_inheritance(const config::Environment& environment, pid_t self, pid_t parent) {
    Inheritance found;
    const auto owner = number_in(environment, "LISTEN_PID");
    const auto count = number_in(environment, "LISTEN_FDS");
    if (count <= 0 || count > most_descriptors || (owner != self && owner != parent)) return found;
    const auto entry = environment.find("LISTEN_FDNAMES");
    std::string_view names = entry == environment.end() ? std::string_view() : std::string_view(entry->second);
    for (int i = 0; i < count; ++i) {
        const int descriptor = first_descriptor + i;
        if (::fcntl(descriptor, F_SETFD, FD_CLOEXEC) != 0)
            return fail(Failure::invalid_request, "LISTEN_FDS: the descriptor " + std::to_string(descriptor) + " is not open");
        const auto name = take_name(names);
        if (name == "metrics") {
            found.metrics.push_back(descriptor);
        } else if (name == "probes") {
            found.probes.push_back(descriptor);
        } else if (name == ready_name) {
            found.ready = descriptor;
        } else if (name == workers_name) {
            found.workers = descriptor;
        } else {
            found.http.push_back(descriptor);
        }
    }
    return found;
}

}  // namespace smg::app
