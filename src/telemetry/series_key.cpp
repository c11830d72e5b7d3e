#include "telemetry/series_key.hpp"

#include <algorithm>
#include <cstring>

#include "base/same_text.hpp"
#include "telemetry/key_writer.hpp"
#include "telemetry/labels.hpp"

namespace smg::telemetry {
namespace {

enum Text : std::size_t { model, path, provider, router_type, backend_type, policy, tenant, phase, method, error_code };

}  // namespace

SeriesKey SeriesKey::spelled_by(const RequestRecord& request) noexcept {
    const auto bits = [](auto number, unsigned size) { return static_cast<std::uint64_t>(number) & ((1U << size) - 1); };
    const std::uint64_t flags = (request.streaming ? 1U : 0U) + (RequestRecord::passed(request.first_output) ? 2U : 0U) +
                                (request.model_known ? 4U : 0U) + (request.attempts > 0 ? 8U : 0U);
    SeriesKey key;
    if (request.model_known) key.texts[model] = request.model_sent.empty() ? request.model : request.model_sent;
    key.texts[path] = request.path;
    key.texts[provider] = request.provider;
    key.texts[router_type] = request.router_type;
    key.texts[backend_type] = request.backend_type;
    key.texts[policy] = request.policy;
    key.texts[tenant] = request.tenant;
    if (request.outcome == Outcome::client_closed) key.texts[phase] = request.phase();
    key.texts[method] = request.method;
    key.texts[error_code] = request.error_code;
    key.numbers = bits(request.status, 16) | bits(request.upstream_status, 16) << 16 | bits(request.outcome, 4) << 32 |
                  bits(request.key_source, 4) << 36 | bits(request.admission, 4) << 40 | flags << 44;
    return key;
}

SeriesKey SeriesKey::labelled() const noexcept {
    auto key = *this;
    key.texts[method] = method_label(texts[method]);
    key.texts[error_code] = error_code_label(texts[error_code]);
    return key;
}

std::string_view SeriesKey::written(std::string& memory) const {
    KeyWriter key(memory);
    for (const auto& text : texts) key.add(text);
    std::array<char, sizeof numbers> bytes{};
    std::memcpy(bytes.data(), &numbers, sizeof numbers);
    key.add({bytes.data(), bytes.size()});
    return key.written();
}

bool LatestKey::is(const SeriesKey& key) const noexcept {
    return numbers_ == key.numbers && std::equal(texts_.begin(), texts_.end(), key.texts.begin(), same_text);
}

void LatestKey::set(const SeriesKey& key) {
    numbers_ = key.numbers;
    std::copy(key.texts.begin(), key.texts.end(), texts_.begin());
}

}  // namespace smg::telemetry
