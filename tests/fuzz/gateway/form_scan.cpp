// Any bytes as a multipart form, and one put together from them: a field that is there is found, with its value and no byte more.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "fuzz/require.hpp"
#include "gateway/form_scan.hpp"

namespace {

using smg::fuzzing::require;

constexpr std::string_view content_type = "multipart/form-data; boundary=xYz";

void scan(std::string_view type, std::string_view body) {
    const auto found = smg::gateway::find_form_field(type, body, "model");
    require(!found || (found->begin <= found->end && found->end <= body.size()));
}

std::string part(std::string_view name, std::string_view value) {
    return "--xYz\r\nContent-Disposition: form-data; name=\"" + std::string(name) + "\"\r\n\r\n" + std::string(value) + "\r\n";
}

/// `value` as a file before the field, and as the field itself.
void find(std::string_view value) {
    if (value.find("--xYz") != std::string_view::npos) return;  // it would end its own part
    const auto body = part("file", value) + part("model", value) + "--xYz--\r\n";
    const auto found = smg::gateway::find_form_field(content_type, body, "model");
    require(found && std::string_view(body).substr(found->begin, found->end - found->begin) == value);
    require(!smg::gateway::find_form_field(content_type, body, "prompt"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    scan(content_type, text);
    const auto line = std::min(text.find('\n'), size);
    scan(text.substr(0, line), text.substr(std::min(line + 1, size)));
    find(text);
    return 0;
}
