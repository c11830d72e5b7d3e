#pragma once
/// WorkerSpec from and to JSON. An unknown field is an error that names it (with its path: `health.timeout`); the read-only members of a
/// `GET` are ignored, so that get, edit, put works. Every error is invalid_request with `param`; none holds a secret.
#include <nlohmann/json.hpp>
#include <string_view>

#include "workers/spec.hpp"

namespace smg::workers {

/// Parses the text strictly: one JSON object, no member twice on the top level.
[[nodiscard]] Result<nlohmann::json> parse_body(std::string_view text);

/// `POST`: a whole spec.
[[nodiscard]] Result<WorkerSpec> spec_from_json(const nlohmann::json& body, const providers::Catalog& catalog);

/// `PUT`: what is absent falls back to its default, but for secrets: an absent `api_key` keeps the stored one and `null` clears it, `headers`
/// likewise by name. Another URL or name than `current`'s is an error.
[[nodiscard]] Result<WorkerSpec> replaced_spec(const WorkerSpec& current, const nlohmann::json& body, const providers::Catalog& catalog);

/// `PATCH`: what is absent stays; `null` resets a field to its default, and deletes a label, header or query entry; objects merge.
/// `url`, `name` and `provider` cannot be changed.
[[nodiscard]] Result<WorkerSpec> patched_spec(const WorkerSpec& current, const nlohmann::json& body, const providers::Catalog& catalog);

/// The spec as a `GET` shows it: every field and override that was given, no key, header values as `null`-free list of names under
/// `header_names`; `has_api_key` tells whether a key is stored.
[[nodiscard]] nlohmann::json spec_to_json(const WorkerSpec& spec);

/// The spec with its secrets, for the sealed store alone. `spec_from_json` reads it back.
[[nodiscard]] nlohmann::json spec_to_json_with_secrets(const WorkerSpec& spec);

}  // namespace smg::workers
