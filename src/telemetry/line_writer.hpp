#pragma once
/// Lines to a sink, from a thread of its own: an event loop never waits for a disk or a full pipe.
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace smg::telemetry {

class LineWriter {
public:
    /// Gets whole lines, each with its newline, and how many lines were dropped since its last call. On the writer's thread.
    using Write = std::function<void(std::string_view lines, std::uint64_t dropped)>;

    /// `patience`: how long its end waits for a destination that takes nothing.
    explicit LineWriter(Write write, std::chrono::milliseconds patience = std::chrono::seconds(5));
    /// Writes what is held, then ends the thread. One whose write does not return is left behind: a process can end while a pipe is full.
    ~LineWriter();
    LineWriter(const LineWriter&) = delete;
    LineWriter& operator=(const LineWriter&) = delete;

    /// `line` without its newline. Thread-safe; never waits for the sink. A line beyond `most_held` bytes that wait already is dropped and told
    /// of later: false.
    bool add(std::string_view line);
    /// Returns once everything added before has been written; false when the limit came first.
    bool flush(std::chrono::milliseconds limit = std::chrono::minutes(1));

    static constexpr std::size_t most_held = 8 * 1024 * 1024;

private:
    /// Shared with the thread, which may have to outlive the writer.
    struct Shared {
        explicit Shared(Write its_write) : write(std::move(its_write)) {}
        const Write write;
        std::mutex mutex;
        std::condition_variable work;
        std::condition_variable written;
        std::string held;
        std::uint64_t added = 0;     ///< batches that `add` began
        std::uint64_t finished = 0;  ///< batches written
        std::uint64_t dropped = 0;   ///< not yet told
        bool hurry = false;
        bool stopping = false;
        bool ended = false;  ///< the thread touches nothing any more
    };
    static void run(Shared& shared);

    const std::shared_ptr<Shared> shared_;
    const std::chrono::milliseconds patience_;
    std::thread thread_;
};

}  // namespace smg::telemetry
