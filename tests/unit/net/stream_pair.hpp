#pragma once
/// Two ends of one connection over real loopback sockets, plain or TLS, both on the test's loop; and coroutines that use them.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "net/byte_stream.hpp"
#include "net/tls.hpp"
#include "support/certificates.hpp"
#include "support/loop_runner.hpp"

namespace smg::net {

/// A server context for `localhost`, and a client context that trusts it.
struct TlsPair {
    TlsPair() {
        const auto authority = test::Certificate::authority("Test CA");
        authority.write_to(directory.file("ca.pem"));
        authority.issue("localhost", "DNS:localhost,IP:127.0.0.1").write_to(directory.file("cert.pem"), directory.file("key.pem"));
        server = make_tls_server_context(directory.file("cert.pem"), directory.file("key.pem"), "").value();
        client = TlsClientContext::create(directory.file("ca.pem")).value();
    }
    test::TemporaryDirectory directory;
    std::shared_ptr<asio::ssl::context> server;
    std::shared_ptr<TlsClientContext> client;
};

inline std::pair<tcp::socket, tcp::socket> connected_sockets(EventLoop& loop) {
    tcp::acceptor acceptor(loop.context(), tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    tcp::socket client(loop.context());
    client.connect(acceptor.local_endpoint());
    return {std::move(client), acceptor.accept()};
}

inline Awaitable<error_code> handshake(TlsSocket& socket, asio::ssl::stream_base::handshake_type type) {
    auto [code] = co_await socket.async_handshake(type, as_value);
    co_return code;
}

struct StreamPair {
    StreamPair(EventLoop& loop, bool tls) {
        auto [client, server] = connected_sockets(loop);
        if (!tls) {
            near = std::make_shared<ByteStream>(loop, std::move(client));
            far = std::make_shared<ByteStream>(loop, std::move(server));
            return;
        }
        TlsPair contexts;
        auto near_tls = contexts.client->wrap(std::move(client), "localhost", "key");
        auto far_tls = std::make_unique<TlsSocket>(std::move(server), *contexts.server);
        test::Running<error_code> accepting(loop, handshake(*far_tls, asio::ssl::stream_base::server));
        EXPECT_FALSE(test::run(loop, handshake(*near_tls, asio::ssl::stream_base::client)));
        EXPECT_FALSE(accepting.get());
        tls_client = contexts.client;
        near = std::make_shared<ByteStream>(loop, std::move(near_tls));
        far = std::make_shared<ByteStream>(loop, std::move(far_tls));
    }
    std::shared_ptr<TlsClientContext> tls_client;  ///< holds what sessions that arrive later are kept in
    std::shared_ptr<ByteStream> near;
    std::shared_ptr<ByteStream> far;
};

struct Received {
    Received(error_code received_code, std::string received_text) : code(received_code), text(std::move(received_text)) {}
    error_code code;
    std::string text;
};

/// What one read brings, copied out of borrowed memory.
inline Awaitable<Received> read_once(std::shared_ptr<ByteStream> stream) {
    const auto result = co_await stream->read();
    co_return Received(result.code, std::string(result.data));
}

/// Reads until `size` bytes are there, or an error.
inline Awaitable<Received> read_bytes(std::shared_ptr<ByteStream> stream, std::size_t size) {
    std::string text;
    while (text.size() < size) {
        const auto result = co_await stream->read();
        text += result.data;
        if (result.code) co_return Received(result.code, std::move(text));
    }
    co_return Received({}, std::move(text));
}

inline Awaitable<error_code> write_text(std::shared_ptr<ByteStream> stream, std::string head, std::string body) {
    const auto code = co_await stream->write(head, body);
    co_return code;
}

inline Awaitable<error_code> flush(std::shared_ptr<ByteStream> stream) {
    const auto code = co_await stream->flush();
    co_return code;
}

/// Bytes that differ from place to place, so that a gap or a swap shows.
inline std::string pattern(std::size_t size) {
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>((i * 31 + i / 251) & 0xFF);
    return text;
}

}  // namespace smg::net
