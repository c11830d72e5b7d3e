#include "telemetry/server_timing.hpp"

#include <algorithm>
#include <charconv>

namespace smg::telemetry {

void ServerTiming::add(std::string_view name, RequestRecord::Moment from, RequestRecord::Moment to) noexcept {
    if (!RequestRecord::passed(from) || !RequestRecord::passed(to) || to < from) return;
    const auto microseconds = static_cast<std::uint64_t>((to - from).count()) / 1000;
    auto* at = text_.data() + size_;
    const auto put = [&at](std::string_view text) { at = std::copy(text.begin(), text.end(), at); };
    if (size_ > 0) put(", ");
    put(name);
    put(";dur=");
    at = std::to_chars(at, text_.data() + text_.size(), microseconds / 1000).ptr;
    const auto rest = static_cast<unsigned>(microseconds % 1000);
    *at++ = '.';
    *at++ = static_cast<char>('0' + rest / 100);
    *at++ = static_cast<char>('0' + rest / 10 % 10);
    *at++ = static_cast<char>('0' + rest % 10);
    size_ = static_cast<std::size_t>(at - text_.data());
}

ServerTiming::ServerTiming(const RequestRecord& record) noexcept {
    add("accept", record.accepted, record.started);
    add("read", record.started, record.body_read);
    add("queue", record.body_read, record.admitted);
    add("select", RequestRecord::passed(record.admitted) ? record.admitted : record.body_read, record.routed);
    add("connect", record.routed, record.connected);
    add("ttft", record.started, RequestRecord::passed(record.first_output) ? record.first_output : record.first_byte);
}

}  // namespace smg::telemetry
