#include "telemetry/prices.hpp"

#include <algorithm>

#include "base/same_text.hpp"

namespace smg::telemetry {
namespace {

std::uint64_t next_id() {
    static std::atomic<std::uint64_t> last{0};
    return ++last;
}

bool is_digits(std::string_view text) noexcept {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// `-2025-08-07` at the end.
bool ends_in_dashed_date(std::string_view model) noexcept {
    if (model.size() < 12) return false;
    const auto tail = model.substr(model.size() - 11);
    return tail[0] == '-' && tail[5] == '-' && tail[8] == '-' && is_digits(tail.substr(1, 4)) && is_digits(tail.substr(6, 2)) &&
           is_digits(tail.substr(9, 2));
}

/// Without the version behind it; the same text where there is none. Three digits are Gemini's `-001`, four and eight a date.
std::string_view without_version(std::string_view model) noexcept {
    if (ends_in_dashed_date(model)) return model.substr(0, model.size() - 11);
    const auto mark = model.find_last_of("-@");
    if (mark == std::string_view::npos || mark == 0) return model;
    const auto tail = model.substr(mark + 1);
    const bool version = tail == "latest" || (is_digits(tail) && (tail.size() == 3 || tail.size() == 4 || tail.size() == 8));
    return version ? model.substr(0, mark) : model;
}

bool add_to(Picodollars& sum, std::uint64_t count, Picodollars each) noexcept {
    if (count == 0) return true;
    const auto part = times(count, each);
    return part && !__builtin_add_overflow(sum, *part, &sum);
}

}  // namespace

namespace {

/// Takes `wanted` out of what is left of a whole, or all of that.
std::uint64_t part_of(std::uint64_t& left, const std::optional<std::uint64_t>& wanted) noexcept {
    const auto part = std::min(wanted.value_or(0), left);
    left -= part;
    return part;
}

bool add_input(Picodollars& sum, const Rates& rates, const TokenCounts& tokens) noexcept {
    auto fresh = tokens.input.value_or(0);
    auto cached = part_of(fresh, tokens.cached);
    auto written = part_of(fresh, tokens.cache_write);
    const auto written_1h = part_of(written, tokens.cache_write_1h);
    const auto audio_cached = part_of(cached, tokens.media.audio_cached);
    const auto audio = part_of(fresh, tokens.media.audio_input.value_or(0) - std::min(audio_cached, tokens.media.audio_input.value_or(0)));
    const auto image = part_of(fresh, tokens.media.image_input);
    return add_to(sum, fresh, rates.input) && add_to(sum, cached, rates.cached) && add_to(sum, written, rates.cache_write) &&
           add_to(sum, written_1h, rates.cache_write_1h) && add_to(sum, audio, rates.audio) && add_to(sum, audio_cached, rates.audio_cached) &&
           add_to(sum, image, rates.image);
}

bool add_output(Picodollars& sum, const Rates& rates, const TokenCounts& tokens) noexcept {
    auto text = tokens.output.value_or(0);
    const auto audio = part_of(text, tokens.media.audio_output);
    const auto image = part_of(text, tokens.media.image_output);
    const auto reasoning = part_of(text, tokens.reasoning);
    const auto of_output = rates.output.value_or(0);
    return add_to(sum, text, of_output) && add_to(sum, reasoning, rates.reasoning.value_or(of_output)) &&
           add_to(sum, audio, rates.audio_output.value_or(of_output)) && add_to(sum, image, rates.image_output.value_or(of_output));
}

/// Whether output of this kind has a price, or there is none of it.
bool output_is_priced(const Rates& rates, const TokenCounts& tokens) noexcept {
    const auto output = tokens.output.value_or(0);
    const auto other = std::min(output, tokens.media.audio_output.value_or(0) + tokens.media.image_output.value_or(0));
    if (output > other && !rates.output) return false;
    if (tokens.media.audio_output.value_or(0) > 0 && !rates.audio_output) return false;
    return tokens.media.image_output.value_or(0) == 0 || rates.image_output.has_value();
}

}  // namespace

std::optional<Picodollars> cost_of(const ModelPrices& prices, const TokenCounts& tokens) noexcept {
    const auto* rates = &prices.base;
    for (const auto& tier : prices.tiers)
        if (tokens.input.value_or(0) > tier.above) rates = &tier.rates;
    // Counts are taken as parts of their wholes, never beyond them.
    const auto searches = tokens.web_searches.value_or(0);
    if (!output_is_priced(*rates, tokens) || (searches > 0 && !rates->web_search)) return std::nullopt;
    Picodollars sum = 0;
    const bool fits = add_input(sum, *rates, tokens) && add_output(sum, *rates, tokens) && add_to(sum, searches, rates->web_search.value_or(0));
    return fits ? std::optional(sum) : std::nullopt;
}

void PriceTable::add(std::string_view provider, std::string_view model, ModelPrices prices) {
    auto& models = providers_.try_emplace(std::string(provider)).first->second;
    models.insert_or_assign(std::string(model), std::move(prices));
    size_ = 0;
    for (const auto& each : providers_) size_ += each.second.size();
}

const ModelPrices* PriceTable::find(std::string_view provider, std::string_view model) const {
    const auto of_provider = providers_.find(provider);
    if (of_provider == providers_.end()) return nullptr;
    const auto& models = of_provider->second;
    const auto look = [&models](std::string_view name) {
        const auto found = models.find(name);
        return found == models.end() ? nullptr : &found->second;
    };
    if (const auto* exact = look(model)) return exact;
    if (constexpr std::string_view prefix = "models/"; model.starts_with(prefix)) return find(provider, model.substr(prefix.size()));
    if (const auto bare = without_version(model); bare != model)
        if (const auto* undated = look(bare)) return undated;
    return look("*");
}

const ModelPrices* PriceTable::find(std::string_view provider, std::string_view model, std::string_view service_tier) const {
    if (service_tier.empty()) return find(provider, model);
    const auto* of_tier = find(std::string(provider).append(":").append(service_tier), model);
    return of_tier != nullptr ? of_tier : find(provider, model);
}

Prices::Prices(PriceTablePtr table) : id_(next_id()), table_(std::move(table)) {}

void Prices::replace(PriceTablePtr table) {
    const std::lock_guard lock(mutex_);
    table_ = std::move(table);
    version_.fetch_add(1, std::memory_order_release);
}

/// What a thread has seen of the table, and what it looked for last.
struct Prices::Seen {
    std::uint64_t owner = 0;
    std::uint64_t version = 0;
    PriceTablePtr table;
    std::string provider, model, service_tier;
    const ModelPrices* found = nullptr;
};

Prices::Seen& Prices::seen_here() const {
    thread_local Seen seen;
    if (seen.owner != id_ || seen.version != version_.load(std::memory_order_acquire)) {
        const std::lock_guard lock(mutex_);
        seen = Seen();
        seen.owner = id_;
        seen.version = version_.load(std::memory_order_relaxed);
        seen.table = table_;
    }
    return seen;
}

const PriceTable& Prices::here() const { return *seen_here().table; }

const ModelPrices* Prices::find(std::string_view provider, std::string_view model, std::string_view service_tier) const {
    auto& seen = seen_here();
    if (!same_text(seen.model, model) || !same_text(seen.provider, provider) || !same_text(seen.service_tier, service_tier)) {
        seen.found = seen.table->find(provider, model, service_tier);
        seen.model = model;
        seen.provider = provider;
        seen.service_tier = service_tier;
    }
    return seen.found;
}

namespace {

void settle(RequestRecord& record, const auto& prices) {
    const auto& usage = record.usage;
    if (usage.stated_cost) {
        record.cost = usage.stated_cost;
        record.cost_source = CostSource::stated;
        return;
    }
    if (usage.basis == UsageBasis::none) return;
    const auto* of_model = prices.find(record.provider, record.model_sent.empty() ? record.model : record.model_sent, usage.service_tier);
    if (of_model != nullptr) record.cost = cost_of(*of_model, usage);
    record.cost_source = record.cost ? CostSource::table : CostSource::unpriced;
}

}  // namespace

void settle_cost(RequestRecord& record, const PriceTable& table) { settle(record, table); }
void settle_cost(RequestRecord& record, const Prices& prices) { settle(record, prices); }

}  // namespace smg::telemetry
