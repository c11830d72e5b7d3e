#include "server/shown_secrets.hpp"

#include "base/ascii.hpp"
#include "http/target.hpp"

namespace smg::server {

std::vector<std::string> shown_secrets(const gateway::ClientRequest& request) {
    std::vector<std::string> secrets;
    for (const auto& field : request.head.fields) {
        std::string_view value = trim(field.value);
        if (iequals(field.name, "authorization") || iequals(field.name, "proxy-authorization")) {
            const auto blank = value.find(' ');
            if (blank != std::string_view::npos) value = trim(value.substr(blank + 1));
        } else if (!iequals(field.name, "x-api-key") && !iequals(field.name, "x-goog-api-key") && !iequals(field.name, "x-smg-api-key")) {
            continue;
        }
        if (!value.empty()) secrets.emplace_back(value);
    }
    if (auto key = http::query_parameter(request.query, "key")) secrets.push_back(std::move(*key));
    return secrets;
}

}  // namespace smg::server
