#include "base/temporary_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace smg {
namespace {

auto failed(const char* what) {
    return fail(Failure::service_unavailable, std::string("a temporary file could not be ") + what + ": " + std::strerror(errno));
}

}  // namespace

Result<TemporaryFile> TemporaryFile::create() {
    const char* const chosen = std::getenv("TMPDIR");
    const std::string folder = chosen != nullptr && *chosen != '\0' ? chosen : "/tmp";
    int descriptor = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (descriptor < 0) {  // some file systems have no files without a name
        auto name = folder + "/smg-XXXXXX";
        descriptor = ::mkostemp(name.data(), O_CLOEXEC);
        if (descriptor >= 0) ::unlink(name.c_str());
    }
    if (descriptor < 0) return failed("made");
    return TemporaryFile(descriptor);
}

TemporaryFile::TemporaryFile(TemporaryFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), size_(std::exchange(other.size_, 0)), mapping_(std::exchange(other.mapping_, nullptr)) {}

TemporaryFile& TemporaryFile::operator=(TemporaryFile&& other) noexcept {
    if (this == &other) return *this;
    release();
    descriptor_ = std::exchange(other.descriptor_, -1);
    size_ = std::exchange(other.size_, 0);
    mapping_ = std::exchange(other.mapping_, nullptr);
    return *this;
}

TemporaryFile::~TemporaryFile() { release(); }

void TemporaryFile::release() noexcept {
    if (mapping_ != nullptr) ::munmap(mapping_, size_);
    if (descriptor_ >= 0) ::close(descriptor_);
}

Result<void> TemporaryFile::append(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto written = ::write(descriptor_, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return failed("written");
        bytes.remove_prefix(static_cast<std::size_t>(written));
        size_ += static_cast<std::size_t>(written);
    }
    return {};
}

Result<std::string_view> TemporaryFile::view() {
    if (size_ == 0) return std::string_view();
    if (mapping_ == nullptr) {
        void* const mapping = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, descriptor_, 0);
        if (mapping == MAP_FAILED) return failed("read");
        mapping_ = mapping;
    }
    return std::string_view(static_cast<const char*>(mapping_), size_);
}

}  // namespace smg
