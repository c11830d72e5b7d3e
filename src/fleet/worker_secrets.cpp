#include "fleet/worker_secrets.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "telemetry/redact.hpp"

namespace smg::fleet {

WorkerSecrets::WorkerSecrets(const workers::WorkerSpec& spec, bool keys) : keys_(keys) {
    if (keys) add(spec.api_key.reveal());
    for (const auto& [name, value] : spec.headers) {
        const std::string_view whole = value.reveal();
        add(whole);
        // The credential behind its scheme may be repeated alone.
        for (const std::string_view scheme : {"bearer ", "basic "})
            if (istarts_with(whole, scheme)) add(trim(whole.substr(scheme.size())));
    }
    for (const auto& parameter : spec.query) add(parameter.second);
}

void WorkerSecrets::add(std::string_view secret) {
    if (secret.size() < telemetry::shortest_secret) return;
    // One may be the beginning of another, whose rest would be left.
    const auto at = std::find_if(words_.begin(), words_.end(), [&](const auto& word) { return word.size() <= secret.size(); });
    words_.emplace(at, secret);
}

bool WorkerSecrets::told_by(std::string_view text) const noexcept {
    return std::any_of(words_.begin(), words_.end(), [&](const auto& word) { return telemetry::shows(text, word); });
}

bool WorkerSecrets::stand_in(std::string_view text) const noexcept { return told_by(text) || (keys_ && telemetry::holds_key(text)); }

void WorkerSecrets::cut_out(std::string& text) const {
    for (const auto& word : words_) telemetry::cut_out(text, word);
    if (keys_) text = telemetry::redact(text);
}

}  // namespace smg::fleet
