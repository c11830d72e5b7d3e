#pragma once
/// The file behind `--state`: an SQLite database of workers' specs. Blocking; for one thread at a time.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "fleet/seal.hpp"

struct sqlite3;

namespace smg::fleet {

struct StoredWorker {
    std::string id;
    std::string spec;  ///< `workers::spec_to_json_with_secrets`, as text: never log it
};

/// What is to become of one worker's row.
struct StoreChange {
    std::string id;
    std::optional<std::string> spec;  ///< nothing: the row goes
};

class StoreFile {
public:
    /// Makes the file (mode 0600) when it is not there, and locks it against every other process until this object ends. With a `key` each
    /// row is sealed; rows that were stored plain before are sealed now, and their old bytes wiped. Errors are one line that names the file:
    /// in use by another process, sealed and no key given, another key, written by a newer version, damaged, not to be opened.
    [[nodiscard]] static Result<std::unique_ptr<StoreFile>> open(const std::string& path, const Secret& key);
    ~StoreFile();
    StoreFile(const StoreFile&) = delete;
    StoreFile& operator=(const StoreFile&) = delete;

    /// All of them, in the order in which they were first stored.
    [[nodiscard]] Result<std::vector<StoredWorker>> read() const;
    /// All of it or nothing; on the disk (fsync) when it returns.
    [[nodiscard]] Result<void> write(const std::vector<StoreChange>& changes);
    [[nodiscard]] bool sealed() const noexcept { return seal_.has_value(); }

private:
    class Statement;
    explicit StoreFile(std::string path) : path_(std::move(path)) {}
    [[nodiscard]] Result<void> connect();
    [[nodiscard]] Result<void> prepare_schema();
    [[nodiscard]] Result<void> prepare_seal(const Secret& key);
    [[nodiscard]] Result<void> seal_plain_rows();
    [[nodiscard]] Result<void> write_rows(const std::vector<StoreChange>& changes);
    [[nodiscard]] Result<void> execute(const char* sql);
    [[nodiscard]] Result<std::optional<std::string>> meta(const char* name) const;
    [[nodiscard]] Result<void> set_meta(const char* name, std::string_view value);
    [[nodiscard]] tl::unexpected<Error> failed(const std::string& what) const;

    std::string path_;
    sqlite3* database_ = nullptr;
    std::optional<Seal> seal_;
};

}  // namespace smg::fleet
