#include "upstream/tunnel.hpp"

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <boost/asio/write.hpp>

#include "http/message.hpp"
#include "http/writer.hpp"

namespace smg::upstream {
namespace {

namespace asio = net::asio;

std::string connect_request(const Peer& peer) {
    const auto target = (peer.host.find(':') != std::string::npos ? "[" + peer.host + "]" : peer.host) + ":" + std::to_string(peer.port);
    http::RequestHead head;
    head.method = "CONNECT";
    head.target = target;
    head.fields.add("Host", target);
    if (!peer.proxy.authorization.empty()) head.fields.add("Proxy-Authorization", peer.proxy.authorization);
    std::string text;
    http::append_request_head(text, head);
    return text + "\r\n";
}

net::Awaitable<Result<void>> ask_proxy(net::tcp::socket& socket, const Peer& peer) {
    const auto request = connect_request(peer);
    auto [write_code, written] = co_await asio::async_write(socket, asio::buffer(request), net::as_value);
    if (write_code) co_return fail(Failure::upstream_error, "the egress proxy closed: " + write_code.message());
    http::ResponseReader reader;
    reader.expect_no_body();
    std::string received;
    while (!reader.head_complete()) {
        // Byte by byte is enough here, once a connection, and it never takes what belongs to TLS.
        char byte = 0;
        auto [code, n] = co_await socket.async_read_some(asio::buffer(&byte, 1), net::as_value);
        if (code) co_return fail(Failure::upstream_error, "the egress proxy closed: " + code.message());
        received += byte;
        const auto step = reader.feed(received);
        if (!step) co_return fail(Failure::upstream_error, "the egress proxy does not speak HTTP");
        received.erase(0, step->consumed);
    }
    const auto status = reader.head().status;
    if (status < 200 || status > 299) co_return fail(Failure::upstream_error, "the egress proxy refused with status " + std::to_string(status));
    co_return Result<void>();
}

Error handshake_error(net::TlsSocket& socket, const net::error_code& code, const Peer& peer) {
    const auto verified = SSL_get_verify_result(socket.native_handle());
    if (verified != X509_V_OK)
        return Error(Failure::upstream_error, "the certificate of '" + peer.host + "' does not verify: " + X509_verify_cert_error_string(verified));
    return Error(Failure::upstream_error, "TLS handshake with '" + peer.host + "' failed: " + code.message());
}

}  // namespace

net::Awaitable<Result<std::shared_ptr<net::ByteStream>>> secure(net::EventLoop& loop, net::tcp::socket socket, const Peer& peer,
                                                                net::TlsClientContext& tls, net::Duration timeout,
                                                                net::Cancellation& cancellation) {
    auto wrapped = peer.tls ? tls.wrap(std::move(socket), peer.host, peer.key()) : nullptr;
    auto* transport = wrapped ? &wrapped->next_layer() : &socket;
    bool timed_out = false;
    const auto close = [transport] {
        net::error_code ignored;
        transport->close(ignored);
    };
    net::Deadline deadline(loop.deadlines(), [&timed_out, close] {
        timed_out = true;
        close();
    });
    deadline.set_after(timeout);
    const net::Cancellation::Hook hook(cancellation, close);

    if (!peer.proxy.empty()) {
        auto tunnelled = co_await ask_proxy(*transport, peer);
        if (timed_out) co_return fail(Failure::upstream_timeout, "the egress proxy took too long");
        if (!tunnelled) co_return tl::unexpected(tunnelled.error());
    }
    if (!wrapped) co_return std::make_shared<net::ByteStream>(loop, std::move(socket));
    auto [code] = co_await wrapped->async_handshake(asio::ssl::stream_base::client, net::as_value);
    if (timed_out) co_return fail(Failure::upstream_timeout, "the TLS handshake with the upstream took too long");
    if (code) co_return tl::unexpected(handshake_error(*wrapped, code, peer));
    co_return std::make_shared<net::ByteStream>(loop, std::move(wrapped));
}

}  // namespace smg::upstream
