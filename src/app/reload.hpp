#pragma once
/// Reads the configuration anew on SIGHUP and when its file has changed, and applies it whole or not at all.
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <functional>
#include <string>

#include "app/gateway_server.hpp"
#include "smg/config.hpp"

namespace smg::app {

/// The command line, read again: the same arguments, the file and the environment's key files as they are now.
using Loader = std::function<config::Command()>;

/// On the main thread's own context. What it is given outlives it.
class Reloader {
public:
    /// `config_path`: the file to watch; empty: none, SIGHUP alone.
    Reloader(net::asio::io_context& context, GatewayServer& gateway, Loader load, std::string config_path);

    /// Around each reload: `true` before, `false` after. For systemd, which wants to be told.
    void on_reload(std::function<void(bool begins)> listener) { listener_ = std::move(listener); }
    void start();
    void stop();

private:
    void wait_for_signal();
    void watch_directory();
    void wait_for_change();
    void reload();
    void apply();

    GatewayServer& gateway_;
    Loader load_;
    const std::string config_path_;
    std::string file_text_;  ///< of the last reload: an event that changed nothing is none
    std::function<void(bool)> listener_;
    net::asio::signal_set signals_;
    net::asio::posix::stream_descriptor watched_;
    net::asio::steady_timer settle_;
    std::array<char, 4096> events_{};
};

}  // namespace smg::app
