#pragma once
/// One item of an answer's output while it grows, and its JSON. Internal to this codec.
#include <string>
#include <string_view>
#include <vector>

#include "codec/conversation.hpp"

namespace smg::codec::responses {

struct OutputContent {
    bool refusal = false;
    std::string text;
    std::vector<std::string> annotations;  ///< each as JSON
    std::string logprobs;                  ///< entries without brackets
    RawJson raw;                           ///< a part of another type, whole
};

struct OutputItem {
    enum class Kind { none, message, reasoning, function, custom };
    Kind kind = Kind::none;
    std::string id;
    std::vector<std::pair<std::string, RawJson>> framing;  ///< members that the provider's own item had beside those named here
    std::vector<OutputContent> content;                    ///< of a message
    std::string text;                                      ///< a thought's summary, a call's arguments or input
    std::string state;                                     ///< a thought's `encrypted_content`
    std::string call_id, name;
};

/// The item as it is announced: without content.
[[nodiscard]] std::string announced(const OutputItem& item);
/// The whole item. `status` is the provider's own if it named one.
[[nodiscard]] std::string whole(const OutputItem& item, std::string_view status);
/// One content part of a message.
[[nodiscard]] std::string whole(const OutputContent& content);
/// A `reasoning` item that carries nothing but state.
[[nodiscard]] std::string state_item(std::string_view id, std::string_view state);
/// A picture that the model drew, as the tool that draws here would give it.
[[nodiscard]] std::string image_item(std::string_view id, std::string_view base64);

}  // namespace smg::codec::responses
