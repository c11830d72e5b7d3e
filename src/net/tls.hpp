#pragma once
/// TLS contexts: for upstreams (chain and host name verified, sessions resumed, ALPN http/1.1) and for our own listeners.
#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "net/asio.hpp"
#include "net/byte_stream.hpp"

namespace smg::net {

/// Shared by all loops; thread-safe.
class TlsClientContext {
public:
    /// `ca_path`: a PEM file or a directory of hashed certificates; empty: the system's anchors.
    [[nodiscard]] static Result<std::shared_ptr<TlsClientContext>> create(const std::string& ca_path);
    ~TlsClientContext();

    /// A socket prepared to speak TLS to `host`: SNI (never for an address), verification, ALPN, and the session of an earlier visit to
    /// `session_key` if one is held.
    [[nodiscard]] std::unique_ptr<TlsSocket> wrap(tcp::socket socket, const std::string& host, const std::string& session_key);
    /// How many handshakes resumed a session, since the start.
    [[nodiscard]] static bool resumed(TlsSocket& socket) noexcept;

private:
    struct SessionCache;
    TlsClientContext();
    asio::ssl::context context_;
    std::unique_ptr<SessionCache> sessions_;
};

/// For a listener: certificate chain and key as PEM files; `client_ca_path` demands client certificates signed by it.
[[nodiscard]] Result<std::shared_ptr<asio::ssl::context>> make_tls_server_context(const std::string& certificate_path, const std::string& key_path,
                                                                                  const std::string& client_ca_path);

}  // namespace smg::net
