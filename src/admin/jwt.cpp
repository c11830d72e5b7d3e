#include "admin/jwt.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "telemetry/redact.hpp"

namespace smg::admin {

namespace {

using Json = nlohmann::json;
using Refusal = tl::unexpected<std::string>;

constexpr std::size_t longest_token = 16 * 1024;
constexpr std::size_t longest_subject = 64;
constexpr double leeway = 60;  // seconds

/// RFC 7515 section 2: without padding, line breaks or anything else.
std::optional<std::string> base64url_decoded(std::string_view text) {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string bytes;
    unsigned held = 0;
    int bits = 0;
    for (const char c : text) {
        const auto value = alphabet.find(c);
        if (value == std::string_view::npos) return std::nullopt;
        held = held << 6U | static_cast<unsigned>(value);
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        bytes += static_cast<char>(held >> static_cast<unsigned>(bits) & 0xffU);
    }
    return text.size() % 4 == 1 ? std::nullopt : std::optional(std::move(bytes));
}

std::string text_of(const Json& object, const char* name) {
    const auto member = object.find(name);
    return member != object.end() && member->is_string() ? member->get<std::string>() : std::string();
}

bool is_known_algorithm(std::string_view name) {
    const bool family = name.starts_with("RS") || name.starts_with("PS") || name.starts_with("ES");
    return family && (name.substr(2) == "256" || name.substr(2) == "384" || name.substr(2) == "512");
}

/// A text, or a list in which texts count.
std::vector<std::string> texts_of(const Json* value) {
    std::vector<std::string> texts;
    if (value == nullptr) return texts;
    if (value->is_string()) texts.push_back(value->get<std::string>());
    if (value->is_array())
        for (const auto& each : *value)
            if (each.is_string()) texts.push_back(each.get<std::string>());
    return texts;
}

const Json* member_of(const Json& object, const std::string& name) {
    const auto member = object.find(name);
    return member == object.end() ? nullptr : &*member;
}

/// By its whole name, which may hold dots itself (`https://app.example/roles`), else by a path of names.
const Json* find_claim(const Json& claims, std::string_view path) {
    if (!claims.is_object()) return nullptr;
    if (const auto* whole = member_of(claims, std::string(path))) return whole;
    for (auto dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.', dot + 1)) {
        const auto* inner = member_of(claims, std::string(path.substr(0, dot)));
        if (inner == nullptr) continue;
        if (const auto* found = find_claim(*inner, path.substr(dot + 1))) return found;
    }
    return nullptr;
}

bool has_admin_role(const Json& claims, const config::JwtSettings& rules) {
    const auto roles = texts_of(find_claim(claims, rules.role_claim));
    const auto is_theirs = [&roles](const std::string& name) { return std::find(roles.begin(), roles.end(), name) != roles.end(); };
    if (rules.role_mapping.empty()) return is_theirs("admin");
    return std::any_of(rules.role_mapping.begin(), rules.role_mapping.end(),
                       [&](const auto& each) { return each.second == "admin" && is_theirs(each.first); });
}

/// `sub`; a service may have `client_id` or `azp` alone.
std::string subject_of(const Json& claims) {
    std::string subject;
    for (const auto* name : {"sub", "client_id", "azp"})
        if (subject = text_of(claims, name); !subject.empty()) break;
    if (subject.empty()) return "unnamed";
    if (subject.size() > longest_subject) {
        auto end = longest_subject;
        while (end > 0 && (static_cast<unsigned char>(subject[end]) & 0xc0U) == 0x80U) --end;  // not inside a character
        subject.resize(end);
    }
    std::replace_if(subject.begin(), subject.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
    return telemetry::redact(subject);
}

/// The one key that it can have been signed with.
tl::expected<const Jwk*, std::string> key_for(const JwtHeader& header, const JwkSet& keys) {
    const Jwk* chosen = nullptr;
    for (const auto& key : keys.keys()) {
        if (!key.fits(header.algorithm) || (!header.key_id.empty() && key.id() != header.key_id)) continue;
        if (chosen != nullptr && header.key_id.empty()) return Refusal("names no key (`kid`), and its issuer has several");
        if (chosen == nullptr) chosen = &key;
    }
    if (chosen != nullptr) return chosen;
    if (!keys.holds(header.key_id)) return Refusal("is signed with a key that its issuer does not have");
    return Refusal("is signed by an algorithm that is not its key's");
}

std::optional<std::string> wrong_claim(const Json& claims, const config::JwtSettings& rules, std::int64_t now) {
    if (text_of(claims, "iss") != rules.issuer) return "is of another issuer (`iss`)";
    const auto audience = texts_of(member_of(claims, "aud"));
    if (std::find(audience.begin(), audience.end(), rules.audience) == audience.end()) return "is for another audience (`aud`)";
    const auto* expiry = member_of(claims, "exp");
    if (expiry == nullptr || !expiry->is_number()) return "does not say when it expires (`exp`)";
    if (expiry->get<double>() + leeway <= static_cast<double>(now)) return "has expired (`exp`)";
    const auto* beginning = member_of(claims, "nbf");
    if (beginning != nullptr && (!beginning->is_number() || beginning->get<double>() - leeway > static_cast<double>(now)))
        return "is not valid yet (`nbf`)";
    return std::nullopt;
}

}  // namespace

tl::expected<JwtHeader, std::string> read_jwt_header(std::string_view token) {
    if (token.size() > longest_token || std::count(token.begin(), token.end(), '.') != 2) return Refusal("is neither a key nor a signed JWT");
    const auto bytes = base64url_decoded(token.substr(0, token.find('.')));
    const auto header = bytes ? Json::parse(*bytes, nullptr, false) : Json();
    if (!header.is_object()) return Refusal("is neither a key nor a signed JWT");
    JwtHeader read;
    read.algorithm = text_of(header, "alg");
    if (!is_known_algorithm(read.algorithm)) return Refusal("is not signed by one of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512");
    if (header.contains("crit")) return Refusal("has critical extensions (`crit`), and none is known here");
    if (header.contains("kid") && !header["kid"].is_string()) return Refusal("names its key (`kid`) by what is no text");
    read.key_id = text_of(header, "kid");
    return read;
}

tl::expected<JwtCaller, std::string> verify_jwt(const std::string& token, const JwkSet& keys, const config::JwtSettings& rules, std::int64_t now) {
    const auto header = read_jwt_header(token);
    if (!header) return Refusal(header.error());
    const auto key = key_for(*header, keys);
    if (!key) return Refusal(key.error());
    const auto payload = (*key)->verified_payload(token, header->algorithm);
    if (!payload) return Refusal("has a signature that does not verify");
    const auto claims = Json::parse(*payload, nullptr, false);
    if (!claims.is_object()) return Refusal("holds no claims");
    if (auto wrong = wrong_claim(claims, rules, now)) return Refusal(std::move(*wrong));
    JwtCaller caller;
    caller.subject = subject_of(claims);
    caller.admin = has_admin_role(claims, rules);
    return caller;
}

}  // namespace smg::admin
