#pragma once
/// Tools that a provider defined, seen from the others.
#include "codec/conversation.hpp"

namespace smg::codec {

/// A provider's tool that the client runs and whose actions only that provider's models know (a screen, a browser): a request with it
/// cannot be sent elsewhere. One that the provider runs itself can be left out.
[[nodiscard]] bool is_bound_to_its_models(const Tool& tool);

}  // namespace smg::codec
