#include "telemetry/open_requests.hpp"

namespace smg::telemetry {

OpenRequests::Entry::Entry(OpenRequests* list, const RequestRecord& record, const std::uint64_t& bytes_in, const std::uint64_t& bytes_out) noexcept
    : list_(list), record_(record), bytes_in_(bytes_in), bytes_out_(bytes_out) {
    if (list_ == nullptr) return;
    previous_ = list_->last_;
    (previous_ != nullptr ? previous_->next_ : list_->first_) = this;
    list_->last_ = this;
    ++list_->size_;
}

OpenRequests::Entry::~Entry() {
    if (list_ == nullptr) return;
    (previous_ != nullptr ? previous_->next_ : list_->first_) = next_;
    (next_ != nullptr ? next_->previous_ : list_->last_) = previous_;
    --list_->size_;
}

void OpenRequests::look(OpenRequestsView& view, std::size_t limit, RequestRecord::Moment now) const {
    view.count += size_;
    for (const auto* entry = first_; entry != nullptr && limit > 0; entry = entry->next_, --limit) {
        const auto& record = entry->record_;
        OpenRequest open;
        open.request_id = record.request_id;
        open.client = record.client;
        open.method = record.method;
        open.path = record.path;
        open.tenant = record.tenant;
        open.model = record.model;
        open.provider = record.provider;
        open.worker = record.worker;
        open.phase = record.phase();
        open.streaming = record.streaming;
        open.attempts = record.attempts;
        open.age = now - record.started;
        open.bytes_in = entry->bytes_in_;
        open.bytes_out = entry->bytes_out_;
        view.requests.push_back(std::move(open));
    }
}

}  // namespace smg::telemetry
