#pragma once
/// The control plane's view of a request and its answer: plain data, whoever serves it.
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.hpp"
#include "http/fields.hpp"
#include "net/asio.hpp"
#include "net/cancellation.hpp"
#include "net/event_loop.hpp"

namespace smg::admin {

/// A request, read whole. It is handled on its loop's thread.
struct Request {
    Request(net::EventLoop& event_loop, net::Cancellation& leaving) : loop(event_loop), cancellation(leaving) {}
    std::string method;
    std::string path;   ///< decoded, without the query
    std::string query;  ///< as sent, without `?`
    http::Fields fields;
    std::string body;
    net::asio::ip::address peer;  ///< whoever is connected to us
    net::EventLoop& loop;
    net::Cancellation& cancellation;  ///< requested when the client leaves
};

struct Response {
    explicit Response(int answer_status, http::Fields answer_fields = {}, std::string answer_body = {})
        : status(answer_status), fields(std::move(answer_fields)), body(std::move(answer_body)) {}
    int status;
    http::Fields fields;  ///< without framing
    std::string body;
};

[[nodiscard]] Response json_response(int status, const nlohmann::json& body);
[[nodiscard]] Response text_response(int status, std::string body);
/// `{"error": message, "code": code}`.
[[nodiscard]] Response error_response(int status, std::string_view code, const std::string& message);
/// `BAD_REQUEST`, naming the field whose fault it is.
[[nodiscard]] Response bad_request(const Error& error);
/// 405 with the methods that are.
[[nodiscard]] Response method_not_allowed(const std::string& method, std::string allowed);

}  // namespace smg::admin
