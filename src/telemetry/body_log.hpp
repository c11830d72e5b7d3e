#pragma once
/// `--log-bodies`: what was said, on lines of its own, cut and without credentials. Nothing of it runs unless it is asked for.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace smg::telemetry {

/// The beginning of a body that passes by.
class BodyCapture {
public:
    /// So much of a body is shown.
    static constexpr std::size_t most_shown = 16 * 1024;

    void add(std::string_view piece);
    /// Bytes that passed without being looked at.
    void skip(std::uint64_t bytes) noexcept { bytes_ += bytes; }
    [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }
    /// What is shown: each of `secrets`, and every known form of a key, replaced; then cut, so that no cut key is left that nobody recognises.
    [[nodiscard]] std::string shown(const std::vector<std::string>& secrets) const;

private:
    /// More is kept than is shown: keys that stand across the cut are found whole.
    static constexpr std::size_t most_kept = most_shown + 1024;

    std::string kept_;
    std::uint64_t bytes_ = 0;
};

/// Both bodies of one request. Lives as long as it does.
struct BodyLog {
    BodyCapture request;
    BodyCapture answer;
    std::vector<std::string> secrets;  ///< that the request showed, and those of its workers; cut out of both

    /// Two lines, `request body` and `answer body`, each with the request's id, its bytes and the text.
    void write(std::string_view request_id) const;
};

}  // namespace smg::telemetry
