// Environment and file: precedence, what is ignored with a warning, what is refused, and that no secret is ever shown.
#include <algorithm>

#include "unit/config/command.hpp"

namespace smg::config {
namespace {

using Sources = Files;
using Texts = std::vector<std::string>;

TEST_F(Sources, AFlagGoesBeforeTheEnvironmentThatBeforeTheFile) {
    const auto file = write("smg.toml", "port = 3\nprometheus-port = 3\nmetrics-max-models = 3\n");
    const Environment environment{{"SMG_PORT", "2"}, {"SMG_PROMETHEUS_PORT", "2"}};
    const auto config = gateway({"--config", file, "--port", "1"}, environment).config;
    EXPECT_EQ(config.port, 1);
    EXPECT_EQ(config.prometheus_port, 2);
    EXPECT_EQ(config.metrics_max_models, 3U);
}

TEST_F(Sources, AListIsReplacedWholeNotJoined) {
    const auto file = write("smg.toml", "worker_urls = [\"http://file\"]\n");
    EXPECT_EQ(gateway({"--config", file}, {{"SMG_WORKER_URLS", "http://a, http://b"}}).config.worker_urls, (Texts{"http://a", "http://b"}));
    EXPECT_EQ(gateway({"--config", file}).config.worker_urls, Texts{"http://file"});
}

TEST_F(Sources, TheEnvironmentNamesTheFileUnlessAFlagDoes) {
    const auto one = write("one.toml", "port = 1\n");
    const auto two = write("two.toml", "port = 2\n");
    EXPECT_EQ(gateway({}, {{"SMG_CONFIG", one}}).config.port, 1);
    EXPECT_EQ(gateway({"--config", two}, {{"SMG_CONFIG", one}}).config.port, 2);
}

TEST(EnvironmentVariables, WhatKubernetesInjectsIsIgnored) {
    const auto started = gateway({}, {{"SMG_PORT", "tcp://10.0.0.1:30000"},
                                      {"SMG_PORT_30000_TCP", "tcp://10.0.0.1:30000"},
                                      {"SMG_PORT_30000_TCP_ADDR", "10.0.0.1"},
                                      {"SMG_SERVICE_HOST", "10.0.0.1"},
                                      {"SMG_SERVICE_PORT_HTTP", "30000"}});
    EXPECT_EQ(started.config.port, 30000);
    EXPECT_EQ(started.warnings, Texts{"SMG_PORT: ignored; tcp:// is what Kubernetes sets for a service named smg"});
}

TEST(EnvironmentVariables, AnUnknownOneIsAWarningAndSoIsAnEmptyOne) {
    const auto started = gateway({}, {{"SMG_PROT", "1"}, {"SMG_PORT", " "}, {"SMG_API_KEY", ""}, {"SMG_RECORDINGS", "/x"}, {"OTHER", "x"}});
    EXPECT_EQ(started.warnings, (Texts{"SMG_PORT: empty, which counts as not set", "SMG_API_KEY: empty, which counts as not set",
                                       "SMG_PROT: ignored; there is no such setting"}));
    EXPECT_EQ(started.config.port, 30000);
    EXPECT_TRUE(started.config.api_key.empty());
}

TEST(EnvironmentVariables, OfTwoNamesOfOneSettingTheFirstCountsAndTheOtherIsNamed) {
    const auto threads = gateway({}, {{"SMG_THREADS", "3"}, {"SMG_RUNTIME_WORKER_THREADS", "5"}});
    EXPECT_EQ(threads.config.threads, 3U);
    EXPECT_EQ(threads.warnings, Texts{"SMG_RUNTIME_WORKER_THREADS: ignored; SMG_THREADS sets the same"});
    EXPECT_EQ(gateway({}, {{"SMG_THREADS", "3"}, {"SMG_RUNTIME_WORKER_THREADS", "3"}}).warnings, Texts{});
    const auto emptied = gateway({}, {{"SMG_THREADS", ""}, {"SMG_RUNTIME_WORKER_THREADS", "5"}});
    EXPECT_EQ(emptied.config.threads, 5U);
    EXPECT_EQ(gateway({}, {{"CONTROL_PLANE_API_KEYS", "a:A:admin:k"}, {"SMG_CONTROL_PLANE_API_KEYS", "b:B:user:k"}}).warnings,
              Texts{"CONTROL_PLANE_API_KEYS: ignored; SMG_CONTROL_PLANE_API_KEYS sets the same"});
}

TEST(TraceSettings, AnEndpointWithoutTracesIsSaidToHaveNoEffect) {
    EXPECT_EQ(gateway({"--otlp-traces-endpoint", "collector:4318"}).warnings, Texts{"--otlp-traces-endpoint: no effect without --enable-trace"});
    EXPECT_EQ(gateway({"--otlp-traces-endpoint", "collector:4318", "--enable-trace"}).warnings, Texts{});
    EXPECT_EQ(gateway({}).warnings, Texts{});
}

TEST(AdmissionSettings, NoRequestAtAllIsNoLimit) {
    EXPECT_EQ(refusal({"--max-concurrent-requests", "0"}).find("--max-concurrent-requests: \"0\" is neither -1 nor a whole number from 1 to "), 0U);
    EXPECT_EQ(refusal({"--max-concurrent-requests", "-2"}).find("--max-concurrent-requests: \"-2\" is neither"), 0U);
    EXPECT_EQ(gateway({"--max-concurrent-requests", "1"}).config.admission.max_concurrent, 1);
}

TEST(EnvironmentVariables, TheReferencesNameForControlPlaneKeysCountsAfterOurs) {
    EXPECT_EQ(gateway({}, {{"CONTROL_PLANE_API_KEYS", "a:A:admin:k"}}).config.control_plane_keys.at(0).id, "a");
    const auto both = gateway({}, {{"CONTROL_PLANE_API_KEYS", "a:A:admin:k"}, {"SMG_CONTROL_PLANE_API_KEYS", "b:B:user:k,c:C:admin:k2"}}).config;
    ASSERT_EQ(both.control_plane_keys.size(), 2U);
    EXPECT_EQ(both.control_plane_keys[0].id, "b");
    EXPECT_EQ(both.control_plane_keys[1].key.reveal(), "k2");
}

TEST_F(Sources, TheFileTakesUnderscoresTextsForNumbersAndVariables) {
    const auto config =
        from_toml("prometheus_port = \"${P}\"\nlog-dir = \"${D:-/var/log}/smg$${x}\"\napi-key = \"${K}\"\n", {{"P", "7"}, {"K", "a\"b"}}).config;
    EXPECT_EQ(config.prometheus_port, 7);
    EXPECT_EQ(config.log_dir, "/var/log/smg${x}");
    EXPECT_EQ(config.api_key.reveal(), "a\"b");
}

TEST_F(Sources, ABadFileIsOneLineWithItsNumber) {
    EXPECT_EQ(refused_toml("port = 1\n\nprot = 2\n"), "smg.toml:3: prot: unknown key; did you mean port?");
    EXPECT_EQ(refused_toml("port = 1\nport = [1, 2]\n").rfind("smg.toml:2: ", 0), 0U);
    EXPECT_EQ(refused_toml("port = [1]\n"), "smg.toml:1: port: takes one value, not a list");
    EXPECT_EQ(refused_toml("port = 2026-01-01\n"), "smg.toml:1: port: takes one value, not a table or a date");
    EXPECT_EQ(refused_toml("log-level = 7\n"), "smg.toml:1: log-level: \"7\" is not one of trace, debug, info, warn, error");
    EXPECT_EQ(refused_toml("prometheus-port = 1\nprometheus_port = 2\n"), "smg.toml:2: prometheus-port: given twice");
    EXPECT_EQ(refused_toml("\napi-key = \"${NOT_SET}\"\n"), "smg.toml:2: ${NOT_SET}: there is no such environment variable");
    EXPECT_EQ(refused_toml("port = \n").rfind("smg.toml:1: ", 0), 0U);
    EXPECT_EQ(refused_toml("[fallbacks]\na = [\"a\"]\n"), "smg.toml:2: fallbacks.a: names the model itself");
    EXPECT_EQ(refused_toml("[fallbacks]\na = \"b\"\n"), "smg.toml:2: fallbacks.a: takes a list of names of models");
    EXPECT_EQ(refused_toml("jwt-issuer = \"login.example\"\n"),
              "smg.toml:1: jwt-issuer: \"login.example\" is not an http:// or https:// URL without query and fragment");
    EXPECT_EQ(refused_toml("enable-mesh = true\n"), "smg.toml:1: enable-mesh: refused; a mesh of gateways is not part of this gateway");
    EXPECT_EQ(refused_toml("config = \"x\"\n"), "smg.toml:1: config: unknown key");
}

TEST_F(Sources, AFileThatCannotBeReadIsNamed) {
    EXPECT_EQ(refusal({"--config", "/no/such/file.toml"}), "--config: \"/no/such/file.toml\" cannot be read");
    EXPECT_EQ(refusal({"--config", directory_.string()}), "--config: \"" + directory_.string() + "\" cannot be read");
    EXPECT_EQ(from_toml("").config.port, 30000);
}

TEST_F(Sources, TenantsOfTheFileAndTheFlagAreOneTable) {
    const auto key_file = write("key", "from-a-file\n");
    const auto file = write("smg.toml", "[[tenants]]\nname = \"acme\"\nkey = \"k1\"\nkeys = [\"k2\"]\nkey_file = \"" + key_file +
                                            "\"\nmodels = [\"gpt-4o*\"]\nrequests_per_minute = 60\ntokens_per_minute = 1000\npriority = \"High\"\n");
    const auto tenants = gateway({"--config", file, "--tenant-api-key", "acme:k3", "other:k4"}).config.tenants;
    ASSERT_EQ(tenants.size(), 2U);
    const auto& acme = tenants[0];
    EXPECT_EQ(acme.keys.size(), 4U);
    EXPECT_TRUE(std::any_of(acme.keys.begin(), acme.keys.end(), [](const auto& key) { return key.matches("from-a-file"); }));
    EXPECT_EQ(acme.models, Texts{"gpt-4o*"});
    EXPECT_EQ(acme.requests_per_minute, 60U);
    EXPECT_EQ(acme.tokens_per_minute, 1000U);
    EXPECT_EQ(acme.priority, Priority::high);
    EXPECT_EQ(tenants[1].name, "other");
    EXPECT_FALSE(tenants[1].tokens_per_minute);
}

TEST_F(Sources, ABadTenantIsNamedWithItsLine) {
    const auto refused = [this](const std::string& lines) { return refused_toml("[[tenants]]\n" + lines); };
    EXPECT_EQ(refused("key = \"k\"\n"), "smg.toml:1: tenants: a tenant needs a name");
    EXPECT_EQ(refused("name = \"\"\n"), "smg.toml:2: tenants.name: takes a text that is not empty");
    EXPECT_EQ(refused("name = \"a\"\nrequests_per_minute = 0\n"), "smg.toml:3: tenants.requests_per_minute: 0 is not a whole number above 0");
    EXPECT_EQ(refused("name = \"a\"\npriority = \"urgent\"\n"), "smg.toml:3: tenants.priority: \"urgent\" is not one of high, normal, low");
    EXPECT_EQ(refused("name = \"a\"\nmodels = \"gpt\"\n"), "smg.toml:3: tenants.models: takes a list of texts");
    EXPECT_EQ(refused("name = \"a\"\nkey_file = \"/no/file\"\n"), "smg.toml:3: tenants.key_file: \"/no/file\" cannot be read");
    EXPECT_EQ(
        refused("name = \"a\"\nkye = \"k\"\n"),
        "smg.toml:3: tenants.kye: unknown key; allowed are name, key, keys, key_file, models, requests_per_minute, tokens_per_minute, priority");
    EXPECT_EQ(refused("name = \"a\"\n[[tenants]]\nname = \"a\"\n"), "smg.toml:3: tenants.name: \"a\" is already given");
    EXPECT_EQ(refused_toml("tenants = 3\n"), "smg.toml:1: tenants: takes [[tenants]] tables");
    EXPECT_EQ(refusal({"--api-key", "k", "--tenant-api-key", "a:k"}), "tenant \"a\": its key is the --api-key");
    EXPECT_EQ(refusal({"--tenant-api-key", "a:k", "b:k"}), "tenant \"b\": its key is also that of the tenant \"a\"");
}

TEST_F(Sources, WorkersOfTheFileArriveAsJson) {
    const auto config = from_toml(
                            "[[workers]]\nurl = \"https://api.openai.com/v1\"\napi_key = \"${K}\"\npriority = 60\ncost = 0.5\nmodels = "
                            "[\"gpt-4o\"]\n[workers.health]\n"
                            "timeout_secs = 3\n\n[[workers]]\nurl = \"http://b\"\n",
                            {{"K", "quote\"and\\slash"}})
                            .config;
    ASSERT_EQ(config.workers.size(), 2U);
    EXPECT_EQ(config.workers[0].where, "smg.toml:1");
    EXPECT_EQ(config.workers[1].where, "smg.toml:10");
    const auto& json = config.workers[0].json;
    for (const auto* part : {R"("url" : "https://api.openai.com/v1")", R"("api_key" : "quote\"and\\slash")", R"("priority" : 60)", R"("cost" : 0.5)",
                             R"("timeout_secs" : 3)"})
        EXPECT_NE(json.find(part), std::string::npos) << part << " in " << json;
    EXPECT_EQ(refused_toml("workers = 3\n"), "smg.toml:1: workers: takes [[workers]] tables");
    EXPECT_EQ(refused_toml("workers = [\"http://a\"]\n"), "smg.toml:1: workers: takes [[workers]] tables");
}

TEST_F(Sources, VendorsOfTheFile) {
    const auto config =
        from_toml(
            "[providers.acme]\nhosts = [\"api.acme.test\"]\nmodels = [\"acme-*\"]\napi_root = \"/v3\"\nheader = \"api-key\"\nscheme = \"\"\n"
            "native = \"messages\"\nstream_usage = true\nquery = { \"api-version\" = \"2026-01-01\" }\n[providers.plain]\n")
            .config;
    ASSERT_EQ(config.vendors.size(), 2U);
    const auto& acme = config.vendors[0];
    EXPECT_EQ(acme.name, "acme");
    EXPECT_EQ(acme.hosts, Texts{"api.acme.test"});
    EXPECT_EQ(acme.models, Texts{"acme-*"});
    EXPECT_EQ(acme.api_root, "/v3");
    EXPECT_EQ(acme.header, "api-key");
    EXPECT_EQ(acme.scheme, "");
    EXPECT_EQ(acme.native, "messages");
    EXPECT_TRUE(acme.stream_usage);
    EXPECT_EQ(acme.query, (std::vector<std::pair<std::string, std::string>>{{"api-version", "2026-01-01"}}));
    EXPECT_EQ(config.vendors[1].scheme, "Bearer");
    EXPECT_EQ(config.vendors[1].native, "chat");
}

TEST_F(Sources, ABadVendorIsNamedWithItsLine) {
    EXPECT_EQ(
        refused_toml("[providers.acme]\nhost = \"x\"\n"),
        "smg.toml:2: providers.acme.host: unknown key; allowed are aliases, hosts, models, api_root, header, scheme, query, native, key_prefixes, "
        "request_headers, stream_usage");
    EXPECT_EQ(refused_toml("[providers.acme]\nhosts = \"x\"\n"), "smg.toml:2: providers.acme.hosts: takes another type of value");
    EXPECT_EQ(refused_toml("[providers.acme]\nnative = \"grpc\"\n"),
              "smg.toml:1: providers.acme.native: \"grpc\" is not one of chat, messages, gemini");
    EXPECT_EQ(refused_toml("[providers]\nacme = 3\n"), "smg.toml:2: providers.acme: takes a table");
}

TEST_F(Sources, AliasesOfFlagAndFileAreOneTable) {
    const auto file = write("smg.toml", "[aliases]\nfast = \"gpt-4o-mini\"\nsmart = \"claude-sonnet-4\"\n");
    const auto config = gateway({"--config", file, "--model-alias", "fast=grok-3-mini", "old=new"}).config;
    EXPECT_EQ(config.aliases,
              (std::vector<std::pair<std::string, std::string>>{{"fast", "grok-3-mini"}, {"old", "new"}, {"smart", "claude-sonnet-4"}}));
    EXPECT_EQ(refusal({"--model-alias", "a=b", "--model-alias", "a=c"}), "--model-alias: \"a=c\" names an alias that is already given");
    EXPECT_EQ(refused_toml("[aliases]\na = 3\n"), "smg.toml:2: aliases.a: is not the name of a model");
}

TEST_F(Sources, TheApiKeyFromAFile) {
    const auto key = write("key", "gateway-key \r\nsecond line\n");
    EXPECT_EQ(gateway({"--api-key-file", key}).config.api_key.reveal(), "gateway-key");
    EXPECT_EQ(gateway({}, {{"SMG_API_KEY_FILE", key}}).config.api_key.reveal(), "gateway-key");
    EXPECT_EQ(gateway({"--api-key-file", key}, {{"SMG_API_KEY", "other"}}).config.api_key.reveal(), "gateway-key");
    EXPECT_EQ(gateway({"--api-key", "flag"}, {{"SMG_API_KEY_FILE", key}}).config.api_key.reveal(), "flag");
    EXPECT_EQ(refusal({"--api-key-file", key, "--api-key", "k"}), "--api-key-file: given together with api-key; one of them is enough");
    EXPECT_EQ(refusal({"--api-key-file", "/no/key"}, {}, 1), "--api-key-file: \"/no/key\" cannot be read");
    EXPECT_EQ(refusal({"--api-key-file", write("empty", "\n")}, {}, 1),
              "--api-key-file: \"" + (directory_ / "empty").string() + "\" has no key in its first line");
}

TEST(Together, TlsNeedsBothHalves) {
    const auto config = gateway({"--tls-cert-path", "c.pem", "--tls-key-path", "k.pem", "--tls-client-ca-path", "a.pem"}).config;
    EXPECT_EQ(config.tls_cert_path + config.tls_key_path + config.tls_client_ca_path, "c.pemk.pema.pem");
    EXPECT_EQ(refusal({"--tls-cert-path", "c.pem"}), "--tls-cert-path: needs --tls-key-path too");
    EXPECT_EQ(refusal({"--tls-key-path", "k.pem"}), "--tls-key-path: needs --tls-cert-path too");
    EXPECT_EQ(refusal({"--tls-client-ca-path", "a.pem"}), "--tls-client-ca-path: needs --tls-cert-path too");
}

TEST(Together, Warnings) {
    EXPECT_EQ(gateway({"--backend", "openai"}).warnings, Texts{"--backend: no effect without --worker-urls"});
    EXPECT_EQ(gateway({"--insecure-open"}).warnings, Texts{"--insecure-open: everybody who can connect may use the stored keys"});
    EXPECT_TRUE(gateway({"--insecure-open", "--api-key", "k"}).warnings.empty());
}

TEST_F(Sources, ProvidersKeysOfTheEnvironment) {
    const auto file = write("key", "xai-from-file\n");
    const auto config = gateway({}, {{"OPENAI_API_KEY", "sk-one"},
                                     {"XAI_API_KEY_FILE", file},
                                     {"GOOGLE_API_KEY", "AIza-g"},
                                     {"ANTHROPIC_API_KEY", ""},
                                     {"XAI_ADMIN_KEY", "admin"}})
                            .config;
    ASSERT_EQ(config.provider_keys.size(), 3U);
    EXPECT_EQ(config.provider_keys[0].provider, "openai");
    EXPECT_EQ(config.provider_keys[0].key.reveal(), "sk-one");
    EXPECT_EQ(config.provider_keys[1].provider, "xai");
    EXPECT_EQ(config.provider_keys[1].key.reveal(), "xai-from-file");
    EXPECT_EQ(config.provider_keys[1].source, "XAI_API_KEY_FILE");
    EXPECT_EQ(config.provider_keys[2].provider, "gemini");
    EXPECT_EQ(config.provider_keys[2].source, "GOOGLE_API_KEY");
    ASSERT_EQ(config.admin_keys.size(), 1U);
    EXPECT_EQ(config.admin_keys[0].key.reveal(), "admin");
}

TEST_F(Sources, OfTwoKeysForOneProviderTheFirstCountsAndTheOtherIsAWarning) {
    const auto gemini = gateway({}, {{"GEMINI_API_KEY", "a"}, {"GOOGLE_API_KEY", "b"}});
    EXPECT_EQ(gemini.config.provider_keys.at(0).key.reveal(), "a");
    EXPECT_EQ(gemini.warnings, Texts{"GOOGLE_API_KEY: ignored; GEMINI_API_KEY is set too"});
    EXPECT_TRUE(gateway({}, {{"GEMINI_API_KEY", "a"}, {"GOOGLE_API_KEY", "a"}}).warnings.empty());
    const auto openai = gateway({}, {{"OPENAI_API_KEY", "a"}, {"OPENAI_API_KEY_FILE", "/no/file"}});
    EXPECT_EQ(openai.warnings, Texts{"OPENAI_API_KEY_FILE: ignored; OPENAI_API_KEY is set too"});
    EXPECT_EQ(refusal({}, {{"OPENAI_API_KEY_FILE", "/no/file"}}, 1), "OPENAI_API_KEY_FILE: \"/no/file\" cannot be read");
    EXPECT_EQ(refusal({}, {{"OPENAI_API_KEY", "sk-a sk-b"}}), "OPENAI_API_KEY: the value has a blank or an unprintable character inside");
}

TEST_F(Sources, NoSecretIsEverShown) {
    const std::string secret = "S3cr3tValue";
    const std::vector<std::string> lines{
        refusal({"--control-plane-api-keys", "a:b:c:" + secret}),
        refusal({"--control-plane-api-keys", secret}),
        refusal({"--upstream-proxy", "ftp://u:" + secret + "@h"}),
        refusal({"--api-key", "x", secret}),
        refusal({"--api-kye=" + secret}),
        refusal({"--api-kye", secret}),
        refusal({"--tenant-api-key", secret}),
        refusal({"--tenant-api-key", "t:" + secret, "--api-key", secret}),
        refused_toml("[[tenants]]\nname = \"a\"\nkey = \"" + secret + "\"\n[[tenants]]\nname = \"b\"\nkey = \"" + secret + "\"\n"),
        refused_toml("[[tenants]]\nname = \"a\"\nkey = [\"" + secret + "\"]\n"),
        refusal({"--worker-urls", "ftp://u:" + secret + "@h"}),
        refusal({"--worker-urls", "u:" + secret + "@h:80"}),
        refusal({"--worker-urls", "ftp://h/v1?key=" + secret}),
        refusal({"--worker-urls", "http://h/v1?a b&key=" + secret}),
        refusal({}, {{"SMG_CONTROL_PLANE_API_KEYS", secret}}),
        refusal({}, {{"HTTPS_PROXY", "socks5://u:" + secret + "@h"}}),
        refusal({}, {{"XAI_API_KEY", secret + " " + secret}}),
        refused_toml("control-plane-api-keys = [\"" + secret + "\"]\n"),
        refused_toml("api-key = [\"" + secret + "\"]\n"),
        refused_toml("api-key = \"" + secret + "\n"),
    };
    for (const auto& line : lines) {
        EXPECT_NE(line, "(starts)");
        EXPECT_EQ(line.find(secret), std::string::npos) << line;
    }
}

TEST(Proxies, OfTheEnvironment) {
    const auto config = gateway({}, {{"HTTPS_PROXY", "http://secure:1"},
                                     {"http_proxy", "plain:2"},
                                     {"HTTP_PROXY", "http://upper:3"},
                                     {"NO_PROXY", "internal.test, .only-below.test,10.0.0.0/8,[2001:db8::1],example.test:8443"}})
                            .config;
    const auto chosen = [&config](bool tls, std::string_view host, std::uint16_t port = 443) {
        const auto* proxy = config.proxies.choose(tls, host, port);
        return proxy == nullptr ? std::string("direct") : proxy->host + ":" + std::to_string(proxy->port);
    };
    EXPECT_EQ(chosen(true, "api.openai.com"), "secure:1");
    EXPECT_EQ(chosen(false, "api.openai.com", 80), "plain:2");
    for (const auto* direct :
         {"localhost", "127.0.0.1", "127.9.9.9", "::1", "[::1]", "INTERNAL.test", "a.internal.test", "x.only-below.test", "10.1.2.3", "2001:db8::1"})
        EXPECT_EQ(chosen(true, direct), "direct") << direct;
    for (const auto* proxied : {"notinternal.test", "11.0.0.1", "2001:db8::2", "example.test"})
        EXPECT_EQ(chosen(true, proxied), "secure:1") << proxied;
    EXPECT_EQ(chosen(true, "example.test", 8443), "direct");
    EXPECT_EQ(gateway({}, {{"HTTPS_PROXY", "http://p:1"}, {"NO_PROXY", "*"}}).config.proxies.choose(true, "a.test", 443), nullptr);
    EXPECT_EQ(gateway({}, {{"HTTPS_PROXY", "http://p:1"}}).config.proxies.choose(false, "a.test", 80), nullptr);
}

TEST(Proxies, TheFlagGoesBeforeTheEnvironmentForBothSchemes) {
    const auto config = gateway({"--upstream-proxy", "http://flag:9"}, {{"HTTPS_PROXY", "http://env:1"}, {"NO_PROXY", "near.test"}}).config;
    EXPECT_EQ(config.proxies.choose(true, "a.test", 443)->host, "flag");
    EXPECT_EQ(config.proxies.choose(false, "a.test", 80)->host, "flag");
    EXPECT_EQ(config.proxies.choose(true, "near.test", 443), nullptr);
    EXPECT_EQ(refusal({}, {{"HTTPS_PROXY", "http://p:99999"}}), "HTTPS_PROXY: the value is not of the form http://[USER:PASSWORD@]HOST[:PORT]");
}

}  // namespace
}  // namespace smg::config
