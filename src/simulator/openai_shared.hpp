#pragma once
/// What OpenAI's endpoints have in common: rules for names, schemas and images, and the steering that leaves no answer.
#include <optional>
#include <string>

#include "simulator/openai_chat.hpp"

namespace smg::simulator {

/// `^[a-zA-Z0-9_-]{1,64}$`
[[nodiscard]] bool is_name(const std::string& name);
[[nodiscard]] Refusal unsupported(const std::string& name, const std::string& hint = {});
/// How a schema breaks the rules of `strict`; empty when it does not.
[[nodiscard]] std::string strict_fault(const Json& schema, const std::string& context);
/// Of a function's name, description and parameters; `where` is the path to it.
[[nodiscard]] std::optional<Refusal> function_refusal(const Json& function, const std::string& where);
/// Of an image by URL or data URL, in the part `where` and its member `field`.
[[nodiscard]] std::optional<Refusal> image_url_refusal(const std::string& url, const std::string& where, const std::string& field);
[[nodiscard]] Attachment attachment_of(std::string kind, const std::string& url);

/// The reply of a call whose steering asks for no answer of the model.
[[nodiscard]] std::optional<SimulatedReply> steered_away(const Call& call, const ChatProvider& provider, const Steering& steering, bool stream);

}  // namespace smg::simulator
