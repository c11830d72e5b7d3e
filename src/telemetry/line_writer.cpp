#include "telemetry/line_writer.hpp"

#include <chrono>
#include <utility>

namespace smg::telemetry {
namespace {

/// Lines are gathered this long, so that a busy gateway writes twenty times a second and not once a request.
constexpr auto gather = std::chrono::milliseconds(50);
constexpr std::size_t large_batch = 64 * 1024;

}  // namespace

LineWriter::LineWriter(Write write) : write_(std::move(write)), thread_([this] { run(); }) {}

LineWriter::~LineWriter() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    work_.notify_one();
    thread_.join();
}

bool LineWriter::add(std::string_view line) {
    bool wake = false;
    {
        const std::lock_guard lock(mutex_);
        if (held_.size() + line.size() >= most_held) {
            ++dropped_;
            return false;
        }
        const auto before = held_.size();
        if (before == 0) ++added_;
        held_.append(line).push_back('\n');
        wake = before == 0 || (before < large_batch && held_.size() >= large_batch);
    }
    if (wake) work_.notify_one();
    return true;
}

void LineWriter::flush() {
    std::unique_lock lock(mutex_);
    const auto wanted = added_;
    hurry_ = true;
    work_.notify_one();
    written_.wait(lock, [&] { return finished_ >= wanted; });
}

void LineWriter::run() {
    std::string batch;
    std::unique_lock lock(mutex_);
    while (true) {
        work_.wait(lock, [this] { return !held_.empty() || stopping_; });
        if (held_.empty()) return;
        work_.wait_for(lock, gather, [this] { return held_.size() >= large_batch || hurry_ || stopping_; });
        hurry_ = false;
        batch.swap(held_);
        const auto dropped = std::exchange(dropped_, 0);
        lock.unlock();
        batch.pop_back();
        write_(batch, dropped);
        batch.clear();
        lock.lock();
        ++finished_;
        written_.notify_all();
    }
}

}  // namespace smg::telemetry
