#include "fleet/store_file.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <filesystem>

namespace smg::fleet {
namespace {

constexpr int application_id = 0x736d6731;  // "smg1": `file` and we know whose database this is
constexpr std::int64_t schema_version = 1;
constexpr const char* check_text = "this file is sealed";

std::string reason() { return std::strerror(errno); }

/// The directory's entry of a new file is on the disk only when the directory is.
void sync_directory_of(const std::string& path) {
    auto directory = std::filesystem::path(path).parent_path();
    if (directory.empty()) directory = ".";
    const int handle = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (handle < 0) return;
    ::fsync(handle);
    ::close(handle);
}

/// There afterwards, and for its owner alone. A file that exists is not opened here: closing it would drop the locks that this process holds.
Result<void> make_private(const std::string& path) {
    const int made = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (made >= 0) {
        ::close(made);
        sync_directory_of(path);
        return {};
    }
    struct stat found {};
    if (errno != EEXIST || ::stat(path.c_str(), &found) != 0)
        return fail(Failure::invalid_request, "--state: " + path + " cannot be made: " + reason());
    if (!S_ISREG(found.st_mode)) return fail(Failure::invalid_request, "--state: " + path + " is not a regular file");
    if ((found.st_mode & 0177U) != 0 && ::chmod(path.c_str(), 0600) != 0)
        return fail(Failure::invalid_request, "--state: " + path + " cannot be made private (mode 0600): " + reason());
    return {};
}

}  // namespace

/// A prepared statement, finalised at the end.
class StoreFile::Statement {
public:
    Statement(sqlite3* database, const char* sql) { sqlite3_prepare_v2(database, sql, -1, &handle_, nullptr); }
    ~Statement() { sqlite3_finalize(handle_); }
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    Statement& text(int place, std::string_view value) {
        sqlite3_bind_text(handle_, place, value.data(), static_cast<int>(value.size()), SQLITE_TRANSIENT);
        return *this;
    }
    Statement& blob(int place, std::string_view value) {
        sqlite3_bind_blob(handle_, place, value.data(), static_cast<int>(value.size()), SQLITE_TRANSIENT);
        return *this;
    }
    Statement& number(int place, std::int64_t value) {
        sqlite3_bind_int64(handle_, place, value);
        return *this;
    }
    /// SQLITE_ROW, SQLITE_DONE or an error.
    int step() { return handle_ == nullptr ? SQLITE_ERROR : sqlite3_step(handle_); }
    [[nodiscard]] std::string column(int index) const {
        const auto* bytes = static_cast<const char*>(sqlite3_column_blob(handle_, index));
        const auto size = sqlite3_column_bytes(handle_, index);
        return bytes == nullptr ? std::string() : std::string(bytes, static_cast<std::size_t>(size));
    }
    [[nodiscard]] std::int64_t integer(int index) const { return sqlite3_column_int64(handle_, index); }

private:
    sqlite3_stmt* handle_ = nullptr;
};

StoreFile::~StoreFile() { sqlite3_close(database_); }

tl::unexpected<Error> StoreFile::failed(const std::string& what) const {
    const int code = sqlite3_errcode(database_);
    if (code == SQLITE_BUSY || code == SQLITE_LOCKED) return fail(Failure::invalid_request, "--state: " + path_ + " is in use by another process");
    if (code == SQLITE_NOTADB) return fail(Failure::invalid_request, "--state: " + path_ + " is no store of smg");
    return fail(Failure::internal_error, "--state: " + path_ + " " + what + ": " + sqlite3_errmsg(database_));
}

Result<void> StoreFile::execute(const char* sql) {
    if (sqlite3_exec(database_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) return failed("cannot be used");
    return {};
}

Result<std::unique_ptr<StoreFile>> StoreFile::open(const std::string& path, const Secret& key) {
    if (auto made = make_private(path); !made) return tl::unexpected(made.error());
    std::unique_ptr<StoreFile> file(new StoreFile(path));
    if (auto connected = file->connect(); !connected) return tl::unexpected(connected.error());
    if (auto prepared = file->prepare_schema(); !prepared) return tl::unexpected(prepared.error());
    if (auto prepared = file->prepare_seal(key); !prepared) return tl::unexpected(prepared.error());
    return file;
}

Result<void> StoreFile::connect() {
    constexpr int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
    if (sqlite3_open_v2(path_.c_str(), &database_, flags, nullptr) != SQLITE_OK) return failed("cannot be opened");
    // The lock is taken by the first access and kept. The write-ahead log, under `FULL`, is one fsync a transaction. Bytes of a deleted key
    // are overwritten.
    return execute(
        "PRAGMA locking_mode=EXCLUSIVE; PRAGMA trusted_schema=OFF; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;"
        "BEGIN EXCLUSIVE; COMMIT;");
}

Result<void> StoreFile::prepare_schema() {
    std::int64_t version = 0, owner = 0;
    {
        Statement asked(database_, "SELECT user_version, application_id FROM pragma_user_version, pragma_application_id");
        if (asked.step() != SQLITE_ROW) return failed("cannot be read");
        version = asked.integer(0);
        owner = asked.integer(1);
    }
    if (version == 0 && owner == 0) {
        Statement tables(database_, "SELECT count(*) FROM sqlite_master");
        if (tables.step() != SQLITE_ROW) return failed("cannot be read");
        if (tables.integer(0) != 0) return fail(Failure::invalid_request, "--state: " + path_ + " is no store of smg");
    } else if (owner != application_id) {
        return fail(Failure::invalid_request, "--state: " + path_ + " is no store of smg");
    } else if (version > schema_version) {
        return fail(Failure::invalid_request, "--state: " + path_ + " was written by a newer smg (its version is " + std::to_string(version) +
                                                  ", this one knows " + std::to_string(schema_version) + ")");
    } else {
        Statement check(database_, "PRAGMA quick_check(1)");
        if (check.step() != SQLITE_ROW || check.column(0) != "ok") return fail(Failure::internal_error, "--state: " + path_ + " is damaged");
        return {};
    }
    const auto begin =
        "BEGIN; CREATE TABLE meta(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;"
        "CREATE TABLE workers(position INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, sealed INTEGER NOT NULL,"
        " spec BLOB NOT NULL, changed_at INTEGER NOT NULL);"
        "PRAGMA application_id=" +
        std::to_string(application_id) + "; PRAGMA user_version=" + std::to_string(schema_version) + "; COMMIT;";
    return execute(begin.c_str());
}

Result<std::optional<std::string>> StoreFile::meta(const char* name) const {
    Statement asked(database_, "SELECT value FROM meta WHERE name = ?");
    const int code = asked.text(1, name).step();
    if (code == SQLITE_ROW) return std::optional<std::string>(asked.column(0));
    if (code == SQLITE_DONE) return std::optional<std::string>();
    return failed("cannot be read");
}

Result<void> StoreFile::set_meta(const char* name, std::string_view value) {
    Statement put(database_, "INSERT INTO meta(name, value) VALUES(?, ?) ON CONFLICT(name) DO UPDATE SET value = excluded.value");
    if (put.text(1, name).blob(2, value).step() != SQLITE_DONE) return failed("cannot be written");
    return {};
}

Result<void> StoreFile::prepare_seal(const Secret& key) {
    const auto salt = meta("salt");
    if (!salt) return tl::unexpected(salt.error());
    if (!*salt && key.empty()) return {};
    if (*salt && key.empty()) return fail(Failure::invalid_request, "--state: " + path_ + " is sealed: set SMG_STATE_KEY");
    const auto used = salt->value_or(Seal::random_salt());
    auto seal = Seal::from_passphrase(key, used);
    if (!seal) return tl::unexpected(seal.error());
    seal_ = *seal;
    if (!*salt) {
        if (auto begun = execute("BEGIN"); !begun) return begun;
        auto done = set_meta("salt", used);
        if (done) done = set_meta("check", seal_->close(check_text, "check"));
        if (done) done = seal_plain_rows();
        if (auto ended = execute(done ? "COMMIT" : "ROLLBACK"); !ended) return ended;
        // What was plain is in no free page and in no log any more.
        return done ? execute("VACUUM; PRAGMA wal_checkpoint(TRUNCATE);") : done;
    }
    const auto check = meta("check");
    if (!check) return tl::unexpected(check.error());
    if (!*check || seal_->open(**check, "check") != check_text)
        return fail(Failure::invalid_request, "--state: SMG_STATE_KEY is not the key that " + path_ + " was sealed with");
    return {};
}

Result<void> StoreFile::seal_plain_rows() {
    std::vector<StoreChange> plain;
    {
        Statement rows(database_, "SELECT id, spec FROM workers WHERE sealed = 0");
        int code = rows.step();
        for (; code == SQLITE_ROW; code = rows.step()) plain.push_back({rows.column(0), rows.column(1)});
        if (code != SQLITE_DONE) return failed("cannot be read");
    }
    return write_rows(plain);
}

Result<std::vector<StoredWorker>> StoreFile::read() const {
    std::vector<StoredWorker> all;
    Statement rows(database_, "SELECT id, sealed, spec FROM workers ORDER BY position");
    int code = rows.step();
    for (; code == SQLITE_ROW; code = rows.step()) {
        StoredWorker worker{rows.column(0), rows.column(2)};
        if (rows.integer(1) != 0) {
            auto spec = seal_ ? seal_->open(worker.spec, worker.id) : std::nullopt;
            if (!spec) return fail(Failure::internal_error, "--state: " + path_ + " is damaged: the worker " + worker.id + " cannot be unsealed");
            worker.spec = std::move(*spec);
        }
        all.push_back(std::move(worker));
    }
    if (code != SQLITE_DONE) return failed("cannot be read");
    return all;
}

Result<void> StoreFile::write_rows(const std::vector<StoreChange>& changes) {
    for (const auto& [id, spec] : changes) {
        if (!spec) {
            Statement gone(database_, "DELETE FROM workers WHERE id = ?");
            if (gone.text(1, id).step() != SQLITE_DONE) return failed("cannot be written");
            continue;
        }
        Statement put(database_,
                      "INSERT INTO workers(id, sealed, spec, changed_at) VALUES(?, ?, ?, ?)"
                      " ON CONFLICT(id) DO UPDATE SET sealed = excluded.sealed, spec = excluded.spec, changed_at = excluded.changed_at");
        put.text(1, id).number(2, seal_ ? 1 : 0).blob(3, seal_ ? seal_->close(*spec, id) : *spec).number(4, std::time(nullptr));
        if (put.step() != SQLITE_DONE) return failed("cannot be written");
    }
    return {};
}

Result<void> StoreFile::write(const std::vector<StoreChange>& changes) {
    if (auto begun = execute("BEGIN IMMEDIATE"); !begun) return begun;
    auto written = write_rows(changes);
    if (written) written = execute("COMMIT");
    if (!written) sqlite3_exec(database_, "ROLLBACK", nullptr, nullptr, nullptr);
    return written;
}

}  // namespace smg::fleet
