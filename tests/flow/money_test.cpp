/// Tokens and money: what the gateway writes down is what whoever served would write down.
#include <gtest/gtest.h>

#include <cmath>

#include "support/books.hpp"
#include "support/request_log.hpp"
#include "support/running_gateway.hpp"
#include "support/scripted_models.hpp"
#include "support/scripted_upstream.hpp"

namespace smg::test {
namespace {

const std::vector<std::string> all_providers = {"openai", "anthropic", "xai", "gemini"};

std::string model_of(const std::string& provider) {
    if (provider == "anthropic") return "claude-sonnet-4-5";
    if (provider == "gemini") return "gemini-2.5-flash";
    return provider == "xai" ? "grok-3" : "gpt-4o";
}

/// Dollars per million tokens of those models, as the providers' pages have them; xAI states its own.
std::uint64_t price_of(const std::string& provider, const Book& book) {
    const auto plain = book.input - book.cached - book.cache_write;
    if (provider == "xai") return book.picodollars;
    if (provider == "anthropic") return plain * 3'000'000 + book.cached * 300'000 + book.cache_write * 3'750'000 + book.output * 15'000'000;
    if (provider == "gemini") return plain * 300'000 + book.cached * 30'000 + book.output * 2'500'000;
    return plain * 2'500'000 + book.cached * 1'250'000 + book.output * 10'000'000;
}

std::uint64_t picodollars(const Json& line) { return static_cast<std::uint64_t>(std::llround(line.value("cost_usd", 0.0) * 1e12)); }

Book logged(const Json& line) {
    Book book;
    book.input = line.value("input_tokens", 0ULL);
    book.output = line.value("output_tokens", 0ULL);
    book.cached = line.value("cached_tokens", 0ULL);
    book.cache_write = line.value("cache_write_tokens", 0ULL);
    book.reasoning = line.value("reasoning_tokens", 0ULL);
    book.picodollars = picodollars(line);
    return book;
}

/// Asks the simulated provider once more what it was asked: it always answers the same, so this is what it served.
Book served_by(simulator::SimulatorServer& provider, const std::string& name) {
    Book sum;
    for (const auto& request : provider.requests()) {
        if (request.method != "POST" || request.status != 200) continue;
        HttpClient client(provider.port());
        Headers headers;
        for (const auto& field : request.fields)
            if (!iequals(field.name, "content-length") && !iequals(field.name, "host"))
                headers.push_back({std::string(field.name), std::string(field.value)});
        sum += book_of_answer(name, client.request("POST", request.target, request.body, headers).body);
    }
    return sum;
}

class Money : public testing::Test {
protected:
    static config::Config with_tenant() {
        auto config = test_config();
        auto& tenant = config.tenants.emplace_back();
        tenant.name = "acme";
        tenant.keys.emplace_back("acme-key-0123456789");
        config.trust_tenant_header = true;
        return config;
    }
    static Headers own() { return {{"X-SMG-API-Key", "acme-key-0123456789"}}; }

    void add(const std::string& provider, simulator::SimulatorServer& server, const std::string& name) {
        gateway.add_worker({{"url", server.url()}, {"provider", provider}, {"api_key", "any-key-0123456789"}, {"name", name}});
    }
    Answer ask(const std::string& path, const Json& body) {
        ++asked;
        return gateway.client().post(path, body.dump(), own());
    }
    void ask_in_every_format(const std::string& model, const std::string& text) {
        for (const bool stream : {false, true}) {
            ask("/v1/chat/completions", chat(model, text, stream));
            Json message = chat(model, text, stream);
            message["max_tokens"] = 500;
            ask("/v1/messages", message);
            Json input = {{"model", model}, {"input", text}, {"stream", stream}};
            ask("/v1/responses", input);
            const Json contents = {{"contents", {{{"role", "user"}, {"parts", {{{"text", text}}}}}}}};
            ask("/v1beta/models/" + model + (stream ? ":streamGenerateContent?alt=sse" : ":generateContent"), contents);
        }
    }
    /// Once every request has been counted, its line stands in the log.
    std::vector<Json> finished() {
        EXPECT_EQ(gateway.metric("smg_http_requests_total", {"method=\"POST\"", "path=\"/v1"}, asked), asked);
        std::vector<Json> lines;
        for (auto& line : log.lines())
            if (line.contains("provider")) lines.push_back(std::move(line));
        return lines;
    }

    RequestLog log;
    Providers providers;
    RunningGateway gateway{with_tenant()};
    double asked = 0;
};

TEST_F(Money, TokensAndCostEqualTheProvidersBooks) {
    Providers broken;
    broken["openai"].fail_all(503);
    add("openai", broken["openai"], "openai-broken");
    for (const auto& provider : all_providers) add(provider, providers[provider], provider);
    for (const auto& provider : all_providers) {
        const auto model = model_of(provider);
        for (const auto* text : {"Hello", "Tell me about the sea, at some length, please."}) ask_in_every_format(model, text);
        for (const auto* steering : {"status=400", "status=500", "status=429", "quota"})
            ask_in_every_format(model, std::string("simulate:") + steering);
    }
    std::map<std::string, Book> sums;
    std::size_t retried = 0;
    for (const auto& line : finished()) {
        if (line.at("attempts") > 1 && line.at("status") == 200) {
            ++retried;
            EXPECT_EQ(line.value("attempt_reasons", ""), "openai-broken:503") << line;
        }
        const bool served = line.at("status") == 200;
        EXPECT_EQ(line.contains("cost_usd"), served) << line;
        EXPECT_EQ(line.value("usage", ""), served ? "reported" : "") << line;
        const auto* source = line.at("provider") == "xai" ? "provider" : "prices";
        EXPECT_EQ(line.value("cost_source", ""), served ? source : "") << line;
        EXPECT_EQ(picodollars(line), served ? price_of(line.at("provider"), logged(line)) : 0U) << line;
        sums[line.at("provider")] += logged(line);
    }
    EXPECT_GT(retried, 0U);
    Book all;
    for (const auto& provider : all_providers) {
        const auto book = served_by(providers[provider], provider);
        EXPECT_GT(book.input, 0U);
        EXPECT_EQ(sums[provider].input, book.input) << provider;
        EXPECT_EQ(sums[provider].output, book.output) << provider;
        EXPECT_EQ(sums[provider].cached, book.cached) << provider;
        EXPECT_EQ(sums[provider].cache_write, book.cache_write) << provider;
        EXPECT_EQ(sums[provider].reasoning, book.reasoning) << provider;
        EXPECT_EQ(sums[provider].picodollars, price_of(provider, book)) << provider;
        EXPECT_NEAR(gateway.metric("smg_cost_usd_total", {"provider=\"" + provider + "\"", "tenant=\"acme\"", "model=\"" + model_of(provider)}, 0),
                    static_cast<double>(price_of(provider, book)) * 1e-12, 1e-12);
        all += book;
    }
    EXPECT_EQ(gateway.metric("smg_router_tokens_total", {"token_type=\"input\""}), static_cast<double>(all.input));
    EXPECT_EQ(gateway.metric("smg_router_tokens_total", {"token_type=\"output\""}), static_cast<double>(all.output));
}

TEST_F(Money, AFallbackIsPaidAtItsOwnPrice) {
    providers["openai"].fail_all(503);
    for (const auto* provider : {"openai", "anthropic"}) add(provider, providers[provider], provider);
    auto headers = own();
    headers.push_back({"X-SMG-Fallback-Models", "claude-sonnet-4-5"});
    headers.push_back({"X-SMG-Timeout-Ms", "20000"});
    for (const bool stream : {false, true}) {
        ++asked;
        EXPECT_EQ(gateway.client().post("/v1/chat/completions", chat("gpt-4o", "Hello", stream).dump(), headers).status, 200);
    }
    Book written;
    for (const auto& line : finished()) {
        EXPECT_EQ(line.at("provider"), "anthropic") << line;
        EXPECT_GT(line.at("attempts"), 1) << line;
        EXPECT_EQ(picodollars(line), price_of("anthropic", logged(line))) << line;
        written += logged(line);
    }
    const auto served = served_by(providers["anthropic"], "anthropic");
    EXPECT_EQ(written.input, served.input);
    EXPECT_EQ(written.output, served.output);
    EXPECT_EQ(gateway.metric("smg_cost_usd_total", {"provider=\"openai\""}, 0), 0) << "who failed is not paid";
}

TEST_F(Money, EmbeddingsCostTheirInput) {
    add("openai", providers["openai"], "openai");
    const auto answer = ask("/v1/embeddings", {{"model", "text-embedding-3-small"}, {"input", "Tell me about the sea."}});
    ASSERT_EQ(answer.status, 200);
    const auto used = Json::parse(answer.body).at("usage").at("prompt_tokens").get<std::uint64_t>();
    const auto line = finished().back();
    EXPECT_EQ(line.at("input_tokens"), used);
    EXPECT_EQ(line.value("output_tokens", 0), 0);
    EXPECT_EQ(picodollars(line), used * 20'000) << "0.02 dollars per million";
}

/// A stream that its client leaves after so many pieces, with what the provider had said by then.
struct HalfWay {
    std::string provider, first, piece;
    std::string basis;
    std::uint64_t input, output;  ///< that must have been written down; 0: the provider has not told it
};

void PrintTo(const HalfWay& half, std::ostream* out) { *out << half.provider << ' ' << half.basis; }

class ClientLeavesHalfWay : public testing::TestWithParam<HalfWay> {};

TEST_P(ClientLeavesHalfWay, WhatWasSaidByThenIsWrittenDown) {
    const auto& half = GetParam();
    const RequestLog log;
    PlayedWorker played(half.provider);
    auto client = played.gateway.client();
    auto body = chat(played.model(), "Hello", true);
    std::string path = "/v1/chat/completions";
    if (half.provider == "anthropic") path = "/v1/messages", body["max_tokens"] = 50;
    if (half.provider == "gemini") {
        path = "/v1beta/models/" + played.model() + ":streamGenerateContent?alt=sse";
        body = {{"contents", {{{"role", "user"}, {"parts", {{{"text", "Hello"}}}}}}}};
    }
    client.send_request("POST", path, body.dump(), played.key());
    auto upstream = played.upstream.accept();
    upstream.read();
    upstream.send(std::string(stream_head) + chunk(half.first + half.piece + half.piece + half.piece));
    client.read_head();
    const auto pieces = half.first.empty() ? 3 : 4;
    for (int i = 0; i < pieces; ++i) ASSERT_TRUE(client.read_event());
    client.close();
    ASSERT_EQ(played.gateway.metric("smg_client_disconnects_total", {"phase=\"relay\""}), 1);
    const auto lines = log.lines();
    const auto line = *std::find_if(lines.begin(), lines.end(), [](const Json& each) { return each.contains("provider"); });
    EXPECT_EQ(line.at("outcome"), "client_closed");
    EXPECT_EQ(line.at("ended_by"), "client");
    EXPECT_EQ(line.at("usage"), half.basis);
    EXPECT_EQ(line.at("output_tokens"), half.output);
    EXPECT_TRUE(half.input == 0 || line.at("input_tokens") == half.input) << line;
    EXPECT_GT(line.at("input_tokens"), 0);
    EXPECT_EQ(picodollars(line), price_of(half.provider, logged(line)));
    EXPECT_GT(picodollars(line), 0U);
}

constexpr auto gemini_piece =
    "data: {\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{\"text\":\"a\"}]},\"index\":0}],\"usageMetadata\":{\"promptTokenCount\":11,"
    "\"candidatesTokenCount\":5,\"totalTokenCount\":18,\"thoughtsTokenCount\":2}}\n\n";
constexpr auto messages_first =
    "event: message_start\ndata: "
    "{\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[],"
    "\"model\":\"claude-sonnet-4-5\",\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{\"input_tokens\":10,\"cache_creation_input_tokens\":20,"
    "\"cache_read_input_tokens\":30,\"output_tokens\":1}}}\n\n";
constexpr auto messages_piece =
    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"a\"}}\n\n";

INSTANTIATE_TEST_SUITE_P(Each, ClientLeavesHalfWay,
                         testing::Values(HalfWay{"openai", "", chat_event("a"), "estimated", 0, 3},
                                         HalfWay{"gemini", "", gemini_piece, "partial", 11, 7},
                                         HalfWay{"anthropic", messages_first, messages_piece, "estimated", 60, 3}),
                         [](const auto& tried) { return tried.param.provider; });

class Vendor : public testing::Test {
protected:
    Vendor() {
        upstream.answer(200, R"({"data":[{"id":"house-model"}]})");
        loops.start();
        gateway.add_worker({{"url", upstream.url()},
                            {"provider", "openai-compatible"},
                            {"runtime_type", "external"},
                            {"api_key", "key-0123456789"},
                            {"models", {{{"id", "house-model"}}}}});
    }
    ~Vendor() override { loops.stop(); }

    Json line_for(const Json& usage) {
        const Json answer = {{"id", "x"},
                             {"object", "chat.completion"},
                             {"model", "house-model"},
                             {"usage", usage},
                             {"choices", {{{"index", 0}, {"message", {{"role", "assistant"}, {"content", "Hi"}}}, {"finish_reason", "stop"}}}}};
        upstream.script([text = answer.dump()](const http::RequestHead&) {
            ScriptedReply reply(200, text);
            reply.fields.add("content-type", "application/json");
            return reply;
        });
        EXPECT_EQ(gateway.post("/v1/chat/completions", chat("house-model", "Hello")).status, 200);
        ++asked;
        EXPECT_EQ(gateway.metric("smg_router_requests_total", {"model=\"house-model\""}, asked), asked);
        return log.lines().back();
    }

    RequestLog log;
    net::EventLoops loops{1};
    ScriptedUpstream upstream{loops};
    RunningGateway gateway;
    double asked = 0;
};

TEST_F(Vendor, AModelWithoutAPriceIsCountedAndNeverFree) {
    const auto line = line_for({{"prompt_tokens", 10}, {"completion_tokens", 5}, {"total_tokens", 15}});
    EXPECT_EQ(line.at("input_tokens"), 10);
    EXPECT_FALSE(line.contains("cost_usd"));
    EXPECT_EQ(line.at("cost_source"), "unpriced");
    EXPECT_EQ(gateway.metric("smg_unpriced_requests_total", {"provider=\"openai-compatible\"", "model=\"house-model\""}), 1);
    EXPECT_EQ(gateway.metrics().find("smg_cost_usd_total{"), std::string::npos);
}

TEST_F(Vendor, ItsOwnWordIsTakenToTheLastDigit) {
    const auto line = line_for({{"prompt_tokens", 10}, {"completion_tokens", 5}, {"total_tokens", 15}, {"cost", 0.000123456789}});
    EXPECT_EQ(picodollars(line), 123'456'789U);
    EXPECT_EQ(line.at("cost_source"), "provider");
    EXPECT_NEAR(gateway.metric("smg_cost_usd_total", {"provider=\"openai-compatible\"", "tenant=\"\""}, 1e-6), 0.000123456789, 1e-15);
    const auto own_key = line_for(
        {{"prompt_tokens", 10}, {"completion_tokens", 5}, {"cost", 1e-6}, {"is_byok", true}, {"cost_details", {{"upstream_inference_cost", 2e-6}}}});
    EXPECT_EQ(picodollars(own_key), 3'000'000U);
    const auto object = line_for({{"prompt_tokens", 10}, {"completion_tokens", 5}, {"cost", {{"currency", "USD"}, {"total_cost", 0.005}}}});
    EXPECT_EQ(picodollars(object), 5'000'000'000U);
    EXPECT_EQ(gateway.metrics().find("smg_unpriced_requests_total{"), std::string::npos);
}

TEST(OwnPrices, ReplaceTheBuiltInOnes) {
    const TemporaryDirectory directory;
    std::ofstream(directory.file("prices.toml")) << "[openai]\n\"*\" = {input = 1, output = 2}\n";
    auto config = test_config();
    config.prices_path = directory.file("prices.toml");
    const RequestLog log;
    Providers providers;
    const RunningGateway gateway(config);
    gateway.add_worker({{"url", providers["openai"].url()}, {"provider", "openai"}, {"api_key", "sk-any-0123456789"}});
    EXPECT_EQ(gateway.post("/v1/chat/completions", chat("gpt-4o", "Hello")).status, 200);
    EXPECT_EQ(gateway.metric("smg_router_requests_total", {}), 1);
    const auto line = log.lines().back();
    EXPECT_EQ(picodollars(line),
              line.at("input_tokens").get<std::uint64_t>() * 1'000'000 + line.at("output_tokens").get<std::uint64_t>() * 2'000'000);
}

TEST(OwnPrices, ABadFileStopsTheStart) {
    auto config = test_config();
    config.prices_path = "/nowhere/prices.toml";
    const auto made = app::GatewayServer::create(config);
    ASSERT_FALSE(made.has_value());
    EXPECT_EQ(made.error().message, "--prices: /nowhere/prices.toml cannot be read");
}

}  // namespace
}  // namespace smg::test
