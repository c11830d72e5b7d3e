#pragma once
/// Base64 (RFC 4648 section 4), as far as requests need it: a look at the first bytes of an image, and the text of a text file.
#include <optional>
#include <string>
#include <string_view>

namespace smg::codec::messages {

/// The bytes; white space between the digits and missing padding are tolerated. Nothing when there is any other character.
[[nodiscard]] std::optional<std::string> decode_base64(std::string_view text);

/// The media type that the first bytes of an image tell, of those that Anthropic takes; empty when they tell none of these.
[[nodiscard]] std::string_view sniff_image(std::string_view base64);

}  // namespace smg::codec::messages
