/// HTTPS on both sides. The HTTPS upstream is a second gateway, which speaks to a simulated provider in its turn.
#include <gtest/gtest.h>

#include "support/certificates.hpp"
#include "support/running_gateway.hpp"
#include "support/tls_client.hpp"

namespace smg::test {
namespace {

class Tls : public testing::Test {
protected:
    Tls() {
        authority.write_to(directory.file("ca.pem"));
        stranger.write_to(directory.file("stranger.pem"));
    }
    config::Config serving(const Certificate& certificate) const {
        certificate.write_to(directory.file("cert.pem"), directory.file("key.pem"));
        auto config = test_config();
        config.tls_cert_path = directory.file("cert.pem");
        config.tls_key_path = directory.file("key.pem");
        return config;
    }
    config::Config trusting(const std::string& anchors = "ca.pem") const {
        auto config = test_config();
        config.upstream_ca_path = directory.file(anchors);
        return config;
    }
    static std::string url_of(const RunningGateway& upstream) { return "https://localhost:" + std::to_string(upstream.port()) + "/v1"; }
    /// Over the registry: the listener itself wants TLS.
    void serve_openai(const RunningGateway& upstream) {
        workers::WorkerSpec spec;
        spec.url = providers["openai"].url();
        spec.provider = "openai";
        spec.runtime_type = workers::RuntimeType::external;
        ASSERT_TRUE(upstream.server().registry().add(std::move(spec), "test", 0));
    }
    static std::string ask_for_health() { return "GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"; }

    TemporaryDirectory directory;
    const Certificate authority = Certificate::authority("test authority");
    const Certificate stranger = Certificate::authority("somebody else");
    Providers providers;
    const std::string names = "DNS:localhost,IP:127.0.0.1";
    const Headers key = {{"Authorization", "Bearer sk-proj-of-the-caller"}};
};

TEST_F(Tls, AnHttpsUpstreamServesUnaryAndStreamed) {
    const RunningGateway upstream(serving(authority.issue("upstream", names)));
    serve_openai(upstream);
    const RunningGateway gateway(trusting());
    gateway.add_worker({{"url", url_of(upstream)}, {"provider", "openai"}, {"api_key", "sk-proj-stored"}});
    auto client = gateway.client();
    for (int n = 0; n < 5; ++n) {
        const auto unary = client.post("/v1/chat/completions", chat("gpt-4o", "Hello").dump());
        EXPECT_EQ(unary.status, 200) << unary.body;
        const auto streamed = client.post("/v1/chat/completions", chat("gpt-4o", "Hello", true).dump());
        EXPECT_TRUE(streamed.body.ends_with("data: [DONE]\n\n"));
    }
    EXPECT_EQ(client.post("/v1/chat/completions", chat("gpt-4o", "simulate:tokens=100000").dump()).status, 200) << "more than one TLS record";
}

TEST_F(Tls, AClientThatLeavesIsSeenThroughTls) {
    const RunningGateway upstream(serving(authority.issue("upstream", names)));
    serve_openai(upstream);
    const RunningGateway gateway(trusting());
    gateway.add_worker({{"url", url_of(upstream)}, {"provider", "openai"}, {"runtime_type", "external"}});
    auto& provider = providers["openai"];
    for (const bool stream : {false, true}) {
        const auto before = provider.departed();
        auto client = gateway.client();
        client.send_request("POST", "/v1/chat/completions", chat("gpt-4o", "simulate:hang", stream).dump(), key);
        ASSERT_TRUE(provider.wait_until([&] { return provider.answering() == 1; }, step_limit));
        client.close();
        EXPECT_TRUE(provider.wait_until([&] { return provider.departed() == before + 1; }, std::chrono::seconds(2)));
    }
}

TEST_F(Tls, AnUpstreamThatIsNotTheOneNamedIsRefused) {
    struct Row {
        const char* name;
        Certificate certificate;
        std::string anchors;
    };
    const Row rows[] = {{"of an authority that is not trusted", authority.issue("upstream", names), "stranger.pem"},
                        {"for another host", authority.issue("upstream", "DNS:other.example"), "ca.pem"},
                        {"that has expired", authority.issue("upstream", names, -1), "ca.pem"},
                        {"signed by itself", Certificate::authority("localhost"), "ca.pem"}};
    for (const auto& row : rows) {
        SCOPED_TRACE(row.name);
        const RunningGateway upstream(serving(row.certificate));
        serve_openai(upstream);
        const RunningGateway gateway(trusting(row.anchors));
        gateway.add_worker({{"url", url_of(upstream)}, {"provider", "openai"}, {"runtime_type", "external"}});
        const auto answer = gateway.post("/v1/chat/completions", chat("gpt-4o", "Hello"), key);
        EXPECT_EQ(answer.status, 502) << answer.body;
        EXPECT_EQ(answer.field("x-smg-error-code"), "upstream_error");
        const Json with_key = {{"url", url_of(upstream)}, {"provider", "openai"}, {"name", "b"}, {"api_key", "sk-proj-x"}};
        const auto refused = gateway.post("/workers?wait=5", with_key);
        EXPECT_GE(refused.status, 400) << refused.body;
        EXPECT_NE(refused.body.find("certificate"), std::string::npos) << "the reason is told: " << refused.body;
    }
    EXPECT_EQ(providers["openai"].received(), 0U) << "no key went to an upstream that nobody vouches for";
}

TEST_F(Tls, AListenerSpeaksHttps) {
    const RunningGateway gateway(serving(authority.issue("gateway", names)));
    const auto answer = ask_over_tls(gateway.port(), directory.file("ca.pem"), "localhost", ask_for_health());
    ASSERT_FALSE(answer.handshake) << answer.handshake.message();
    EXPECT_TRUE(answer.text.starts_with("HTTP/1.1 200 ")) << answer.text;
    EXPECT_TRUE(answer.text.ends_with("\r\n\r\nOK")) << answer.text;
    EXPECT_TRUE(ask_over_tls(gateway.port(), directory.file("stranger.pem"), "localhost", ask_for_health()).handshake);
    auto plain = gateway.client();
    plain.send(ask_for_health());
    const auto said = plain.socket().read_some();  // an alert, or nothing: the connection ends
    EXPECT_EQ(said.find("HTTP/1.1 200"), std::string::npos);
    EXPECT_TRUE(ask_over_tls(gateway.port(), directory.file("ca.pem"), "localhost", ask_for_health()).text.ends_with("OK")) << "it lives on";
}

TEST_F(Tls, AListenerThatWantsClientCertificatesServesNobodyWithout) {
    auto config = serving(authority.issue("gateway", names));
    config.tls_client_ca_path = directory.file("ca.pem");
    const RunningGateway gateway(config);
    // In TLS 1.3 the client has finished its handshake before the server refuses it.
    const auto answer = ask_over_tls(gateway.port(), directory.file("ca.pem"), "localhost", ask_for_health());
    EXPECT_EQ(answer.text, "");
}

}  // namespace
}  // namespace smg::test
