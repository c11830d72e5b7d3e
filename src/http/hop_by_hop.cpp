#include "http/hop_by_hop.hpp"

#include <string>

#include "base/ascii.hpp"

namespace smg::http {
namespace {

bool lists(std::string_view list, std::string_view name) noexcept {
    while (!list.empty()) {
        const auto comma = list.find(',');
        if (iequals(trim(list.substr(0, comma)), name)) return true;
        list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
    }
    return false;
}

}  // namespace

bool is_hop_by_hop(std::string_view name) noexcept {
    for (const std::string_view each : {"connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "http2-settings"})
        if (iequals(name, each)) return true;
    return istarts_with(name, "proxy-");
}

void strip_hop_by_hop(Fields& fields) {
    std::string named;
    for (const auto& field : fields)
        if (iequals(field.name, "connection")) named.append(",").append(field.value);
    fields.erase_if([&](const Field& field) { return is_hop_by_hop(field.name) || lists(named, field.name); });
}

}  // namespace smg::http
