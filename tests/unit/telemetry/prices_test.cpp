#include "telemetry/prices.hpp"

#include <gmock/gmock.h>

#include <array>
#include <thread>

#include "unit/telemetry/finished_request.hpp"

namespace smg::telemetry {
namespace {

using ::testing::HasSubstr;

TokenCounts tokens(std::uint64_t input, std::uint64_t output) {
    TokenCounts counts;
    counts.basis = UsageBasis::reported;
    counts.input = input;
    counts.output = output;
    return counts;
}

PriceTablePtr table_of(const std::string& text) {
    auto table = read_prices(text, "prices.toml");
    if (!table) throw std::runtime_error(table.error().message);
    return *table;
}

std::string refusal_of(const std::string& text) {
    const auto table = read_prices(text, "prices.toml");
    return table ? "" : table.error().message;
}

std::string dollars(Picodollars amount) {
    std::array<char, longest_dollars> text{};
    return {text.data(), write_dollars(text.data(), amount)};
}

TEST(Money, IsReadExactly) {
    EXPECT_EQ(picodollars_of("0"), 0U);
    EXPECT_EQ(picodollars_of("1"), 1'000'000'000'000U);
    EXPECT_EQ(picodollars_of("0.00014"), 140'000'000U);
    EXPECT_EQ(picodollars_of("1.4e-4"), 140'000'000U);
    EXPECT_EQ(picodollars_of("1.4E+1"), 14'000'000'000'000U);
    EXPECT_EQ(picodollars_of("0.1"), 100'000'000'000U);
    EXPECT_EQ(picodollars_of("0.0000000000014"), 1U);
    EXPECT_EQ(picodollars_of("0.0000000000015"), 2U);
    EXPECT_EQ(picodollars_of("0.00022249999999999999999999"), 222'500'000U);
    EXPECT_EQ(picodollars_of("1e-300"), 0U);
    for (const auto* wrong : {"", "-1", "abc", ".", "1e", "1x", "1e999", "99999999999", "null", "\"1\""})
        EXPECT_EQ(picodollars_of(wrong), std::nullopt) << wrong;
}

TEST(Money, IsWrittenPlainly) {
    EXPECT_EQ(dollars(0), "0");
    EXPECT_EQ(dollars(1), "0.000000000001");
    EXPECT_EQ(dollars(140'000'000), "0.00014");
    EXPECT_EQ(dollars(2'500'000'000'000), "2.5");
    EXPECT_EQ(dollars(18'446'744'073'709'551'615U), "18446744.073709551615");
}

TEST(Cost, PartsArePricedApart) {
    const auto table = table_of(R"([a]
m = {input = 3, cached = 0.3, cache_write = 3.75, cache_write_1h = 6, output = 15, reasoning = 20}
)");
    auto counts = tokens(1000, 100);
    counts.cached = 600;
    counts.cache_write = 300;
    counts.cache_write_1h = 100;
    counts.reasoning = 40;
    // 100 x 3 + 600 x 0.3 + 200 x 3.75 + 100 x 6 + 60 x 15 + 40 x 20, a million tokens
    EXPECT_EQ(cost_of(*table->find("a", "m"), counts), 3'530'000'000U);
}

TEST(Cost, WhatHasNoPriceOfItsOwnIsPricedAsItsWhole) {
    const auto table = table_of("[a]\nm = {input = 2, output = 8}\n");
    auto counts = tokens(10, 5);
    counts.cached = 4;
    counts.cache_write = 3;
    counts.cache_write_1h = 1;
    counts.reasoning = 5;
    EXPECT_EQ(cost_of(*table->find("a", "m"), counts), 60'000'000U);
}

TEST(Cost, PartsLargerThanTheirWholeCountAsTheWhole) {
    const auto table = table_of("[a]\nm = {input = 2, cached = 1, cache_write = 5, output = 8}\n");
    auto counts = tokens(10, 5);
    counts.cached = 400;
    counts.cache_write = 300;
    counts.reasoning = 500;
    EXPECT_EQ(cost_of(*table->find("a", "m"), counts), 50'000'000U);
}

TEST(Cost, ATierCountsForAllTokensOfALongRequest) {
    const auto table = table_of(R"([a]
m = {input = 1, cached = 0.5, output = 10, tiers = [
    {above = 1000, input = 2, cached = 1, output = 15},
    {above = 5000, input = 4, output = 30},
]}
)");
    const auto& prices = *table->find("a", "m");
    EXPECT_EQ(cost_of(prices, tokens(1000, 1)), 1'010'000'000U);
    EXPECT_EQ(cost_of(prices, tokens(1001, 1)), 2'017'000'000U);
    auto counts = tokens(5001, 1);
    counts.cached = 5000;  // this tier has no price for cached tokens
    EXPECT_EQ(cost_of(prices, counts), 20'034'000'000U);
}

TEST(Cost, OutputWithoutAPriceHasNone) {
    const auto table = table_of("[a]\nembed = {input = 0.13}\n");
    EXPECT_EQ(cost_of(*table->find("a", "embed"), tokens(100, 0)), 13'000'000U);
    EXPECT_EQ(cost_of(*table->find("a", "embed"), tokens(100, 1)), std::nullopt);
}

TEST(Cost, SearchesAreBilledByThePiece) {
    const auto table = table_of(R"([a]
m = {input = 1, output = 10, web_search = 12.5, tiers = [{above = 1000, input = 2, output = 15}]}
plain = {input = 1, output = 10}
)");
    auto counts = tokens(1000, 100);
    counts.web_searches = 3;
    // 1000 x 1 + 100 x 10 a million, and 3 x 12.5 a thousand: 0.002 + 0.0375 dollars
    EXPECT_EQ(cost_of(*table->find("a", "m"), counts), 39'500'000'000U);
    counts.input = 2000;  // 0.004 + 0.0015 + 0.0375: the price of a search stays
    EXPECT_EQ(cost_of(*table->find("a", "m"), counts), 43'000'000'000U);
    EXPECT_EQ(cost_of(*table->find("a", "plain"), counts), std::nullopt) << "unknown is never free";
    counts.web_searches = 0;
    EXPECT_EQ(cost_of(*table->find("a", "plain"), counts), 3'000'000'000U);
}

TEST(Cost, AudioAndImagesHavePricesOfTheirOwn) {
    const auto table = table_of(R"([a]
m = {input = 1, cached = 0.5, output = 10, audio = 30, audio_cached = 3, audio_output = 60, image = 4, image_output = 100}
plain = {input = 1, cached = 0.5, output = 10}
images = {input = 1, image_output = 40}
)");
    auto counts = tokens(1000, 100);
    counts.cached = 200;
    counts.media.audio_input = 300;
    counts.media.audio_cached = 50;
    counts.media.image_input = 100;
    counts.media.audio_output = 40;
    counts.media.image_output = 10;
    counts.reasoning = 20;
    // Input: 450 text, 250 audio, 100 images; 150 cached text and 50 cached audio. Output: 50 text with its reasoning, 40 audio, 10 images.
    const auto input = 450 * 1.0 + 250 * 30 + 100 * 4 + 150 * 0.5 + 50 * 3;
    const auto output = 50 * 10.0 + 40 * 60 + 10 * 100;
    EXPECT_EQ(cost_of(*table->find("a", "m"), counts), static_cast<Picodollars>((input + output) * 1e6));
    EXPECT_EQ(cost_of(*table->find("a", "plain"), counts), 1'900'000'000U) << "as what they are parts of: 800 + 200 / 2 + 100 x 10";

    auto picture = tokens(10, 1000);
    picture.media.image_output = 1000;
    EXPECT_EQ(cost_of(*table->find("a", "images"), picture), 40'010'000'000U);
    picture.output = 1001;
    EXPECT_EQ(cost_of(*table->find("a", "images"), picture), std::nullopt) << "a word has no price there";
    picture.media.image_output = 5000;
    EXPECT_EQ(cost_of(*table->find("a", "m"), picture), 100'110'000'000U) << "never more than the whole";
}

TEST(Cost, NeverWrapsAround) {
    const auto table = table_of("[a]\nm = {input = 1000000, output = 1}\n");
    EXPECT_EQ(cost_of(*table->find("a", "m"), tokens(18'446'745, 0)), std::nullopt);
    EXPECT_EQ(cost_of(*table->find("a", "m"), tokens(18'446'744, 0)), 18'446'744'000'000'000'000U);
    EXPECT_EQ(cost_of(*table->find("a", "m"), tokens(18'446'744, 18'446'744'073)), std::nullopt);
}

TEST(PriceTable, FindsAModelBehindItsVersion) {
    const auto table = table_of(R"([openai]
"gpt-5" = {input = 1, output = 1}
"gpt-5-2025-01-01" = {input = 2, output = 1}
"chat-latest" = {input = 3, output = 1}
[gemini]
"gemini-2.5-flash" = {input = 4, output = 1}
)");
    const auto input = [&](std::string_view provider, std::string_view model) -> std::uint64_t {
        const auto* found = table->find(provider, model);
        return found == nullptr ? 0 : found->base.input / 1'000'000;
    };
    for (const auto* model : {"gpt-5", "gpt-5-2025-08-07", "gpt-5-20250807", "gpt-5-latest", "gpt-5@20250807", "gpt-5-0807"})
        EXPECT_EQ(input("openai", model), 1U) << model;
    EXPECT_EQ(input("openai", "gpt-5-2025-01-01"), 2U);
    EXPECT_EQ(input("openai", "chat-latest"), 3U);
    EXPECT_EQ(input("gemini", "models/gemini-2.5-flash-001"), 4U);
    for (const auto* model : {"gpt-5-mini", "gpt-5-12", "gpt-5-20250807-x", "gpt", "chat", "", "-", "*", "models/models/"})
        EXPECT_EQ(input("openai", model), 0U) << model;
    EXPECT_EQ(input("gemini", "gpt-5"), 0U);
    EXPECT_EQ(input("nobody", "gpt-5"), 0U);
}

TEST(PriceTable, AStarStandsForTheRestOfAProvider) {
    const auto table = table_of("[local]\n\"*\" = {input = 0, output = 0}\nbig = {input = 1, output = 1}\n");
    EXPECT_EQ(cost_of(*table->find("local", "anything"), tokens(5, 5)), 0U);
    EXPECT_EQ(cost_of(*table->find("local", "big"), tokens(5, 5)), 10'000'000U);
}

TEST(PriceTable, AServiceTierHasPricesOfItsOwn) {
    const auto table = table_of(R"([a]
m = {input = 2, output = 8}
n = {input = 3, output = 9}
["a:priority"]
m = {input = 4, output = 16}
)");
    EXPECT_EQ(table->find("a", "m", "priority")->base.input, 4'000'000U);
    EXPECT_EQ(table->find("a", "m-2025-08-07", "priority")->base.input, 4'000'000U);
    EXPECT_EQ(table->find("a", "m", "")->base.input, 2'000'000U);
    EXPECT_EQ(table->find("a", "m", "flex")->base.input, 2'000'000U) << "no line of its own: the standard one";
    EXPECT_EQ(table->find("a", "n", "priority")->base.input, 3'000'000U);
    EXPECT_EQ(table->find("a", "o", "priority"), nullptr);
}

/// By the providers' price pages: 1,000 tokens in, of which 400 cached, and 100 out.
TEST(PriceTable, TheBuiltInOneKnowsTheProvidersTiers) {
    auto counts = tokens(1000, 100);
    counts.cached = 400;
    const auto cost = [&](const char* provider, const char* model, const char* tier) {
        return cost_of(*built_in_prices()->find(provider, model, tier), counts).value_or(0);
    };
    EXPECT_EQ(cost("openai", "gpt-5", ""), 600ULL * 1'250'000 + 400ULL * 125'000 + 100ULL * 10'000'000);
    EXPECT_EQ(cost("openai", "gpt-5", "flex"), 600ULL * 625'000 + 400ULL * 62'500 + 100ULL * 5'000'000);
    EXPECT_EQ(cost("openai", "gpt-5-2025-08-07", "priority"), 600ULL * 2'500'000 + 400ULL * 250'000 + 100ULL * 20'000'000);
    EXPECT_EQ(cost("gemini", "gemini-2.5-flash", "priority"), 600ULL * 540'000 + 400ULL * 54'000 + 100ULL * 4'500'000);
    counts.input = 300'000;  // beyond Gemini's and OpenAI's long-context limits
    counts.cached = 0;
    EXPECT_EQ(cost("gemini", "gemini-2.5-pro", ""), 300'000ULL * 2'500'000 + 100ULL * 15'000'000);
    EXPECT_EQ(cost("gemini", "gemini-2.5-pro", "flex"), 300'000ULL * 1'250'000 + 100ULL * 7'500'000);
    EXPECT_EQ(cost("openai", "gpt-5.4", "flex"), 300'000ULL * 2'500'000 + 100ULL * 11'250'000);
    counts.input = 1000;
    counts.web_searches = 2;
    EXPECT_EQ(cost("anthropic", "claude-sonnet-4-5", ""), 1000ULL * 3'000'000 + 100ULL * 15'000'000 + 2ULL * 10'000'000'000);
}

TEST(PriceFile, TheBuiltInOneIsWhole) {
    const auto table = built_in_prices();
    EXPECT_GT(table->size(), 100U);
    EXPECT_EQ(table->date.size(), 10U);
    EXPECT_THAT(table->source, HasSubstr("litellm"));
    for (const auto& [provider, model] : std::vector<std::pair<std::string, std::string>>{
             {"openai", "gpt-4o-2024-11-20"}, {"anthropic", "claude-sonnet-4-5-20250929"}, {"gemini", "gemini-2.5-pro"}, {"xai", "grok-4.3-latest"}})
        EXPECT_NE(table->find(provider, model), nullptr) << model;
    EXPECT_EQ(table->find("anthropic", "claude-sonnet-4-5")->base.cache_write_1h, 6'000'000U);
    EXPECT_EQ(table->find("gemini", "gemini-2.5-pro")->tiers.at(0).above, 200'000U);
}

TEST(PriceFile, SaysWhatIsWrongAndWhere) {
    const auto one = [](const std::string& line) { return refusal_of("[a]\n" + line + "\n"); };
    EXPECT_EQ(one("m = {output = 1}"), "prices.toml:2: a.m: the price of `input` is missing");
    EXPECT_EQ(one("m = {input = -1}"), "prices.toml:2: a.m: input must be US dollars per million tokens, from 0 to 1000000");
    EXPECT_EQ(one("m = {input = \"1\"}"), "prices.toml:2: a.m: input must be US dollars per million tokens, from 0 to 1000000");
    EXPECT_EQ(one("m = {input = nan}"), "prices.toml:2: a.m: input must be US dollars per million tokens, from 0 to 1000000");
    EXPECT_EQ(one("m = {input = 0.0000001}"), "prices.toml:2: a.m: input has more than six decimals");
    EXPECT_EQ(one("m = {input = 1, web_search = -1}"), "prices.toml:2: a.m: web_search must be US dollars per thousand searches, from 0 to 1000000");
    EXPECT_EQ(one("m = {input = 1, ouput = 2}"), "prices.toml:2: a.m: ouput is no price");
    EXPECT_EQ(one("m = {input = 1, above = 2}"), "prices.toml:2: a.m: above is no price");
    EXPECT_EQ(one("m = 3"), "prices.toml:2: a.m must be a table of prices");
    EXPECT_EQ(one("m = {input = 1, tiers = 3}"), "prices.toml:2: a.m: tiers must be a list");
    EXPECT_EQ(one("m = {input = 1, tiers = [{input = 2}]}"), "prices.toml:2: a.m: a tier needs `above`, a number of input tokens");
    EXPECT_EQ(one("m = {input = 1, tiers = [{above = 5, input = 2}, {above = 5, input = 2}]}"), "prices.toml:2: a.m: tiers must rise");
    EXPECT_EQ(refusal_of("x = 1\n"), "prices.toml:1: x is neither `date` nor `source` nor the table of a provider");
    EXPECT_EQ(refusal_of("date = 2026-01-01\n"), "prices.toml:1: date must be a text");
    EXPECT_THAT(refusal_of("[a\n"), HasSubstr("prices.toml:1: "));
    EXPECT_EQ(load_prices("/nowhere/prices.toml").error().message, "/nowhere/prices.toml cannot be read");
}

TEST(Prices, AreReplacedWhileOthersRead) {
    Prices prices(table_of("date = \"1\"\n"));
    EXPECT_EQ(prices.here().date, "1");
    std::thread([&] { EXPECT_EQ(prices.here().date, "1"); }).join();
    prices.replace(table_of("date = \"2\"\n"));
    EXPECT_EQ(prices.here().date, "2");
    std::thread([&] { EXPECT_EQ(prices.here().date, "2"); }).join();
    const Prices others(table_of("date = \"3\"\n"));
    EXPECT_EQ(others.here().date, "3");
    EXPECT_EQ(prices.here().date, "2");
}

TEST(SettleCost, TheProvidersOwnWordWins) {
    auto record = finished_chat();
    record.usage.basis = UsageBasis::reported;
    record.usage.stated_cost = 7;
    settle_cost(record, *built_in_prices());
    EXPECT_EQ(record.cost, 7U);
    EXPECT_EQ(record.cost_source, CostSource::stated);
}

TEST(SettleCost, ByTheModelThatTheProviderWasAskedFor) {
    auto record = finished_chat();  // `fast`, sent as gpt-4o-mini: 60 + 40 cached + 26 output
    record.usage.basis = UsageBasis::partial;
    settle_cost(record, *built_in_prices());
    EXPECT_EQ(record.cost, 60ULL * 150'000 + 40ULL * 75'000 + 26ULL * 600'000);
    EXPECT_EQ(record.cost_source, CostSource::table);
}

TEST(SettleCost, UnknownIsNeverZero) {
    auto record = finished_chat();
    record.usage.basis = UsageBasis::estimated;
    record.model_sent = "gpt-77";
    settle_cost(record, *built_in_prices());
    EXPECT_EQ(record.cost, std::nullopt);
    EXPECT_EQ(record.cost_source, CostSource::unpriced);
}

TEST(SettleCost, NoTokensNoCost) {
    auto record = finished_404();
    settle_cost(record, *built_in_prices());
    EXPECT_EQ(record.cost, std::nullopt);
    EXPECT_EQ(record.cost_source, CostSource::none);
}

}  // namespace
}  // namespace smg::telemetry
