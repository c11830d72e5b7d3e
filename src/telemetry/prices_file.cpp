#include <toml++/toml.h>

#include <array>
#include <cmath>
#include <fstream>
#include <iterator>
#include <utility>

#include "telemetry/prices.hpp"

namespace smg::telemetry {

/// Written by the build from share/prices.toml.
extern const char* const built_in_prices_text;

namespace {

constexpr double per_million = 1e6;   // dollars a million tokens are as many millions of picodollars a token
constexpr double per_thousand = 1e9;  // and dollars a thousand searches as many milliards of them a search
constexpr double dearest = 1e6;

/// Reads one file; the first thing that is wrong ends it.
class Reader {
public:
    explicit Reader(const std::string& name) : name_(name) {}

    [[nodiscard]] bool take(const toml::table& root) {
        for (const auto& [key, node] : root) {
            if (key.str() == "date" || key.str() == "source") {
                const auto* text = node.as_string();
                if (text == nullptr) return refuse(node, std::string(key.str()) + " must be a text");
                (key.str() == "date" ? table_->date : table_->source) = text->get();
            } else if (const auto* provider = node.as_table()) {
                if (!take_provider(key.str(), *provider)) return false;
            } else {
                return refuse(node, std::string(key.str()) + " is neither `date` nor `source` nor the table of a provider");
            }
        }
        return true;
    }
    [[nodiscard]] PriceTablePtr table() const { return table_; }
    [[nodiscard]] const std::string& problem() const { return problem_; }

private:
    /// A line of prices as it was written; what is absent is filled in afterwards.
    struct Written {
        std::optional<Picodollars> input, cached, cache_write, cache_write_1h, output, reasoning, web_search;
        std::optional<Picodollars> audio, audio_cached, audio_output, image, image_output;

        [[nodiscard]] std::optional<Picodollars>* member(std::string_view name) noexcept {
            using Member = std::optional<Picodollars> Written::*;
            static constexpr std::array<std::pair<std::string_view, Member>, 12> members{{{"input", &Written::input},
                                                                                          {"cached", &Written::cached},
                                                                                          {"cache_write", &Written::cache_write},
                                                                                          {"cache_write_1h", &Written::cache_write_1h},
                                                                                          {"output", &Written::output},
                                                                                          {"reasoning", &Written::reasoning},
                                                                                          {"web_search", &Written::web_search},
                                                                                          {"audio", &Written::audio},
                                                                                          {"audio_cached", &Written::audio_cached},
                                                                                          {"audio_output", &Written::audio_output},
                                                                                          {"image", &Written::image},
                                                                                          {"image_output", &Written::image_output}}};
            for (const auto& [known, its] : members)
                if (known == name) return &(this->*its);
            return nullptr;
        }
        [[nodiscard]] Rates rates() const {
            Rates made;
            made.input = *input;
            made.cached = cached.value_or(made.input);
            made.cache_write = cache_write.value_or(made.input);
            made.cache_write_1h = cache_write_1h.value_or(made.cache_write);
            made.output = output;
            made.reasoning = reasoning ? reasoning : output;
            made.audio = audio.value_or(made.input);
            made.audio_cached = audio_cached.value_or(made.cached);
            made.image = image.value_or(made.input);
            made.audio_output = audio_output ? audio_output : output;
            made.image_output = image_output ? image_output : output;
            made.web_search = web_search;
            return made;
        }
    };

    [[nodiscard]] bool take_provider(std::string_view provider, const toml::table& models) {
        for (const auto& [key, node] : models) {
            what_ = std::string(provider) + "." + std::string(key.str());
            const auto* lines = node.as_table();
            if (lines == nullptr) return refuse(node, what_ + " must be a table of prices");
            ModelPrices prices;
            if (!take_rates(*lines, "tiers", prices.base)) return false;
            if (const auto* tiers = lines->get("tiers"); tiers != nullptr && !take_tiers(*tiers, prices)) return false;
            // What is billed by the piece does not depend on how long a request is.
            for (auto& tier : prices.tiers)
                if (!tier.rates.web_search) tier.rates.web_search = prices.base.web_search;
            table_->add(provider, key.str(), std::move(prices));
        }
        return true;
    }

    /// `beside`: what may stand among the prices.
    [[nodiscard]] bool take_rates(const toml::table& lines, std::string_view beside, Rates& rates) {
        Written written;
        for (const auto& [key, node] : lines) {
            if (key.str() == beside) continue;
            auto* const price = written.member(key.str());
            if (price == nullptr) return refuse(node, what_ + ": " + std::string(key.str()) + " is no price");
            if (!take_price(node, std::string(key.str()), *price)) return false;
        }
        if (!written.input) return refuse(lines, what_ + ": the price of `input` is missing");
        rates = written.rates();
        return true;
    }

    [[nodiscard]] bool take_tiers(const toml::node& node, ModelPrices& prices) {
        const auto* tiers = node.as_array();
        if (tiers == nullptr) return refuse(node, what_ + ": tiers must be a list");
        for (const auto& each : *tiers) {
            const auto* lines = each.as_table();
            const auto above = lines != nullptr ? (*lines)["above"].value<std::int64_t>() : std::nullopt;
            if (!above || *above < 1) return refuse(each, what_ + ": a tier needs `above`, a number of input tokens");
            ModelPrices::Tier tier;
            tier.above = static_cast<std::uint64_t>(*above);
            if (!prices.tiers.empty() && tier.above <= prices.tiers.back().above) return refuse(each, what_ + ": tiers must rise");
            if (!take_rates(*lines, "above", tier.rates)) return false;
            prices.tiers.push_back(tier);
        }
        return true;
    }

    [[nodiscard]] bool take_price(const toml::node& node, const std::string& name, std::optional<Picodollars>& price) {
        const bool by_piece = name == "web_search";
        const auto dollars = node.is_number() ? node.value<double>() : std::nullopt;
        if (!dollars || !(*dollars >= 0 && *dollars <= dearest))
            return refuse(node, what_ + ": " + name + " must be US dollars per " + (by_piece ? "thousand searches" : "million tokens") +
                                    ", from 0 to 1000000");
        const auto scaled = *dollars * (by_piece ? per_thousand : per_million);
        const auto rounded = std::round(scaled);
        if (std::abs(scaled - rounded) > 1e-3) return refuse(node, what_ + ": " + name + " has more than six decimals");
        price = static_cast<Picodollars>(rounded);
        return true;
    }

    bool refuse(const toml::node& node, const std::string& what) {
        problem_ = name_ + ":" + std::to_string(node.source().begin.line) + ": " + what;
        return false;
    }

    const std::string& name_;
    std::shared_ptr<PriceTable> table_ = std::make_shared<PriceTable>();
    std::string what_;
    std::string problem_;
};

}  // namespace

Result<PriceTablePtr> read_prices(std::string_view text, const std::string& name) {
    toml::table root;
    try {
        root = toml::parse(text, name);
    } catch (const toml::parse_error& error) {
        return fail(Failure::invalid_request, name + ":" + std::to_string(error.source().begin.line) + ": " + std::string(error.description()));
    }
    Reader reader(name);
    if (!reader.take(root)) return fail(Failure::invalid_request, reader.problem());
    return reader.table();
}

PriceTablePtr built_in_prices() {
    static const PriceTablePtr table = *read_prices(built_in_prices_text, "share/prices.toml");
    return table;
}

Result<PriceTablePtr> load_prices(const std::string& path) {
    if (path.empty()) return built_in_prices();
    std::ifstream file(path);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    if (!file.is_open() || file.bad()) return fail(Failure::invalid_request, path + " cannot be read");
    return read_prices(text, path);
}

}  // namespace smg::telemetry
