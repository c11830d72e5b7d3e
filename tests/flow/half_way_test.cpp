/// Streams whose pieces are long, left or cut half-way: what had arrived by then is written down, paid for, and taken off a budget.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "support/request_log.hpp"
#include "support/running_gateway.hpp"
#include "support/scripted_models.hpp"

namespace smg::test {
namespace {

constexpr std::size_t piece_count = 20;
constexpr std::size_t piece_bytes = 1800;
constexpr double fair_tokens = piece_count * piece_bytes / 3.6;

/// Whose stream, and as what it was asked for.
struct Long {
    std::string provider, path;
    double input_price, output_price;     ///< picodollars a token
    std::optional<std::uint64_t> input;  ///< as the provider tells it
};

void PrintTo(const Long& tried, std::ostream* out) { *out << tried.provider << tried.path; }

std::string pieces_of(const std::string& provider) {
    std::string all = provider == "anthropic" ? messages_start() : "";
    for (std::size_t i = 0; i < piece_count; ++i) {
        std::string text;
        while (text.size() < piece_bytes) text += "word" + std::to_string(i % 10) + ' ';
        text.resize(piece_bytes);
        all += provider == "anthropic" ? messages_text(text) : chat_event(text);
    }
    return all;
}

/// Asks, waits for the last piece, and leaves; all is settled and written down then. The status.
int ask_and_leave(PlayedWorker& played, const Long& tried, Headers headers) {
    auto client = played.gateway.client();
    auto body = chat(played.model(), "Hello", true);
    if (tried.path == "/v1/messages") body["max_tokens"] = 50;
    client.send_request("POST", tried.path, body.dump(), headers);
    auto upstream = played.upstream.accept();
    upstream.read();
    upstream.send(std::string(stream_head) + chunk(pieces_of(tried.provider)));
    const auto status = client.read_head().status;
    std::size_t arrived = 0;
    while (arrived < piece_count) {
        const auto event = client.read_event();
        if (!event) break;
        if (event->find("word") != std::string::npos) ++arrived;
    }
    EXPECT_EQ(arrived, piece_count);
    client.close();
    EXPECT_EQ(played.gateway.metric("smg_client_disconnects_total", {"phase=\"relay\""}), 1);
    return status;
}

Json line_of_model(const RequestLog& log) {
    const auto lines = log.lines();
    return *std::find_if(lines.begin(), lines.end(), [](const Json& each) { return each.contains("provider"); });
}

class LongPieces : public testing::TestWithParam<Long> {};

TEST_P(LongPieces, AreEstimatedByTheirLength) {
    const auto& tried = GetParam();
    const RequestLog log;
    PlayedWorker played(tried.provider);
    EXPECT_EQ(ask_and_leave(played, tried, played.key()), 200);
    const auto line = line_of_model(log);
    EXPECT_EQ(line.at("ended_by"), "client");
    EXPECT_EQ(line.at("usage"), "estimated");
    EXPECT_NEAR(line.at("output_tokens").get<double>(), fair_tokens, fair_tokens / 10);
    EXPECT_EQ(line.at("input_tokens"), tried.input ? Json(*tried.input) : line.at("input_tokens")) << "the provider's word";
    const auto cost = line.at("input_tokens").get<double>() * tried.input_price + line.at("output_tokens").get<double>() * tried.output_price;
    EXPECT_NEAR(line.at("cost_usd").get<double>() * 1e12, cost, 1);
}

INSTANTIATE_TEST_SUITE_P(Each, LongPieces,
                         testing::Values(Long{"anthropic", "/v1/messages", 3e6, 15e6, 10},
                                         Long{"anthropic", "/v1/chat/completions", 3e6, 15e6, 10},
                                         Long{"openai", "/v1/chat/completions", 2.5e6, 10e6, {}},
                                         Long{"openai", "/v1/messages", 2.5e6, 10e6, {}}),
                         [](const auto& tried) { return tried.param.provider + (tried.param.path == "/v1/messages" ? "_messages" : "_chat"); });

TEST(LongPiecesOfATenant, AreTakenOffItsBudget) {
    auto config = test_config();
    config.insecure_open = true;
    config::Tenant acme;
    acme.name = "acme";
    acme.keys.emplace_back("tenant-secret-acme");
    acme.tokens_per_minute = 10'000;
    config.tenants.push_back(std::move(acme));
    PlayedWorker played("openai", config);
    auto headers = played.key();
    headers.push_back({"X-SMG-API-Key", "tenant-secret-acme"});
    EXPECT_EQ(ask_and_leave(played, {"openai", "/v1/chat/completions", 0, 0, {}}, headers), 200);
    auto body = chat(played.model(), "Hello");
    body["max_tokens"] = 3'000;
    EXPECT_EQ(played.gateway.post("/v1/chat/completions", body, headers).status, 429);
}

}  // namespace
}  // namespace smg::test
