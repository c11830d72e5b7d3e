#pragma once
/// Keeps the dynamic workers over a restart (contract section 9): what the registry says of a worker is on the disk before its change is
/// acknowledged.
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "fleet/store_file.hpp"
#include "net/asio.hpp"
#include "net/event_loop.hpp"
#include "workers/registry.hpp"

namespace smg::fleet {

/// A thread of its own writes; no event loop ever waits for the disk. The registry and the loops outlive it.
class Store {
public:
    /// Opens the file (see `StoreFile::open`). Blocking: before the loops start.
    [[nodiscard]] static Result<std::unique_ptr<Store>> open(std::string path, Secret key, workers::Registry& registry);
    /// As `close`.
    ~Store();
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    /// Registers what the file holds, with the ids of then. One whose URL and name a registered worker has stays out, and in the file; so does
    /// one that cannot be read: both are said in the log. Before the registry is shared.
    [[nodiscard]] Result<void> restore();

    /// Makes durable what the registry says of this worker when it is written: its spec, or that it is gone or going. Whoever changes a worker
    /// and then awaits this has that change, or a later one, on the disk. Changes that wait are written together, with one fsync.
    /// service_unavailable: the store was closed. internal_error: the disk's trouble. Any loop, the caller's own.
    [[nodiscard]] net::Awaitable<Result<void>> keep(net::EventLoop& loop, std::string id);

    /// Writes what waits and gives the file to whoever comes next; from then on `keep` fails. Any thread but the loops'.
    void close();
    /// After `close`, when nobody came: takes the file back.
    [[nodiscard]] Result<void> reopen();
    [[nodiscard]] bool is_open() const;
    /// Keys are stored sealed.
    [[nodiscard]] bool sealed() const noexcept { return !key_.empty(); }

private:
    struct Waiter;
    struct Waiting {
        std::string id;
        std::shared_ptr<Waiter> waiter;
    };

    Store(std::string path, Secret key, workers::Registry& registry) : path_(std::move(path)), key_(std::move(key)), registry_(registry) {}
    void start(std::unique_ptr<StoreFile> file);
    void run();
    [[nodiscard]] Result<void> write(const std::vector<Waiting>& batch);
    [[nodiscard]] bool enqueue(std::string id, std::shared_ptr<Waiter> waiter);

    const std::string path_;
    const Secret key_;
    workers::Registry& registry_;
    std::unique_ptr<StoreFile> file_;  ///< the thread's, while it runs
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<Waiting> queue_;
    bool open_ = false;
    std::thread thread_;
};

}  // namespace smg::fleet
