#include "telemetry/server_timing.hpp"

#include <array>
#include <charconv>
#include <string_view>

namespace smg::telemetry {
namespace {

using Moment = RequestRecord::Moment;

void append_span(std::string& out, std::string_view name, Moment from, Moment to) {
    if (!RequestRecord::passed(from) || !RequestRecord::passed(to) || to < from) return;
    const auto microseconds = static_cast<std::uint64_t>((to - from).count()) / 1000;
    std::array<char, 24> digits{};
    if (!out.empty() && out.back() != ' ') out += ", ";
    out.append(name).append(";dur=");
    out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), microseconds / 1000).ptr);
    const auto rest = static_cast<unsigned>(microseconds % 1000);
    const std::array<char, 4> decimals{'.', static_cast<char>('0' + rest / 100), static_cast<char>('0' + rest / 10 % 10),
                                       static_cast<char>('0' + rest % 10)};
    out.append(decimals.data(), decimals.size());
}

}  // namespace

void append_server_timing(std::string& out, const RequestRecord& record) {
    append_span(out, "accept", record.accepted, record.started);
    append_span(out, "read", record.started, record.body_read);
    append_span(out, "queue", record.body_read, record.admitted);
    append_span(out, "select", RequestRecord::passed(record.admitted) ? record.admitted : record.body_read, record.routed);
    append_span(out, "connect", record.routed, record.connected);
    append_span(out, "ttft", record.started, RequestRecord::passed(record.first_output) ? record.first_output : record.first_byte);
}

}  // namespace smg::telemetry
