#pragma once
/// The simulated providers' entrances. Each takes a call for any path of its API and always answers.
#include "simulator/delivery.hpp"

namespace smg::simulator {

[[nodiscard]] SimulatedReply openai_reply(const Call& call);
[[nodiscard]] SimulatedReply xai_reply(const Call& call);
[[nodiscard]] SimulatedReply anthropic_reply(const Call& call);
[[nodiscard]] SimulatedReply gemini_reply(const Call& call);

}  // namespace smg::simulator
