#pragma once
/// A file without a name for what is too large to be kept in memory: written once, then read as memory that the kernel may take back.
#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace smg {

/// Owned by one thread at a time. Gone from the disk when it is destroyed, or when the process ends however it ends.
class TemporaryFile {
public:
    /// In `TMPDIR`, else `/tmp`, with mode 0600. Failure: service_unavailable when the file system will not have it.
    [[nodiscard]] static Result<TemporaryFile> create();
    TemporaryFile(TemporaryFile&& other) noexcept;
    TemporaryFile& operator=(TemporaryFile&& other) noexcept;
    ~TemporaryFile();

    /// Not after `view`. Failure: service_unavailable when the disk is full.
    [[nodiscard]] Result<void> append(std::string_view bytes);
    /// All of it, as long as the file lives. Failure: service_unavailable.
    [[nodiscard]] Result<std::string_view> view();
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

private:
    explicit TemporaryFile(int descriptor) noexcept : descriptor_(descriptor) {}
    void release() noexcept;

    int descriptor_ = -1;
    std::size_t size_ = 0;
    void* mapping_ = nullptr;
};

}  // namespace smg
