#include "codec/openai_responses/signature.hpp"

#include "base/ascii.hpp"
#include "codec/reasoning_envelope.hpp"

namespace smg::codec::responses {
namespace {

constexpr std::string_view previous = "p:";

bool is_native(Origin origin) { return origin == Origin::openai || origin == Origin::xai || origin == Origin::unknown; }

}  // namespace

std::string state_of(const ReasoningPart& part, Origin answer) {
    const auto origin = part.origin == Origin::unknown ? answer : part.origin;
    if (is_native(origin)) return part.signature;
    auto sealed = part;
    sealed.origin = origin;
    return seal_reasoning(sealed);
}

std::string seal_previous(std::string_view signature) { return wrap_reasoning(Origin::gemini, std::string(previous).append(signature)); }

std::optional<std::string> open_previous(std::string_view encrypted) {
    auto opened = unwrap_reasoning(encrypted);
    if (!opened || !opened->payload.starts_with(previous)) return std::nullopt;
    return opened->payload.substr(previous.size());
}

Origin issuer_of(std::string_view model) {
    if (const auto slash = model.rfind('/'); slash != std::string_view::npos) model.remove_prefix(slash + 1);
    return istarts_with(model, "grok") ? Origin::xai : Origin::openai;
}

}  // namespace smg::codec::responses
