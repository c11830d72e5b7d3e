#include "net/tls.hpp"

#include <gtest/gtest.h>

#include "unit/net/stream_pair.hpp"

namespace smg::net {
namespace {

/// One authority, a server that it vouches for, and clients that visit it.
class TlsTest : public testing::Test {
protected:
    TlsTest() : authority_(test::Certificate::authority("Test CA")) { authority_.write_to(file("ca.pem")); }

    std::string file(const std::string& name) const { return directory_.file(name); }
    std::shared_ptr<asio::ssl::context> serve(const test::Certificate& certificate, const std::string& client_ca = {}) {
        certificate.write_to(file("cert.pem"), file("key.pem"));
        auto context = make_tls_server_context(file("cert.pem"), file("key.pem"), client_ca);
        EXPECT_TRUE(context) << (context ? "" : context.error().message);
        return context.value_or(nullptr);
    }
    std::shared_ptr<TlsClientContext> trust(const std::string& ca) { return TlsClientContext::create(ca).value(); }

    struct Visit {
        error_code client;
        error_code server;
        bool resumed = false;
        std::string alpn;
        std::string server_name;
    };
    /// A handshake, and a byte each way, which also brings the session tickets.
    Visit visit(asio::ssl::context& server, TlsClientContext& client, const std::string& host, const std::string& key = "peer") {
        auto sockets = connected_sockets(loop_);
        auto near = client.wrap(std::move(sockets.first), host, key);
        auto far = std::make_unique<TlsSocket>(std::move(sockets.second), server);
        Visit visit;
        test::Running<error_code> accepting(loop_, handshake(*far, asio::ssl::stream_base::server));
        visit.client = test::run(loop_, handshake(*near, asio::ssl::stream_base::client));
        if (visit.client) {
            error_code ignored;
            near->next_layer().close(ignored);
        }
        visit.server = accepting.get();
        if (visit.client || visit.server) return visit;
        visit.resumed = TlsClientContext::resumed(*near);
        const unsigned char* protocol = nullptr;
        unsigned size = 0;
        SSL_get0_alpn_selected(near->native_handle(), &protocol, &size);
        if (size > 0) visit.alpn.assign(reinterpret_cast<const char*>(protocol), size);
        if (const char* name = SSL_get_servername(far->native_handle(), TLSEXT_NAMETYPE_host_name)) visit.server_name = name;
        const auto near_stream = std::make_shared<ByteStream>(loop_, std::move(near));
        const auto far_stream = std::make_shared<ByteStream>(loop_, std::move(far));
        EXPECT_FALSE(test::run(loop_, write_text(far_stream, "x", "")));
        EXPECT_EQ(test::run(loop_, read_bytes(near_stream, 1)).text, "x");
        return visit;
    }

    EventLoop loop_;
    test::TemporaryDirectory directory_;
    test::Certificate authority_;
};

TEST_F(TlsTest, TrustedChainAndRightName) {
    const auto server = serve(authority_.issue("a.test", "DNS:a.test"));
    const auto seen = visit(*server, *trust(file("ca.pem")), "a.test");
    EXPECT_FALSE(seen.client) << seen.client.message();
    EXPECT_FALSE(seen.server);
    EXPECT_EQ(seen.alpn, "http/1.1");
    EXPECT_EQ(seen.server_name, "a.test");
    EXPECT_FALSE(seen.resumed);
}

TEST_F(TlsTest, WrongNameIsRefused) {
    const auto server = serve(authority_.issue("a.test", "DNS:a.test"));
    const auto client = trust(file("ca.pem"));
    EXPECT_TRUE(visit(*server, *client, "b.test").client);
    EXPECT_TRUE(visit(*server, *client, "x.a.test").client);
    EXPECT_TRUE(visit(*server, *client, "127.0.0.1").client);
}

TEST_F(TlsTest, UnknownAuthorityIsRefused) {
    const auto server = serve(authority_.issue("a.test", "DNS:a.test"));
    test::Certificate::authority("Test CA").write_to(file("other.pem"));
    EXPECT_TRUE(visit(*server, *trust(file("other.pem")), "a.test").client) << "same name, other key";
    EXPECT_TRUE(visit(*server, *trust(""), "a.test").client) << "the system's anchors";
}

TEST_F(TlsTest, SelfSignedAndExpiredAreRefused) {
    const auto client = trust(file("ca.pem"));
    EXPECT_TRUE(visit(*serve(test::Certificate::authority("a.test")), *client, "a.test").client);
    EXPECT_TRUE(visit(*serve(authority_.issue("a.test", "DNS:a.test", -1)), *client, "a.test").client);
}

TEST_F(TlsTest, AddressesAreVerifiedAndNeverSentAsServerName) {
    const auto server = serve(authority_.issue("addresses", "IP:127.0.0.1,IP:::1"));
    const auto client = trust(file("ca.pem"));
    for (const char* address : {"127.0.0.1", "::1"}) {
        const auto seen = visit(*server, *client, address, address);
        EXPECT_FALSE(seen.client) << address << ": " << seen.client.message();
        EXPECT_EQ(seen.server_name, "");
    }
    EXPECT_TRUE(visit(*server, *client, "127.0.0.2").client);
}

TEST_F(TlsTest, SessionsAreResumedByPeer) {
    const auto server = serve(authority_.issue("a.test", "DNS:a.test"));
    const auto client = trust(file("ca.pem"));
    EXPECT_FALSE(visit(*server, *client, "a.test", "one").resumed);
    EXPECT_TRUE(visit(*server, *client, "a.test", "one").resumed);
    EXPECT_TRUE(visit(*server, *client, "a.test", "one").resumed) << "and again, with the ticket of the resumed one";
    EXPECT_FALSE(visit(*server, *client, "a.test", "two").resumed) << "another peer's session";
}

TEST_F(TlsTest, Tls12SessionsAreResumedToo) {
    const auto server = serve(authority_.issue("a.test", "DNS:a.test"));
    SSL_CTX_set_max_proto_version(server->native_handle(), TLS1_2_VERSION);
    const auto client = trust(file("ca.pem"));
    EXPECT_FALSE(visit(*server, *client, "a.test").resumed);
    EXPECT_TRUE(visit(*server, *client, "a.test").resumed);
}

TEST_F(TlsTest, ResumptionDoesNotReachAroundVerification) {
    const auto server = serve(authority_.issue("a.test", "DNS:a.test"));
    const auto client = trust(file("ca.pem"));
    EXPECT_FALSE(visit(*server, *client, "a.test", "one").resumed);
    const auto other = serve(test::Certificate::authority("b.test").issue("a.test", "DNS:a.test"));
    EXPECT_TRUE(visit(*other, *client, "a.test", "one").client) << "a server that does not know the ticket shows its certificate";
}

TEST_F(TlsTest, OldVersionsAreRefused) {
    const auto server = serve(authority_.issue("a.test", "DNS:a.test"));
    SSL_CTX_set_min_proto_version(server->native_handle(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(server->native_handle(), TLS1_1_VERSION);
    EXPECT_TRUE(visit(*server, *trust(file("ca.pem")), "a.test").client);
}

/// A client that shows a certificate, or none.
class TlsClientCertificateTest : public TlsTest {
protected:
    error_code knock(asio::ssl::context& server, asio::ssl::context& client, SSL_SESSION* session = nullptr) {
        auto sockets = connected_sockets(loop_);
        near_ = std::make_unique<TlsSocket>(std::move(sockets.first), client);
        if (session != nullptr) SSL_set_session(near_->native_handle(), session);
        far_ = std::make_unique<TlsSocket>(std::move(sockets.second), server);
        test::Running<error_code> accepting(loop_, handshake(*far_, asio::ssl::stream_base::server));
        test::Running<error_code> connecting(loop_, handshake(*near_, asio::ssl::stream_base::client));
        const auto code = accepting.get();
        if (code) far_->next_layer().close();
        const auto client_code = connecting.get();
        return code ? code : client_code;
    }
    std::unique_ptr<TlsSocket> near_;
    std::unique_ptr<TlsSocket> far_;
};

TEST_F(TlsClientCertificateTest, DemandedWhenAnAuthorityIsGiven) {
    const auto server = serve(authority_.issue("a.test", "DNS:a.test"), file("ca.pem"));
    asio::ssl::context anonymous(asio::ssl::context::tls_client);
    EXPECT_TRUE(knock(*server, anonymous));

    authority_.issue("client", "").write_to(file("client.pem"), file("client-key.pem"));
    asio::ssl::context known(asio::ssl::context::tls_client);
    known.use_certificate_chain_file(file("client.pem"));
    known.use_private_key_file(file("client-key.pem"), asio::ssl::context::pem);
    EXPECT_FALSE(knock(*server, known));

    test::Certificate::authority("Test CA").issue("client", "").write_to(file("stranger.pem"), file("stranger-key.pem"));
    asio::ssl::context stranger(asio::ssl::context::tls_client);
    stranger.use_certificate_chain_file(file("stranger.pem"));
    stranger.use_private_key_file(file("stranger-key.pem"), asio::ssl::context::pem);
    EXPECT_TRUE(knock(*server, stranger));
}

TEST_F(TlsClientCertificateTest, ClientWithACertificateMayResume) {
    const auto server = serve(authority_.issue("a.test", "DNS:a.test"), file("ca.pem"));
    SSL_CTX_set_max_proto_version(server->native_handle(), TLS1_2_VERSION);  // its session is there when the handshake ends
    authority_.issue("client", "").write_to(file("client.pem"), file("client-key.pem"));
    asio::ssl::context client(asio::ssl::context::tls_client);
    client.use_certificate_chain_file(file("client.pem"));
    client.use_private_key_file(file("client-key.pem"), asio::ssl::context::pem);
    ASSERT_FALSE(knock(*server, client));
    const std::unique_ptr<SSL_SESSION, test::Free<SSL_SESSION_free>> session(SSL_get1_session(near_->native_handle()));
    SSL_set_shutdown(near_->native_handle(), SSL_SENT_SHUTDOWN);
    const auto again = knock(*server, client, session.get());
    EXPECT_FALSE(again) << again.message();
    EXPECT_TRUE(TlsClientContext::resumed(*near_));
}

TEST_F(TlsTest, MissingOrWrongFilesAreErrorsThatNameThem) {
    EXPECT_FALSE(TlsClientContext::create(file("nowhere.pem")));
    authority_.issue("a", "DNS:a").write_to(file("cert.pem"), file("key.pem"));
    const auto no_certificate = make_tls_server_context(file("nowhere.pem"), file("key.pem"), "");
    ASSERT_FALSE(no_certificate);
    EXPECT_NE(no_certificate.error().message.find("nowhere.pem"), std::string::npos);
    EXPECT_FALSE(make_tls_server_context(file("cert.pem"), file("nowhere.pem"), ""));
    EXPECT_FALSE(make_tls_server_context(file("cert.pem"), file("cert.pem"), ""));
    EXPECT_FALSE(make_tls_server_context(file("cert.pem"), file("key.pem"), file("nowhere.pem")));
    authority_.issue("b", "DNS:b").write_to(file("other.pem"), file("other-key.pem"));
    EXPECT_FALSE(make_tls_server_context(file("cert.pem"), file("other-key.pem"), "")) << "a key of another certificate";
}

TEST_F(TlsTest, DirectoryOfAuthorities) {
    const auto client = TlsClientContext::create(directory_.file(""));
    ASSERT_TRUE(client) << "a directory is taken as one of hashed certificates";
    const auto server = serve(authority_.issue("a.test", "DNS:a.test"));
    EXPECT_TRUE(visit(*server, **client, "a.test").client) << "ca.pem there has no hashed name";
}

}  // namespace
}  // namespace smg::net
