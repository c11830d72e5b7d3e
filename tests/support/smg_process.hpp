#pragma once
/// The program itself, as a process of its own: for what only a process can show (signals, crashes, another program in its place).
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support/http_client.hpp"

extern char** environ;

namespace smg::test {

/// A directory of the running test's own, gone with it.
class TemporaryDirectory {
public:
    TemporaryDirectory() {
        std::string name = (std::filesystem::temp_directory_path() / "smg-test-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
        path_ = name;
    }
    ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }
    /// As an editor does: a new file in the old one's place.
    std::string write(const std::string& name, const std::string& text) const {
        const auto path = file(name);
        std::ofstream(path + ".new", std::ios::binary) << text;
        std::filesystem::rename(path + ".new", path);
        return path;
    }

private:
    std::filesystem::path path_;
};

/// What a process writes, read as it comes, so that it never waits for us.
class Output {
public:
    explicit Output(int descriptor)
        : reader_([this, descriptor] {
              char buffer[4096];
              for (ssize_t count = 0; (count = ::read(descriptor, buffer, sizeof buffer)) > 0 || (count < 0 && errno == EINTR);) {
                  const std::lock_guard lock(mutex_);
                  if (count > 0) text_.append(buffer, static_cast<std::size_t>(count));
                  came_.notify_all();
              }
              ::close(descriptor);
              const std::lock_guard lock(mutex_);
              ended_ = true;
              came_.notify_all();
          }) {}
    ~Output() { reader_.join(); }
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;

    [[nodiscard]] std::string text() const {
        const std::lock_guard lock(mutex_);
        return text_;
    }
    /// Waits until `words` have been written `times` times; false when the process ends, or the limit passes, before that.
    [[nodiscard]] bool wait_for(const std::string& words, std::size_t times = 1, Limit limit = step_limit) const {
        std::unique_lock lock(mutex_);
        const auto found = [&] {
            std::size_t count = 0;
            for (auto at = text_.find(words); at != std::string::npos; at = text_.find(words, at + 1)) ++count;
            return count >= times;
        };
        return came_.wait_for(lock, limit, [&] { return found() || ended_; }) && found();
    }
    /// All that writers have closed it: everything there was has been read.
    [[nodiscard]] bool wait_end(Limit limit = step_limit) const {
        std::unique_lock lock(mutex_);
        return came_.wait_for(lock, limit, [&] { return ended_; });
    }

private:
    mutable std::mutex mutex_;
    mutable std::condition_variable came_;
    std::string text_;
    bool ended_ = false;
    std::thread reader_;
};

/// Killed at the end, if it still runs then.
class SmgProcess {
public:
    using Variables = std::map<std::string, std::string>;
    /// `inherited`: our descriptors that become 3, 4, … of the process. `standard_error`: ours, in place of `output`.
    explicit SmgProcess(std::vector<std::string> arguments, Variables variables = {}, const std::vector<int>& inherited = {},
                        int standard_error = -1) {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe failed");
        arguments.insert(arguments.begin(), SMG_BINARY);
        std::vector<char*> argv, envp;
        for (auto& each : arguments) argv.push_back(each.data());
        argv.push_back(nullptr);
        std::vector<std::string> environment;
        for (char** each = environ; *each != nullptr; ++each)
            if (!variables.contains(std::string(*each).substr(0, std::string(*each).find('=')))) environment.emplace_back(*each);
        for (const auto& [name, value] : variables) environment.push_back(name + "=" + value);
        for (auto& each : environment) envp.push_back(each.data());
        envp.push_back(nullptr);
        posix_spawn_file_actions_t actions;
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
        ::posix_spawn_file_actions_adddup2(&actions, standard_error < 0 ? ends[1] : standard_error, 2);
        std::vector<int> high;
        for (std::size_t i = 0; i < inherited.size(); ++i) {
            high.push_back(::fcntl(inherited[i], F_DUPFD_CLOEXEC, 200));
            ::posix_spawn_file_actions_adddup2(&actions, high.back(), static_cast<int>(3 + i));
        }
        // A group of its own: a successor that it starts is ended with it.
        posix_spawnattr_t attributes;
        ::posix_spawnattr_init(&attributes);
        ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
        const int code = ::posix_spawn(&pid_, SMG_BINARY, &actions, &attributes, argv.data(), envp.data());
        ::posix_spawnattr_destroy(&attributes);
        ::posix_spawn_file_actions_destroy(&actions);
        group_ = pid_;
        for (const int each : high) ::close(each);
        ::close(ends[1]);
        output_ = std::make_unique<Output>(ends[0]);
        if (code != 0) throw std::runtime_error("cannot start " SMG_BINARY);
    }
    ~SmgProcess() {
        if (group_ > 0) ::kill(-group_, SIGKILL);
        if (pid_ > 0) (void)wait();
    }
    SmgProcess(const SmgProcess&) = delete;
    SmgProcess& operator=(const SmgProcess&) = delete;

    /// Waits until it serves; its port.
    std::uint16_t port() {
        if (port_ == 0) port_ = port_after("listening on http://127.0.0.1:");
        return port_;
    }
    std::uint16_t metrics_port() { return port_after("metrics on http://127.0.0.1:"); }
    [[nodiscard]] HttpClient client() { return HttpClient(port()); }
    [[nodiscard]] const Output& output() const noexcept { return *output_; }
    [[nodiscard]] pid_t pid() const noexcept { return pid_; }
    void kill(int signal) const {
        if (pid_ > 0) ::kill(pid_, signal);
    }
    /// Its exit code, or 128 + the signal that ended it. Blocks.
    int wait() {
        int status = 0;
        while (::waitpid(std::exchange(pid_, -1), &status, 0) < 0 && errno == EINTR) {}
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }

private:
    std::uint16_t port_after(const std::string& words) {
        // The line is whole when its newline is there; more lines follow it in one write.
        if (!output_->wait_for(words)) throw std::runtime_error("smg does not serve: " + output_->text());
        const auto text = output_->text();
        return static_cast<std::uint16_t>(std::stoi(text.substr(text.find(words) + words.size(), 5)));
    }

    pid_t pid_ = -1;
    pid_t group_ = -1;
    std::uint16_t port_ = 0;
    std::unique_ptr<Output> output_;
};

}  // namespace smg::test
