#include "codec/json_writer.hpp"

#include <array>

namespace smg::codec {
namespace {

constexpr std::array<bool, 256> make_special() {
    std::array<bool, 256> special{};
    for (int c = 0; c < 0x20; ++c) special[static_cast<std::size_t>(c)] = true;
    special['"'] = special['\\'] = true;
    special[0xC2] = special[0xE2] = true;  // lead bytes of U+0085 and of U+2028/9
    return special;
}
constexpr auto special = make_special();

void append_control(std::string& out, unsigned char c) {
    constexpr char hex[] = "0123456789abcdef";
    switch (c) {
        case '"': out += "\\\""; return;
        case '\\': out += "\\\\"; return;
        case '\n': out += "\\n"; return;
        case '\r': out += "\\r"; return;
        case '\t': out += "\\t"; return;
        case '\b': out += "\\b"; return;
        case '\f': out += "\\f"; return;
        default:
            out += "\\u00";
            out += hex[c >> 4];
            out += hex[c & 15];
    }
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
    out += '"';
    std::size_t run = 0;  // start of the bytes that need no escape
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (!special[c]) continue;
        if (c == 0xC2) {
            if (text.substr(i + 1, 1) != "\x85") continue;
            out.append(text, run, i - run);
            out += "\\u0085";
            i += 1;
        } else if (c == 0xE2) {
            const auto tail = text.substr(i + 1, 2);
            if (tail != "\x80\xA8" && tail != "\x80\xA9") continue;
            out.append(text, run, i - run);
            out += tail[1] == '\xA8' ? "\\u2028" : "\\u2029";
            i += 2;
        } else {
            out.append(text, run, i - run);
            append_control(out, c);
        }
        run = i + 1;
    }
    out.append(text, run, text.size() - run);
    out += '"';
}

}  // namespace smg::codec
