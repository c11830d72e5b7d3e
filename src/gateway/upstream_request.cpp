#include "gateway/upstream_request.hpp"

#include "http/writer.hpp"

namespace smg::gateway {

std::string head_text(const upstream::Peer& peer, const UpstreamRequest& request) {
    std::string text;
    text.reserve(1024);
    if (!http::append_request_line(text, request.method, request.target)) return {};
    http::append_field(text, "host", peer.authority());
    http::append_fields(text, request.fields);
    // RFC 9110 section 8.6: methods that give a body a meaning say its length even when it is nothing.
    if (!request.body.empty() || request.method == "POST" || request.method == "PUT" || request.method == "PATCH")
        http::append_field(text, "content-length", std::to_string(request.body.size()));
    text += "\r\n";
    return text;
}

}  // namespace smg::gateway
