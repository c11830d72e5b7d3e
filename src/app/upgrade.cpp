#include "app/upgrade.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>

#include "app/inheritance.hpp"
#include "telemetry/log.hpp"

extern char** environ;

namespace smg::app {
namespace {

using telemetry::Level;
using telemetry::log_event;

/// How long the successor may take until it serves.
constexpr auto patience = std::chrono::seconds(60);
constexpr int first_descriptor = 3;
/// Above all that the successor is given, so that no copy overwrites another's source.
constexpr int out_of_the_way = 512;

class Descriptor {
public:
    explicit Descriptor(int handle) : handle_(handle) {}
    Descriptor(Descriptor&& other) noexcept : handle_(std::exchange(other.handle_, -1)) {}
    ~Descriptor() {
        if (handle_ >= 0) ::close(handle_);
    }
    [[nodiscard]] int get() const noexcept { return handle_; }
    [[nodiscard]] int release() noexcept { return std::exchange(handle_, -1); }

private:
    int handle_;
};

/// A file without a name that holds this text, read from its beginning.
Descriptor memory_file(const std::string& text) {
    Descriptor file(::memfd_create("smg-workers", MFD_CLOEXEC));
    if (file.get() < 0 || ::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) return Descriptor(-1);
    ::lseek(file.get(), 0, SEEK_SET);
    return file;
}

struct Handed {
    std::string name;
    int descriptor;
};

std::vector<std::string> environment_for(const std::vector<Handed>& handed) {
    std::vector<std::string> all;
    for (char** entry = environ; *entry != nullptr; ++entry)
        if (std::string_view(*entry).substr(0, 7) != "LISTEN_") all.emplace_back(*entry);
    std::string names;
    for (const auto& each : handed) names += (names.empty() ? "" : ":") + each.name;
    all.push_back("LISTEN_PID=" + std::to_string(::getpid()));
    all.push_back("LISTEN_FDS=" + std::to_string(handed.size()));
    all.push_back("LISTEN_FDNAMES=" + names);
    return all;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (auto& text : texts) pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

/// The child's number, or 0 and `errno`.
pid_t run(const std::string& program, std::vector<std::string> arguments, const std::vector<Handed>& handed) {
    std::vector<Descriptor> copies;
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    for (const auto& each : handed) {
        copies.emplace_back(::fcntl(each.descriptor, F_DUPFD_CLOEXEC, out_of_the_way));
        ::posix_spawn_file_actions_adddup2(&actions, copies.back().get(), first_descriptor + static_cast<int>(copies.size()) - 1);
    }
    auto environment = environment_for(handed);
    pid_t child = 0;
    const int code = ::posix_spawn(&child, program.c_str(), &actions, nullptr, pointers_to(arguments).data(), pointers_to(environment).data());
    ::posix_spawn_file_actions_destroy(&actions);
    errno = code;
    return code == 0 ? child : 0;
}

}  // namespace

std::string own_program() {
    std::error_code code;
    return std::filesystem::read_symlink("/proc/self/exe", code).string();
}

Upgrade::Upgrade(net::asio::io_context& context, GatewayServer& gateway, std::string program, std::vector<std::string> arguments)
    : gateway_(gateway),
      program_(std::move(program)),
      arguments_(std::move(arguments)),
      signals_(context, SIGUSR2),
      word_(context),
      patience_(context) {}

void Upgrade::start() { wait_for_signal(); }

void Upgrade::stop() {
    net::error_code ignored;
    signals_.cancel(ignored);
    word_.close(ignored);
    patience_.cancel();
}

void Upgrade::wait_for_signal() {
    signals_.async_wait([this](net::error_code code, int) {
        if (code) return;
        if (successor_ < 0) begin();
        wait_for_signal();
    });
}

void Upgrade::begin() {
    log_event(Level::info, "starting a successor", {{"program", program_}});
    // One process holds the store; what is changed from here on would be lost, and is refused.
    gateway_.freeze_workers();
    if (const auto spawned = spawn(); !spawned) return give_up(spawned.error().message);
    wait_for_word();
}

Result<void> Upgrade::spawn() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return fail(Failure::internal_error, std::strerror(errno));
    Descriptor reading(ends[0]);
    const Descriptor writing(ends[1]);
    std::vector<Handed> handed;
    for (const auto& [name, descriptor] : gateway_.listening_sockets()) handed.push_back({name, descriptor});
    handed.push_back({ready_name, writing.get()});
    const auto workers = memory_file(gateway_.keeps_state() ? std::string() : gateway_.workers_to_hand_over());
    if (workers.get() < 0) return fail(Failure::internal_error, std::strerror(errno));
    if (!gateway_.keeps_state()) handed.push_back({workers_name, workers.get()});
    const auto child = run(program_, arguments_, handed);
    if (child == 0) return fail(Failure::internal_error, program_ + " cannot be run: " + std::strerror(errno));
    successor_ = child;
    word_.assign(reading.release());
    return {};
}

void Upgrade::wait_for_word() {
    patience_.expires_after(patience);
    patience_.async_wait([this](net::error_code code) {
        if (!code && successor_ > 0) ::kill(successor_, SIGKILL);  // its pipe ends, and with it the wait
    });
    word_.async_read_some(net::asio::buffer(byte_), [this](net::error_code code, std::size_t) {
        if (code == net::asio::error::operation_aborted) return;
        patience_.cancel();
        net::error_code ignored;
        word_.close(ignored);
        if (code) return give_up("it ended before it served; its own words stand above");
        log_event(Level::info, "the successor serves", {{"pid", successor_}});
        if (listener_) listener_();
    });
}

void Upgrade::give_up(const std::string& reason) {
    if (successor_ > 0) ::waitpid(successor_, nullptr, 0);
    successor_ = -1;
    log_event(Level::error, "the successor did not take over: this process goes on", {{"reason", reason}});
    if (const auto thawed = gateway_.thaw_workers(); !thawed)
        log_event(Level::error, "the store cannot be opened again: workers cannot be changed", {{"reason", thawed.error().message}});
}

}  // namespace smg::app
