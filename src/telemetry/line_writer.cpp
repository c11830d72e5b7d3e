#include "telemetry/line_writer.hpp"

#include <utility>

namespace smg::telemetry {
namespace {

/// Lines are gathered this long, so that a busy gateway writes twenty times a second and not once a request.
constexpr auto gather = std::chrono::milliseconds(50);
constexpr std::size_t large_batch = 64 * 1024;

}  // namespace

LineWriter::LineWriter(Write write, std::chrono::milliseconds patience)
    : shared_(std::make_shared<Shared>(std::move(write))), patience_(patience), thread_([shared = shared_] { run(*shared); }) {}

LineWriter::~LineWriter() {
    std::unique_lock lock(shared_->mutex);
    shared_->stopping = true;
    shared_->work.notify_one();
    const bool ended = shared_->written.wait_for(lock, patience_, [this] { return shared_->ended; });
    lock.unlock();
    if (ended)
        thread_.join();
    else
        thread_.detach();
}

bool LineWriter::add(std::string_view line) {
    auto& shared = *shared_;
    bool wake = false;
    {
        const std::lock_guard lock(shared.mutex);
        if (shared.held.size() + line.size() >= most_held) {
            ++shared.dropped;
            return false;
        }
        const auto before = shared.held.size();
        if (before == 0) ++shared.added;
        shared.held.append(line).push_back('\n');
        wake = before == 0 || (before < large_batch && shared.held.size() >= large_batch);
    }
    if (wake) shared.work.notify_one();
    return true;
}

bool LineWriter::flush(std::chrono::milliseconds limit) {
    std::unique_lock lock(shared_->mutex);
    const auto wanted = shared_->added;
    shared_->hurry = true;
    shared_->work.notify_one();
    return shared_->written.wait_for(lock, limit, [&] { return shared_->finished >= wanted; });
}

void LineWriter::run(Shared& shared) {
    std::string batch;
    std::unique_lock lock(shared.mutex);
    while (true) {
        shared.work.wait(lock, [&shared] { return !shared.held.empty() || shared.stopping; });
        if (shared.held.empty()) break;
        shared.work.wait_for(lock, gather, [&shared] { return shared.held.size() >= large_batch || shared.hurry || shared.stopping; });
        shared.hurry = false;
        batch.swap(shared.held);
        const auto dropped = std::exchange(shared.dropped, 0);
        lock.unlock();
        shared.write(batch, dropped);
        batch.clear();
        lock.lock();
        ++shared.finished;
        shared.written.notify_all();
    }
    shared.ended = true;
    shared.written.notify_all();
}

}  // namespace smg::telemetry
