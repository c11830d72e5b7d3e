#pragma once
/// multipart/form-data (RFC 7578), as far as uploads to a provider use it.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace smg::simulator {

struct FormPart {
    std::string name;
    std::string filename;      ///< empty: none
    std::string content_type;  ///< empty: none
    std::string body;
};

/// Nothing when the type is another one, has no boundary, or the body is cut off or malformed.
[[nodiscard]] std::optional<std::vector<FormPart>> parse_form(std::string_view content_type, std::string_view body);
/// Null when there is no such part.
[[nodiscard]] const FormPart* part_of(const std::vector<FormPart>& form, std::string_view name);

}  // namespace smg::simulator
