#include "telemetry/open_requests.hpp"

#include <iterator>

namespace smg::telemetry {

void OpenRequestsView::add(OpenRequestsView others) {
    count += others.count;
    requests.insert(requests.end(), std::make_move_iterator(others.requests.begin()), std::make_move_iterator(others.requests.end()));
}

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

void OpenRequests::count_ages(RequestAges& ages, RequestRecord::Moment now) const noexcept {
    // They stand in the order in which their heads were read: behind the first young one are only young ones.
    constexpr auto young = std::chrono::seconds(RequestAges::bounds.front());
    auto left = size_;
    for (const auto* entry = first_; entry != nullptr; entry = entry->next_, --left) {
        const auto age = now - entry->record_.head_read;
        if (age <= young) break;
        ages.add(age);
    }
    ages.add(std::chrono::nanoseconds(0), left);
}

}  // namespace smg::telemetry
