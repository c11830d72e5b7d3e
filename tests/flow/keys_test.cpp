/// No key is where it does not belong: canaries in every place for a key, a workload with all its errors, and a search through
/// everything that came out of the gateway.
#include <gtest/gtest.h>

#include <fstream>

#include "support/certificates.hpp"
#include "support/leak_check.hpp"
#include "support/running_gateway.hpp"
#include "support/trace_collector.hpp"
#include "telemetry/log.hpp"

namespace smg::test {
namespace {

const std::vector<std::string> provider_names = {"openai", "anthropic", "xai", "gemini"};

std::string model_of(const std::string& provider) {
    if (provider == "anthropic") return "claude-sonnet-4-5";
    if (provider == "gemini") return "gemini-2.5-flash";
    return provider == "xai" ? "grok-3" : "gpt-4o";
}

std::string key_form(const std::string& provider, const std::string& core) {
    if (provider == "anthropic") return "sk-ant-api03-" + core;
    if (provider == "gemini") return "AIzaSy" + core;
    return (provider == "xai" ? "xai-" : "sk-proj-") + core;
}

class Keys : public testing::Test {
protected:
    explicit Keys(bool json = false) : gateway(guarded(collector.endpoint())) {
        telemetry::LogOptions options;
        options.json = json;
        options.directory = logs.file("log");
        options.level = telemetry::Level::trace;
        if (!telemetry::set_up_log(options)) throw std::runtime_error("no log");
        canaries.push_back({"gateway", gateway_key, "Qw7GatewayOwn", {}});
        for (const auto& provider : provider_names) {
            const auto stored = "Zk3Stored" + provider + "0123456789";
            const auto callers = "Vb9Caller" + provider + "0123456789";
            canaries.push_back({"stored " + provider, key_form(provider, stored), stored, {provider}});
            canaries.push_back({"caller's " + provider, key_form(provider, callers), callers, {provider}});
            gateway.add_worker({{"url", providers[provider].url()},
                                {"provider", provider},
                                {"api_key", key_form(provider, stored)},
                                {"headers", {{"x-extra", "Hx5Header" + provider}}}},
                               own());
            canaries.push_back({"header of " + provider, "Hx5Header" + provider, "Hx5Header" + provider, {provider}});
        }
        canaries.push_back({"form unknown", "hf_Un0FormUnknown", "Un0FormUnknown", {"openai"}});
        canaries.push_back({"refused spec", "sk-proj-Rs1RefusedSpec", "Rs1RefusedSpec", {}});
        canaries.push_back({"tenant", tenant_key, "Tn6TenantKey", {}});
        canaries.push_back({"proxy", "Px4ProxySecret", "Px4ProxySecret", {}});
        canaries.push_back({"written by a user", "sk-proj-Bd2InABody0123456789", "Bd2InABody", {"openai", "clients"}});
    }
    ~Keys() override { telemetry::shut_down_log(); }

    static config::Config guarded(const std::string& traces) {
        // As an operator would, so that GET /config has something to tell. The proxy is never asked: everything stands on loopback.
        const auto tenant = "acme:" + tenant_key;
        const std::vector<const char*> arguments{"smg",
                                                 "--port",
                                                 "0",
                                                 "--prometheus-port",
                                                 "0",
                                                 "--threads",
                                                 "2",
                                                 "--enable-igw",
                                                 "--log-bodies",
                                                 "--enable-trace",
                                                 "--otlp-traces-endpoint",
                                                 traces.c_str(),
                                                 "--disable-retries",
                                                 "--disable-circuit-breaker",
                                                 "--api-key",
                                                 gateway_key.c_str(),
                                                 "--tenant-api-key",
                                                 tenant.c_str(),
                                                 "--upstream-proxy",
                                                 "http://me:Px4ProxySecret@127.0.0.1:9"};
        auto command = config::parse_command_line(static_cast<int>(arguments.size()), arguments.data(), {});
        return std::get<config::RunGateway>(std::move(command)).config;
    }
    static Headers own() { return {{"X-SMG-API-Key", gateway_key}}; }
    static Headers own_and(const Header& more) { return {{"X-SMG-API-Key", gateway_key}, more}; }
    [[nodiscard]] const std::string& key(const std::string& name) const {
        return std::find_if(canaries.begin(), canaries.end(), [&](const Canary& each) { return each.name == name; })->key;
    }

    void ask(const std::string& method, const std::string& target, const std::string& body, const Headers& headers) {
        auto client = gateway.client();
        const auto answer = client.request(method, target, body, headers);
        std::string text = "\n" + answer.start_line;
        for (const auto& field : answer.fields) text.append("\n").append(field.name).append(": ").append(field.value);
        const bool inner = target == "/config" || target == "/get_loads" || target == "/log_level" || target.starts_with("/inflight");
        (inner ? told_of_itself : target.starts_with("/workers") ? told_admins : told_clients) += text + "\n" + answer.body;
    }
    void ask_in_every_format(const std::string& model, const std::string& text, const Headers& headers) {
        for (const bool stream : {false, true}) {
            ask("POST", "/v1/chat/completions", chat(model, text, stream).dump(), headers);
            Json message = chat(model, text, stream);
            message["max_tokens"] = 50;
            ask("POST", "/v1/messages", message.dump(), headers);
            const Json contents = {{"contents", {{{"role", "user"}, {"parts", {{{"text", text}}}}}}}};
            ask("POST", "/v1beta/models/" + model + (stream ? ":streamGenerateContent?alt=sse" : ":generateContent"), contents.dump(), headers);
        }
    }

    void run_workload() {
        ask("POST", "/v1/chat/completions", chat("gpt-4o", "My key is " + key("written by a user")).dump(), own());
        for (const auto& provider : provider_names) {
            const auto model = model_of(provider);
            const auto& callers = key("caller's " + provider);
            ask_in_every_format(model, "Hello", own());
            for (const auto* header : {"x-api-key", "x-goog-api-key"}) ask_in_every_format(model, "Hello", own_and({header, callers}));
            ask_in_every_format(model, "Hello", own_and({"Authorization", "Bearer " + callers}));
            ask("POST", "/v1/chat/completions?key=" + callers, chat(model, "Hello").dump(), own());
            ask("POST", "/v1/chat/completions?key=" + gateway_key, chat(model, "Hello").dump(), {});
            ask("GET", "/v1/models", {}, own_and({"Authorization", "Bearer " + callers}));
            ask("GET", "/v1beta/models?key=" + callers, {}, own());
            for (const auto& other : provider_names)
                ask("POST", "/v1/chat/completions", chat(model_of(other), "Hello").dump(), own_and({"x-api-key", callers}));
            for (const auto* steering :
                 {"status=401", "status=403", "status=429", "status=500", "quota", "reset", "cut", "error-event", "malformed", "html"})
                for (const bool stream : {false, true}) {
                    const auto body = chat(model, std::string("simulate:") + steering, stream).dump();
                    ask("POST", "/v1/chat/completions", body, own());
                    ask("POST", "/v1/chat/completions", body, own_and({"Authorization", "Bearer " + callers}));
                }
            ask("POST", "/v1/nothing/here?key=" + callers, "{}", own_and({"Authorization", "Bearer " + callers}));
            ask("POST", "/v1/chat/completions", "{no json", own_and({"Authorization", "Bearer " + callers}));
            ask("POST", "/v1/chat/completions", chat("nobody-serves-this", "Hello").dump(), own_and({"Authorization", "Bearer " + callers}));
            ask("POST", "/v1/chat/completions", chat(model, "Hello").dump(), {{"Authorization", "Bearer " + callers}});
        }
        ask("POST", "/v1/chat/completions", chat("gpt-4o", "Hello").dump(), own_and({"Authorization", "Bearer " + key("form unknown")}));
        ask("POST", "/v1/chat/completions", chat("gpt-4o", "Hello").dump(), {{"X-SMG-API-Key", tenant_key}});
    }

    void run_control_plane() {
        const auto& secret = key("refused spec");
        const std::vector<std::string> specs = {
            R"({"url":"http://127.0.0.1:9/v1","provider":"opnai","api_key":")" + secret + "\"}",
            R"({"url":"http://127.0.0.1:9/v1","api_ky":")" + secret + "\"}",
            R"({"url":"http://127.0.0.1:9/v1","api_key":[")" + secret + "\"]}",
            R"({"url":"http://127.0.0.1:9/v1","headers":{"x":[")" + secret + "\"]}}",
            R"({"url":"http://user:)" + secret + R"(@127.0.0.1:9/v1"})",
            R"({"url":"ftp://127.0.0.1","api_key":")" + secret + "\"}",
            R"({"api_key":")" + secret + R"(","url": nonsense)",
            R"({"url":"http://127.0.0.1:9/v1","provider":"openai","name":"unreachable","api_key":")" + secret + "\"}",
        };
        for (const auto& spec : specs) ask("POST", "/workers?wait=1", spec, own());
        const auto listed = Json::parse(gateway.get("/workers", own()).body);
        ask("GET", "/workers", {}, own());
        ask("GET", "/workers?model=gpt-4o", {}, own());
        for (const auto& worker : listed.at("workers")) ask("GET", "/workers/" + worker.at("id").get<std::string>(), {}, own());
    }

    /// What the gateway tells of itself, while a request that shows keys everywhere stands open.
    void run_introspection() {
        const auto& callers = key("caller's openai");
        auto open = gateway.client();
        open.send("POST /v1/chat/completions?key=" + callers + " HTTP/1.1\r\nhost: x\r\nx-request-id: " + callers +
                  "\r\nX-SMG-API-Key: " + gateway_key + "\r\nAuthorization: Bearer " + callers + "\r\ncontent-length: 9\r\n\r\n{");
        while (told_of_itself.find("read_body") == std::string::npos) ask("GET", "/inflight", {}, own());
        for (const auto* path : {"/config", "/get_loads", "/log_level", "/inflight?limit=5"}) ask("GET", path, {}, own());
        ask("PUT", "/log_level", R"({"level":")" + callers + "\"}", own());
        ask("PUT", "/log_level", R"({"level":"trace"})", own());
    }

    /// Does all that can show a key, and looks for each of them everywhere.
    void expect_keys_where_they_belong();
    [[nodiscard]] std::vector<Place> places() {
        std::vector<Place> all = {{"clients", told_clients}, {"admins", told_admins}, {"metrics", gateway.metrics()}, {"log", {}}};
        all.push_back({"introspection", told_of_itself});
        all.push_back({"traces", collector.received()});
        for (const auto& provider : provider_names) {
            std::string text;
            for (const auto& request : providers[provider].requests()) {
                text += request.method + " " + request.target + "\n" + request.body + "\n";
                for (const auto& field : request.fields) text.append(field.name).append(": ").append(field.value).append("\n");
            }
            all.push_back({provider, text});
        }
        telemetry::flush_log();
        for (const auto& entry : std::filesystem::recursive_directory_iterator(logs.file("log"))) {
            std::ifstream file(entry.path());
            all[3].text.append(std::istreambuf_iterator<char>(file), {});
        }
        return all;
    }

    static inline const std::string tenant_key = "smg-Tn6TenantKey-0123456789";
    static inline const std::string gateway_key = "smg-Qw7GatewayOwn-0123456789";
    TemporaryDirectory logs;
    TraceCollector collector;
    Providers providers;
    RunningGateway gateway;
    std::vector<Canary> canaries;
    std::string told_clients;
    std::string told_admins;
    std::string told_of_itself;
};

void Keys::expect_keys_where_they_belong() {
    run_workload();
    run_control_plane();
    run_introspection();
    // The last spans leave within a second of their request's end.
    const auto exported = static_cast<double>(gateway.metric("smg_router_requests_total", {}));
    EXPECT_GE(gateway.metric("smg_traces_exported_total", {}, exported), exported);
    const auto all = places();
    EXPECT_NE(all[3].text.find("request body"), std::string::npos);
    EXPECT_NE(all[3].text.find("answer body"), std::string::npos);
    for (const auto& leak : leaks_in(all, canaries)) ADD_FAILURE() << "the key '" << leak.canary << "' is in: " << leak.place;
    for (const auto& place : all) EXPECT_GT(place.text.size(), 1000U) << place.name << " holds too little to prove anything";
    // What may hold a key does: the workload has used every one of them.
    for (const auto& canary : canaries)
        for (const auto& place : all) {
            const bool used = place.text.find(canary.key) != std::string::npos;
            EXPECT_EQ(used, canary.allowed.contains(place.name)) << canary.name << " in " << place.name;
        }
}

TEST_F(Keys, AreNowhereButWithTheirProvider) { expect_keys_where_they_belong(); }

class KeysInJson : public Keys {
protected:
    KeysInJson() : Keys(true) {}
};

TEST_F(KeysInJson, AreNowhereButWithTheirProvider) { expect_keys_where_they_belong(); }

TEST_F(Keys, TheSearchFindsALeakPlantedInAnyPlace) {
    ask("GET", "/workers", {}, own());
    ask("GET", "/config", {}, own());
    ask("POST", "/v1/chat/completions", chat("gpt-4o", "Hello").dump(), own());
    const auto clean = places();
    ASSERT_TRUE(leaks_in(clean, canaries).empty());
    ASSERT_EQ(clean.size(), 10U);
    for (std::size_t i = 0; i < clean.size(); ++i)
        for (const auto& canary : canaries) {
            if (canary.allowed.contains(clean[i].name)) continue;
            auto leaky = clean;
            leaky[i].text.insert(leaky[i].text.size() / 2, canary.key);
            EXPECT_EQ(leaks_in(leaky, canaries), (std::vector<Leak>{{canary.name, clean[i].name}}));
            leaky[i].text = detail::base64(canary.key);
            EXPECT_EQ(leaks_in(leaky, canaries), (std::vector<Leak>{{canary.name, clean[i].name}}));
        }
}

}  // namespace
}  // namespace smg::test
