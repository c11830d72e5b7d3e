#pragma once
/// One request over TLS, for listeners that speak it.
#include <boost/asio/connect.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <string>

#include "net/asio.hpp"

namespace smg::test {

struct TlsAnswer {
    net::error_code handshake;
    std::string text;  ///< all that came until the server closed
};

/// Trusts what `ca_path` holds and checks that the certificate names `host`. `request` should ask for `connection: close`.
inline TlsAnswer ask_over_tls(std::uint16_t port, const std::string& ca_path, const std::string& host, const std::string& request) {
    namespace asio = net::asio;
    TlsAnswer answer;
    asio::io_context context(1);
    asio::ssl::context tls(asio::ssl::context::tls_client);
    tls.set_verify_mode(asio::ssl::verify_peer);
    tls.load_verify_file(ca_path);
    asio::ssl::stream<net::tcp::socket> stream(context, tls);
    stream.set_verify_callback(asio::ssl::host_name_verification(host));
    stream.lowest_layer().connect({asio::ip::address_v4::loopback(), port});
    stream.handshake(asio::ssl::stream_base::client, answer.handshake);
    if (answer.handshake) return answer;
    asio::write(stream, asio::buffer(request));
    net::error_code ended;
    asio::read(stream, asio::dynamic_buffer(answer.text), ended);
    return answer;
}

}  // namespace smg::test
