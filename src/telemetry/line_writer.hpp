#pragma once
/// Lines to a sink, from a thread of its own: an event loop never waits for a disk or a full pipe.
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace smg::telemetry {

class LineWriter {
public:
    /// Gets whole lines, the last one without its newline, and how many lines were dropped since its last call. On the writer's thread.
    using Write = std::function<void(std::string_view lines, std::uint64_t dropped)>;

    explicit LineWriter(Write write);
    /// Writes what is held, then ends the thread.
    ~LineWriter();
    LineWriter(const LineWriter&) = delete;
    LineWriter& operator=(const LineWriter&) = delete;

    /// Thread-safe; never waits for the sink. A line beyond `most_held` bytes that wait already is dropped and told of later: false.
    bool add(std::string_view line);
    /// Returns once everything added before has been written.
    void flush();

    static constexpr std::size_t most_held = 8 * 1024 * 1024;

private:
    void run();

    const Write write_;
    std::mutex mutex_;
    std::condition_variable work_;
    std::condition_variable written_;
    std::string held_;
    std::uint64_t added_ = 0;     ///< batches that `add` began
    std::uint64_t finished_ = 0;  ///< batches written
    std::uint64_t dropped_ = 0;   ///< not yet told
    bool hurry_ = false;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace smg::telemetry
