#pragma once
/// The requests that are open on one loop, so that somebody may ask. Being in the list costs a request six pointers written.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "telemetry/request_ages.hpp"
#include "telemetry/request_record.hpp"

namespace smg::telemetry {

/// One of them, as it was when it was looked at.
struct OpenRequest {
    std::string request_id, client, method, path, tenant, model, provider, worker, phase;
    bool streaming = false;
    int attempts = 0;
    std::chrono::nanoseconds age{0};
    std::uint64_t bytes_in = 0;
    std::uint64_t bytes_out = 0;
};

struct OpenRequestsView {
    std::size_t count = 0;              ///< how many there are
    std::vector<OpenRequest> requests;  ///< of them the oldest

    void add(OpenRequestsView others);
};

/// Belongs to one loop and is touched on its thread alone.
class OpenRequests {
public:
    OpenRequests() = default;
    OpenRequests(const OpenRequests&) = delete;
    OpenRequests& operator=(const OpenRequests&) = delete;

    /// In the list as long as it lives; what it refers to lives longer. `list` null: in none.
    class Entry {
    public:
        Entry(OpenRequests* list, const RequestRecord& record, const std::uint64_t& bytes_in, const std::uint64_t& bytes_out) noexcept;
        ~Entry();
        Entry(const Entry&) = delete;
        Entry& operator=(const Entry&) = delete;

    private:
        friend class OpenRequests;
        OpenRequests* list_;
        Entry* previous_ = nullptr;
        Entry* next_ = nullptr;
        const RequestRecord& record_;
        const std::uint64_t& bytes_in_;
        const std::uint64_t& bytes_out_;
    };

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    /// Adds at most `limit` of them to `view`, the oldest first, and all of them to its count.
    void look(OpenRequestsView& view, std::size_t limit, RequestRecord::Moment now) const;
    /// Adds the age of each of them, counted from when its head had been read.
    void count_ages(RequestAges& ages, RequestRecord::Moment now) const noexcept;

private:
    Entry* first_ = nullptr;
    Entry* last_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace smg::telemetry
