#pragma once
/// The chosen worker's secrets in what its upstream says: out of errors and heads they are cut, answers pass as they are. Pure.
#include <string>
#include <string_view>

#include "codec/stream_event.hpp"
#include "fleet/worker_secrets.hpp"
#include "http/fields.hpp"
#include "routing/route.hpp"

namespace smg::gateway {

/// A caller's own key is not among them.
[[nodiscard]] fleet::WorkerSecrets secrets_of(const routing::Choice& choice);

void hide(const fleet::WorkerSecrets& secrets, codec::ProviderError& error);
/// A field that tells one is left out.
void hide(const fleet::WorkerSecrets& secrets, http::Fields& fields);
/// `text` is events, or a JSON body, of any format: an error in it loses the secrets, all else stays.
/// What is returned is `text`, or lies in `memory`.
[[nodiscard]] std::string_view hide_in_errors(const fleet::WorkerSecrets& secrets, std::string_view text, std::string& memory);

}  // namespace smg::gateway
