#include "providers/catalog.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "providers/model_pattern.hpp"
#include "providers/spelling.hpp"
#include "providers/vendors.hpp"

namespace smg::providers {

namespace {

bool is_host_or_below(std::string_view host, std::string_view known) {
    if (iequals(host, known)) return true;
    return host.size() > known.size() && host[host.size() - known.size() - 1] == '.' && iequals(host.substr(host.size() - known.size()), known);
}

template <typename Visit>
void each_spelling(const Provider& provider, Visit visit) {
    visit(provider.name);
    for (const auto& alias : provider.aliases) visit(alias);
}

std::string nearest_to(std::string_view spelled, const std::vector<ProviderPtr>& providers) {
    std::string nearest;
    std::size_t best = std::max<std::size_t>(2, spelled.size() / 3) + 1;
    for (const auto& provider : providers)
        each_spelling(*provider, [&](const std::string& known) {
            if (const auto distance = spelling_distance(spelled, known, best); distance < best) {
                best = distance;
                nearest = known;
            }
        });
    return nearest;
}

/// Text of a caller's in an error message: short, and without control characters.
std::string quoted(std::string_view text) {
    std::string out = "`";
    for (char c : text.substr(0, 64)) out += static_cast<unsigned char>(c) < ' ' || c == 0x7f ? '?' : c;
    return out + "`";
}

}  // namespace

void Catalog::add(Provider provider) {
    const auto same = std::find_if(providers_.begin(), providers_.end(), [&](const auto& p) { return iequals(p->name, provider.name); });
    auto shared = std::make_shared<const Provider>(std::move(provider));
    if (same != providers_.end())
        *same = std::move(shared);
    else
        providers_.push_back(std::move(shared));
}

void Catalog::index_patterns() {
    for (const auto& provider : providers_)
        for (const std::string_view pattern : provider->model_patterns) {
            const auto add_under = [&](unsigned char letter) { patterns_[letter].emplace_back(pattern, &provider); };
            if (pattern.empty()) continue;
            if (pattern.front() == '*') {
                for (int letter = 0; letter < 256; ++letter) add_under(static_cast<unsigned char>(letter));
            } else if (pattern.front() == '#') {
                for (unsigned char digit = '0'; digit <= '9'; ++digit) add_under(digit);
            } else {
                add_under(static_cast<unsigned char>(ascii_lower(pattern.front())));
            }
        }
}

std::shared_ptr<const Catalog> Catalog::built_in() {
    static const std::shared_ptr<const Catalog> catalog = with_vendors({}).value();
    return catalog;
}

Result<std::shared_ptr<const Catalog>> Catalog::with_vendors(const std::vector<VendorSpec>& vendors) {
    auto catalog = std::shared_ptr<Catalog>(new Catalog());
    for (auto make : {openai, anthropic, xai, gemini, openai_compatible}) catalog->add(make());
    catalog->compatible_ = catalog->find("openai-compatible");
    for (auto& vendor : built_in_vendors()) catalog->add(std::move(vendor));
    for (const auto& spec : vendors) {
        const auto known = catalog->find(spec.name);
        if (known && (known->first_party || known == catalog->compatible_ || !iequals(known->name, spec.name)))
            return fail(Failure::invalid_request, "the name " + quoted(spec.name) + " belongs to a built-in provider", "providers." + spec.name);
        auto provider = provider_of(spec);
        if (!provider) return fail(provider.error().failure, provider.error().message, "providers." + provider.error().param);
        for (const auto& alias : spec.aliases)
            if (const auto other = catalog->find(alias); other && !iequals(other->name, spec.name))
                return fail(Failure::invalid_request, "the alias " + quoted(alias) + " belongs to " + other->name,
                            "providers." + spec.name + ".aliases");
        catalog->add(std::move(*provider));
    }
    catalog->index_patterns();
    return std::shared_ptr<const Catalog>(std::move(catalog));
}

ProviderPtr Catalog::find(std::string_view spelled) const {
    for (const auto& provider : providers_) {
        bool found = false;
        each_spelling(*provider, [&](const std::string& known) { found = found || iequals(known, spelled); });
        if (found) return provider;
    }
    return nullptr;
}

Result<ProviderPtr> Catalog::named(std::string_view spelled, std::string_view param) const {
    if (auto provider = find(spelled)) return provider;
    std::string message = "provider " + quoted(spelled) + " is not known";
    if (const auto nearest = nearest_to(spelled, providers_); !nearest.empty()) message += "; did you mean `" + nearest + "`?";
    message += " Allowed: ";
    for (const auto& provider : providers_) message += (provider == providers_.front() ? "" : ", ") + provider->name;
    return fail(Failure::invalid_request, std::move(message), std::string(param));
}

ProviderPtr Catalog::of_host(std::string_view host) const {
    ProviderPtr best;
    std::size_t longest = 0;
    for (const auto& provider : providers_)
        for (const auto& known : provider->hosts)
            if (known.size() > longest && is_host_or_below(host, known)) {
                longest = known.size();
                best = provider;
            }
    return best;
}

ProviderPtr Catalog::of_model(std::string_view model) const {
    if (model.starts_with("models/")) model.remove_prefix(7);
    if (model.empty()) return nullptr;
    const ProviderPtr* best = nullptr;
    std::size_t longest = 0;  // `*` alone names nobody
    for (const auto& [pattern, provider] : patterns_[static_cast<unsigned char>(ascii_lower(model.front()))])
        if (const auto length = match_length(pattern, model); length && *length > longest) {
            longest = *length;
            best = provider;
        }
    return best ? *best : nullptr;
}

Result<ProviderPtr> Catalog::of_worker(std::string_view spelled, const WorkerUrl& url) const {
    const auto by_host = of_host(url.host);
    if (spelled.empty()) return by_host ? by_host : compatible_;
    auto provider = named(spelled);
    if (!provider || !by_host || same_provider(**provider, *by_host)) return provider;
    auto message = "provider `" + (*provider)->name + "` contradicts the url: " + url.host + " is `" + by_host->name + "`";
    return fail(Failure::invalid_request, std::move(message), "provider");
}

}  // namespace smg::providers
