#pragma once
/// What may stand in a label. A label's values must be few and valid UTF-8, whatever a client sends.
#include <cstddef>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "telemetry/request_record.hpp"

namespace smg::telemetry {

inline constexpr std::string_view other = "other";

/// Printable UTF-8 of at most 128 bytes: anything else is replaced by `?` or cut.
[[nodiscard]] std::string label_text(std::string_view text);

/// The method if HTTP knows it, else `other`.
[[nodiscard]] std::string_view method_label(std::string_view method) noexcept;

/// An error code of the gateway's own table, or nothing; `other` for any other, which a provider may have invented.
[[nodiscard]] std::string_view error_code_label(std::string_view code) noexcept;

/// `error_type` of smg_router_request_errors_total; empty: not an error.
[[nodiscard]] std::string_view error_type(const RequestRecord& request) noexcept;

/// The models that have a label of their own: the first `most` that are asked for. Thread-safe.
class ModelLabels {
public:
    explicit ModelLabels(std::size_t most) : most_(most) {}
    /// The model's label: its name, or `other` once there are too many.
    [[nodiscard]] std::string admit(std::string_view model);

private:
    const std::size_t most_;
    std::mutex mutex_;
    std::set<std::string, std::less<>> admitted_;
};

}  // namespace smg::telemetry
