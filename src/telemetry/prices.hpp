#pragma once
/// What tokens cost: a table of prices, and who holds the one that counts.
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/money.hpp"
#include "base/result.hpp"
#include "telemetry/request_record.hpp"

namespace smg::telemetry {

/// Picodollars a token. Whatever a provider does not price apart is priced as what it is a part of.
struct Rates {
    Picodollars input = 0;
    Picodollars cached = 0;
    Picodollars cache_write = 0;
    Picodollars cache_write_1h = 0;
    std::optional<Picodollars> output;      ///< none: an answer with output has no price
    std::optional<Picodollars> reasoning;   ///< as `output`
    Picodollars audio = 0;
    Picodollars audio_cached = 0;
    Picodollars image = 0;
    std::optional<Picodollars> audio_output;  ///< as `output`
    std::optional<Picodollars> image_output;  ///< as `output`
    std::optional<Picodollars> web_search;    ///< each; none: an answer that searched has no price
};

/// Of one model. A request whose input, cached tokens included, is longer than a tier's `above` pays that tier's rates for all of its tokens.
struct ModelPrices {
    Rates base;
    struct Tier {
        std::uint64_t above = 0;
        Rates rates;
    };
    std::vector<Tier> tiers;  ///< rising
};

/// What the tokens cost; nothing where a price is missing or the sum would not fit.
[[nodiscard]] std::optional<Picodollars> cost_of(const ModelPrices& prices, const TokenCounts& tokens) noexcept;

/// Immutable once shared.
class PriceTable {
public:
    std::string date;    ///< of the prices, `2026-01-31`
    std::string source;  ///< where they come from

    /// `model` may be `*`: every model of this provider that has no line of its own. A service tier's prices stand under `provider:tier`.
    void add(std::string_view provider, std::string_view model, ModelPrices prices);
    /// By the exact id; else without `models/` in front and without a date, a version or `-latest` behind (`gpt-5-2025-08-07`,
    /// `claude-sonnet-4-5@20250929`, `gemini-2.5-flash-001`); else the provider's `*`. Null: unknown.
    [[nodiscard]] const ModelPrices* find(std::string_view provider, std::string_view model) const;
    /// Those of a service tier; where it has none of its own for the model, the standard ones. Empty: standard.
    [[nodiscard]] const ModelPrices* find(std::string_view provider, std::string_view model, std::string_view service_tier) const;
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>()(text); }
    };
    using Models = std::unordered_map<std::string, ModelPrices, Hash, std::equal_to<>>;
    std::map<std::string, Models, std::less<>> providers_;
    std::size_t size_ = 0;
};
using PriceTablePtr = std::shared_ptr<const PriceTable>;

/// The table that ships with the program: share/prices.toml.
[[nodiscard]] PriceTablePtr built_in_prices();
/// `path` empty: the built-in one. Errors name the file, the line and what is wrong there.
[[nodiscard]] Result<PriceTablePtr> load_prices(const std::string& path);
/// A table as docs/costs.md describes it; `name` is how errors call it.
[[nodiscard]] Result<PriceTablePtr> read_prices(std::string_view text, const std::string& name);

/// The table that counts now. It may be replaced at any time from any thread; readers take no lock unless it was.
class Prices {
public:
    explicit Prices(PriceTablePtr table);
    void replace(PriceTablePtr table);
    /// For the calling thread, valid until its next call.
    [[nodiscard]] const PriceTable& here() const;
    /// What `here().find` says; quick when the thread asks for the same again.
    [[nodiscard]] const ModelPrices* find(std::string_view provider, std::string_view model, std::string_view service_tier) const;

private:
    struct Seen;
    [[nodiscard]] Seen& seen_here() const;

    const std::uint64_t id_;
    mutable std::mutex mutex_;
    PriceTablePtr table_;
    std::atomic<std::uint64_t> version_{1};
};

/// Writes into an ended request what it cost: the provider's own word if it gave one, else by `table`; `unpriced` where the table does not know
/// the model. A request without token counts costs nothing that anybody knows, and is left alone.
void settle_cost(RequestRecord& record, const PriceTable& table);
void settle_cost(RequestRecord& record, const Prices& prices);

}  // namespace smg::telemetry
