#include "telemetry/redact.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/ascii.hpp"
#include "telemetry/char_class.hpp"

namespace smg::telemetry {
namespace {

/// A key's beginning, and how many more characters make it one: shorter ones are words.
struct KeyForm {
    std::string_view prefix;
    std::size_t least;
    bool anywhere;  ///< so peculiar that it is one inside a word too
};
constexpr std::array key_forms{KeyForm{"sk-ant-", 8, true}, KeyForm{"sk-proj-", 8, true}, KeyForm{"AIza", 16, true}, KeyForm{"sk-", 8, false},
                               KeyForm{"xai-", 8, false},   KeyForm{"AQ.", 16, false},    KeyForm{"gsk_", 8, false}};
constexpr std::array<std::string_view, 2> schemes{"bearer", "basic"};

/// Query parameters whose value is a credential; compared without case, `-` as `_`.
constexpr std::array<std::string_view, 9> secret_parameters{"key",       "api_key",        "apikey",           "access_token", "token",
                                                            "x_api_key", "x_goog_api_key", "subscription_key", "sig"};

std::size_t run_length(std::string_view text) noexcept {
    std::size_t length = 0;
    while (length < text.size() && is(key_char, text[length])) ++length;
    return length;
}

/// Whether a word begins at `at`: behind no letter of another one. `%20` is a blank, though it ends in a digit.
bool begins_word(std::string_view text, std::size_t at) noexcept {
    return at == 0 || !is(word_char, text[at - 1]) || (at >= 3 && text[at - 3] == '%');
}

/// How many characters of a key stand at the front of `text`; 0: none.
std::size_t key_length(std::string_view text, bool word_begins) noexcept {
    for (const auto& form : key_forms) {
        if (form.prefix.front() != text.front() || !(word_begins || form.anywhere) || !text.starts_with(form.prefix)) continue;
        const auto rest = run_length(text.substr(form.prefix.size()));
        if (rest >= form.least) return form.prefix.size() + rest;
    }
    return 0;
}

/// Behind "basic" and "bearer" prose goes on in words; a credential has digits, or is longer than words are.
bool looks_random(std::string_view run) noexcept {
    return run.size() >= 24 || (run.size() >= 8 && std::any_of(run.begin(), run.end(), [](char c) { return (c >= '0' && c <= '9') || c == '='; }));
}

/// How many characters lie before the credential in `Bearer abc…`; 0: none at the front.
std::size_t scheme_length(std::string_view text) noexcept {
    for (const auto scheme : schemes) {
        if (text.size() <= scheme.size() || text[scheme.size()] != ' ' || !istarts_with(text, scheme)) continue;
        auto at = scheme.size();
        while (at < text.size() && text[at] == ' ') ++at;
        if (looks_random(text.substr(at, run_length(text.substr(at))))) return at;
    }
    return 0;
}

bool is_secret_parameter(std::string_view name) noexcept {
    return std::any_of(secret_parameters.begin(), secret_parameters.end(), [name](std::string_view known) {
        return name.size() == known.size() &&
               std::equal(name.begin(), name.end(), known.begin(), [](char a, char b) { return (a == '-' ? '_' : ascii_lower(a)) == b; });
    });
}

int hex_value(std::string_view digits) noexcept {
    int value = 0;
    const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    return code == std::errc() && end == digits.data() + digits.size() ? value : -1;
}

/// The character that JSON or a target spells at the front of `text`, and the bytes that it takes.
std::pair<char, std::size_t> spelled(std::string_view text) noexcept {
    if (text.front() == '%' && text.size() > 2)
        if (const auto code = hex_value(text.substr(1, 2)); code > 0) return {static_cast<char>(code), 3};
    if (text.front() == '\\' && text.size() > 1) {
        if (text[1] == '"' || text[1] == '\\' || text[1] == '/') return {text[1], 2};
        const auto code = text[1] == 'u' && text.size() > 5 ? hex_value(text.substr(2, 4)) : -1;
        if (code > 0 && code < 0x80) return {static_cast<char>(code), 6};
    }
    return {text.front(), 1};
}

/// How many bytes at the front of `text` are the secret, spelled one way or the other; 0: none.
std::size_t secret_length(std::string_view text, std::string_view secret) noexcept {
    if (text.starts_with(secret)) return secret.size();
    std::size_t at = 0;
    for (const char wanted : secret) {
        if (at >= text.size()) return 0;
        const auto [c, length] = spelled(text.substr(at));
        if (c != wanted) return 0;
        at += length;
    }
    return at;
}

/// Where the secret next stands, and how long it is there; npos: nowhere.
std::pair<std::size_t, std::size_t> find_secret(std::string_view text, std::string_view secret, std::size_t from) noexcept {
    if (text.find('\\') == std::string_view::npos && text.find('%') == std::string_view::npos) return {text.find(secret, from), secret.size()};
    for (auto at = from; at < text.size(); ++at) {
        if (text[at] != secret.front() && text[at] != '\\' && text[at] != '%') continue;
        if (const auto length = secret_length(text.substr(at), secret); length > 0) return {at, length};
    }
    return {std::string_view::npos, 0};
}

}  // namespace

bool shows(std::string_view text, std::string_view secret) noexcept {
    return secret.size() >= shortest_secret && find_secret(text, secret, 0).first != std::string_view::npos;
}

void cut_out(std::string& text, std::string_view secret) {
    if (!shows(text, secret)) return;
    std::string out;
    std::size_t from = 0;
    for (;;) {
        const auto [at, length] = find_secret(text, secret, from);
        out.append(text, from, at == std::string::npos ? at : at - from);
        if (at == std::string::npos) break;
        out += redacted;
        from = at + length;
    }
    text = std::move(out);
}

bool holds_key(std::string_view text) noexcept {
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (!is(key_start, text[at])) continue;
        const auto rest = text.substr(at);
        const bool word_begins = begins_word(text, at);
        if (key_length(rest, word_begins) > 0 || (word_begins && scheme_length(rest) > 0)) return true;
    }
    return false;
}

std::string redact(std::string_view text) {
    if (!holds_key(text)) return std::string(text);
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const auto rest = text.substr(at);
        const bool word_begins = begins_word(text, at);
        if (const auto length = key_length(rest, word_begins); length > 0) {
            out += redacted;
            at += length;
        } else if (const auto before = word_begins ? scheme_length(rest) : 0; before > 0) {
            out.append(rest.substr(0, before)).append(redacted);
            at += before + run_length(rest.substr(before));
        } else {
            out += text[at++];
        }
    }
    return out;
}

std::string redact_target(std::string_view target) {
    const auto question = target.find('?');
    if (question == std::string_view::npos) return redact(target);
    std::string out(target.substr(0, question + 1));
    auto query = target.substr(question + 1);
    while (true) {
        const auto end = query.find('&');
        const auto pair = query.substr(0, end);
        const auto equals = pair.find('=');
        if (equals != std::string_view::npos && is_secret_parameter(pair.substr(0, equals)))
            out.append(pair.substr(0, equals + 1)).append(redacted);
        else
            out += pair;
        if (end == std::string_view::npos) break;
        out += '&';
        query.remove_prefix(end + 1);
    }
    return redact(out);
}

}  // namespace smg::telemetry
