#include "admin/request.hpp"

#include <nlohmann/json.hpp>

namespace smg::admin {

Response json_response(int status, const nlohmann::json& body) {
    http::Fields fields;
    fields.add("content-type", "application/json");
    // An upstream's words may hold anything: bytes that are no UTF-8 are replaced, not thrown about.
    return Response(status, std::move(fields), body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

Response text_response(int status, std::string body) {
    http::Fields fields;
    fields.add("content-type", "text/plain; charset=utf-8");
    return Response(status, std::move(fields), std::move(body));
}

Response error_response(int status, std::string_view code, const std::string& message) {
    const nlohmann::json body = {{"error", message}, {"code", code}};
    return json_response(status, body);
}

Response bad_request(const Error& error) {
    const bool named = error.param.empty() || error.message.find(error.param) != std::string::npos;
    return error_response(400, "BAD_REQUEST", named ? error.message : error.param + ": " + error.message);
}

Response method_not_allowed(const std::string& method, std::string allowed) {
    auto response = error_response(405, "METHOD_NOT_ALLOWED", "method " + method.substr(0, 32) + " is not allowed here; allowed: " + allowed);
    response.fields.set("allow", std::move(allowed));
    return response;
}

}  // namespace smg::admin
