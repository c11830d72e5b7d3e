#pragma once
/// Calls of the pure function that a simulated provider is.
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "simulator/simulated_provider.hpp"

namespace smg::simulator {

using OrderedJson = nlohmann::ordered_json;

struct Called {
    int status = 0;
    OrderedJson body;  ///< null when it is no JSON
    SimulatedReply reply;
};

inline http::Fields fields_of(const std::vector<std::pair<std::string, std::string>>& list) {
    http::Fields fields;
    for (const auto& [name, value] : list) fields.add(name, value);
    return fields;
}

inline Called call(SimulatedProvider& provider, const std::string& method, const std::string& target, const http::Fields& fields,
                   const std::string& body = {}) {
    Called called;
    called.reply = provider.reply(SimulatedRequest(method, target, fields, body));
    called.status = called.reply.status;
    auto parsed = OrderedJson::parse(called.reply.content(), nullptr, false);
    if (!parsed.is_discarded()) called.body = std::move(parsed);
    return called;
}

}  // namespace smg::simulator
