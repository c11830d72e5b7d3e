#pragma once
/// Takes traces as an OpenTelemetry collector would, and keeps them as they came.
#include <atomic>
#include <mutex>
#include <string>
#include <thread>

#include "support/raw_upstream.hpp"

namespace smg::test {

/// Outlives the gateway that sends to it.
class TraceCollector {
public:
    TraceCollector() : thread_([this] { serve(); }) {}
    ~TraceCollector() {
        stopping_ = true;
        thread_.join();
    }
    TraceCollector(const TraceCollector&) = delete;
    TraceCollector& operator=(const TraceCollector&) = delete;

    /// For `--otlp-traces-endpoint`.
    [[nodiscard]] std::string endpoint() const { return "127.0.0.1:" + std::to_string(upstream_.port()); }
    /// All bodies so far, a line each.
    [[nodiscard]] std::string received() const {
        const std::lock_guard lock(mutex_);
        return bodies_;
    }

private:
    void serve() {
        while (!stopping_) {
            if (!upstream_.contacted_within(std::chrono::milliseconds(20))) continue;
            auto connection = upstream_.accept();
            try {
                for (;;) {
                    const auto request = connection.read();
                    {
                        const std::lock_guard lock(mutex_);
                        bodies_ += request.body + "\n";
                    }
                    connection.send(sized_answer(200, "{}"));
                }
            } catch (const std::exception&) {  // the gateway has closed it
            }
        }
    }

    RawUpstream upstream_;
    mutable std::mutex mutex_;
    std::string bodies_;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

}  // namespace smg::test
