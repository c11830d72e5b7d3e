#include "fleet/peer.hpp"

#include "fixture.hpp"

namespace smg::fleet::test {
namespace {

Result<upstream::Peer> peer(const json& spec_json, const config::Proxies& proxies = {}) {
    const auto spec = spec_of(spec_json);
    return peer_of(spec, workers::identify(spec, *providers::Catalog::built_in())->url, proxies);
}

config::Proxies corporate() {
    config::Proxies proxies;
    proxies.https = config::Proxy{"proxy.corp", 3128, Secret("Basic dTpw")};
    proxies.no_proxy = {"internal.corp"};
    return proxies;
}

TEST(Peer, IsWhatTheUrlSays) {
    const auto found = peer({{"url", "https://API.example.com/v1"}});
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->tls);
    EXPECT_EQ(found->host, "api.example.com");
    EXPECT_EQ(found->port, 443);
    EXPECT_TRUE(found->proxy.empty());
    EXPECT_EQ(peer({{"url", "http://[::1]:8000/v1"}})->authority(), "[::1]:8000");
}

TEST(Peer, TheFlagsProxyServesUnlessTheWorkerSaysOtherwise) {
    const auto through = peer({{"url", "https://api.example.com"}}, corporate());
    ASSERT_TRUE(through);
    EXPECT_EQ(through->proxy.host, "proxy.corp");
    EXPECT_EQ(through->proxy.authorization, "Basic dTpw");
    EXPECT_TRUE(peer({{"url", "https://x.internal.corp"}}, corporate())->proxy.empty());
    EXPECT_TRUE(peer({{"url", "https://api.example.com"}, {"proxy", "none"}}, corporate())->proxy.empty());
    const auto own = peer({{"url", "https://api.example.com"}, {"proxy", "http://10.0.0.1:8080"}}, corporate());
    ASSERT_TRUE(own);
    EXPECT_EQ(own->proxy.host, "10.0.0.1");
    EXPECT_EQ(own->proxy.port, 8080);
    EXPECT_EQ(own->proxy.authorization, "") << "the password of another proxy";
}

TEST(Peer, AProxyThatCannotBeSpokenToNamesItsField) {
    const auto refused = peer({{"url", "https://api.example.com"}, {"proxy", "https://proxy:8443"}});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().param, "proxy");
}

}  // namespace
}  // namespace smg::fleet::test
