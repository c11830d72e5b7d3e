#include "net/tls.hpp"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <mutex>
#include <unordered_map>

namespace smg::net {
namespace {

constexpr unsigned char alpn_http11[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

using Session = std::unique_ptr<SSL_SESSION, decltype(&SSL_SESSION_free)>;

bool is_directory(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

int select_http11(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in, unsigned in_size, void*) {
    unsigned char* chosen = nullptr;
    if (SSL_select_next_proto(&chosen, out_size, alpn_http11, sizeof alpn_http11, in, in_size) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

Error tls_error(const std::string& what, const error_code& code) { return Error(Failure::invalid_request, what + ": " + code.message()); }

}  // namespace

/// The newest session of each peer. Tickets are single-use in TLS 1.3, so a session is taken out when it is used.
struct TlsClientContext::SessionCache {
    static constexpr std::size_t max_peers = 4096;
    std::mutex mutex;
    std::unordered_map<std::string, Session> by_peer;

    static int key_index() {
        static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, [](void*, void* key, CRYPTO_EX_DATA*, int, long, void*) {
            delete static_cast<std::string*>(key);
        });
        return index;
    }
    static int cache_index() {
        static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
        return index;
    }
    static int on_new_session(SSL* ssl, SSL_SESSION* session) {
        auto* cache = static_cast<SessionCache*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), cache_index()));
        const auto* key = static_cast<std::string*>(SSL_get_ex_data(ssl, key_index()));
        if (cache == nullptr || key == nullptr) return 0;
        const std::scoped_lock lock(cache->mutex);
        if (cache->by_peer.size() >= max_peers) cache->by_peer.clear();
        cache->by_peer.insert_or_assign(*key, Session(session, &SSL_SESSION_free));
        return 1;  // we keep the reference
    }
    Session take(const std::string& key) {
        const std::scoped_lock lock(mutex);
        auto node = by_peer.extract(key);
        return node ? std::move(node.mapped()) : Session(nullptr, &SSL_SESSION_free);
    }
};

TlsClientContext::TlsClientContext() : context_(asio::ssl::context::tls_client), sessions_(std::make_unique<SessionCache>()) {}
TlsClientContext::~TlsClientContext() = default;

Result<std::shared_ptr<TlsClientContext>> TlsClientContext::create(const std::string& ca_path) {
    std::shared_ptr<TlsClientContext> made(new TlsClientContext());
    auto& context = made->context_;
    error_code code;
    if (ca_path.empty()) {
        context.set_default_verify_paths(code);
    } else if (is_directory(ca_path)) {
        context.add_verify_path(ca_path, code);
    } else {
        context.load_verify_file(ca_path, code);
    }
    if (code) return tl::unexpected(tls_error("upstream-ca-path '" + ca_path + "'", code));
    context.set_verify_mode(asio::ssl::verify_peer);
    auto* native = context.native_handle();
    SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
    SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_set_ex_data(native, SessionCache::cache_index(), made->sessions_.get());
    SSL_CTX_sess_set_new_cb(native, &SessionCache::on_new_session);
    SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
    return made;
}

std::unique_ptr<TlsSocket> TlsClientContext::wrap(tcp::socket socket, const std::string& host, const std::string& session_key) {
    auto tls = std::make_unique<TlsSocket>(std::move(socket), context_);
    auto* ssl = tls->native_handle();
    error_code not_an_address;
    asio::ip::make_address(host, not_an_address);
    if (not_an_address) SSL_set_tlsext_host_name(ssl, host.c_str());
    tls->set_verify_callback(asio::ssl::host_name_verification(host));
    SSL_set_alpn_protos(ssl, alpn_http11, sizeof alpn_http11);
    SSL_set_ex_data(ssl, SessionCache::key_index(), new std::string(session_key));
    if (const auto session = sessions_->take(session_key)) SSL_set_session(ssl, session.get());
    return tls;
}

bool TlsClientContext::resumed(TlsSocket& socket) noexcept { return SSL_session_reused(socket.native_handle()) == 1; }

Result<std::shared_ptr<asio::ssl::context>> make_tls_server_context(const std::string& certificate_path, const std::string& key_path,
                                                                    const std::string& client_ca_path) {
    auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
    SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
    error_code code;
    context->use_certificate_chain_file(certificate_path, code);
    if (code) return tl::unexpected(tls_error("tls-cert-path '" + certificate_path + "'", code));
    context->use_private_key_file(key_path, asio::ssl::context::pem, code);
    if (code) return tl::unexpected(tls_error("tls-key-path '" + key_path + "'", code));
    if (!client_ca_path.empty()) {
        context->load_verify_file(client_ca_path, code);
        if (code) return tl::unexpected(tls_error("tls-client-ca-path '" + client_ca_path + "'", code));
        context->set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert);
    }
    // Without it OpenSSL refuses every session that a client with a certificate comes back with.
    constexpr unsigned char session_context[] = {'s', 'm', 'g'};
    SSL_CTX_set_session_id_context(context->native_handle(), session_context, sizeof session_context);
    SSL_CTX_set_alpn_select_cb(context->native_handle(), &select_http11, nullptr);
    SSL_CTX_set_mode(context->native_handle(), SSL_MODE_RELEASE_BUFFERS);
    return context;
}

}  // namespace smg::net
