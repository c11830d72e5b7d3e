#include "admin/jwk_set.hpp"

#include <cjose/cjose.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

namespace smg::admin {

namespace {

using Json = nlohmann::json;

constexpr std::size_t least_rsa_bits = 2048;  // RFC 7518 section 3.3

std::string text_of(const Json& object, const char* name) {
    const auto member = object.find(name);
    return member != object.end() && member->is_string() ? member->get<std::string>() : std::string();
}

bool is_for_signatures(const Json& key) {
    if (key.contains("use") && text_of(key, "use") != "sig") return false;
    const auto operations = key.find("key_ops");
    return operations == key.end() || (operations->is_array() && std::find(operations->begin(), operations->end(), "verify") != operations->end());
}

struct ReleaseJws {
    void operator()(cjose_jws_t* jws) const noexcept { cjose_jws_release(jws); }
};

}  // namespace

class Jwk::Imported {
public:
    explicit Imported(cjose_jwk_t* key) : key_(key) {
        cjose_err ignored{};
        type_ = cjose_jwk_get_kty(key, &ignored);
        bits_ = cjose_jwk_get_keysize(key, &ignored);
    }
    ~Imported() { cjose_jwk_release(key_); }
    Imported(const Imported&) = delete;
    Imported& operator=(const Imported&) = delete;

    [[nodiscard]] bool is_rsa() const noexcept { return type_ == CJOSE_JWK_KTY_RSA; }
    [[nodiscard]] bool is_curve(std::size_t bits) const noexcept { return type_ == CJOSE_JWK_KTY_EC && bits_ == bits; }
    [[nodiscard]] std::size_t bits() const noexcept { return bits_; }
    [[nodiscard]] const cjose_jwk_t* get() const noexcept { return key_; }

private:
    cjose_jwk_t* key_;
    cjose_jwk_kty_t type_ = CJOSE_JWK_KTY_OCT;
    std::size_t bits_ = 0;
};

namespace {

/// Only its public members are handed on.
std::shared_ptr<const Jwk::Imported> import(const Json& key) {
    Json only = {{"kty", text_of(key, "kty")}};
    const bool rsa = only["kty"] == "RSA";
    if (!rsa && only["kty"] != "EC") return nullptr;
    for (const auto* name : {"n", "e"})
        if (rsa) only[name] = text_of(key, name);
    for (const auto* name : {"crv", "x", "y"})
        if (!rsa) only[name] = text_of(key, name);
    const auto text = only.dump(-1, ' ', false, Json::error_handler_t::replace);
    cjose_err ignored{};
    auto* imported = cjose_jwk_import(text.data(), text.size(), &ignored);
    if (imported == nullptr) return nullptr;
    auto made = std::make_shared<const Jwk::Imported>(imported);
    return rsa && made->bits() < least_rsa_bits ? nullptr : made;
}

}  // namespace

bool Jwk::fits(std::string_view algorithm) const noexcept {
    if (!algorithm_.empty() && algorithm_ != algorithm) return false;
    for (const std::string_view each : {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})
        if (each == algorithm) return key_->is_rsa();
    if (algorithm == "ES256") return key_->is_curve(256);
    if (algorithm == "ES384") return key_->is_curve(384);
    return algorithm == "ES512" && key_->is_curve(521);
}

std::optional<std::string> Jwk::verified_payload(const std::string& compact, std::string_view algorithm) const {
    if (!fits(algorithm)) return std::nullopt;
    cjose_err error{};
    const std::unique_ptr<cjose_jws_t, ReleaseJws> jws(cjose_jws_import(compact.data(), compact.size(), &error));
    if (!jws) return std::nullopt;
    // The library reads the header itself, and goes by what it finds there.
    const char* its_algorithm = cjose_header_get(cjose_jws_get_protected(jws.get()), CJOSE_HDR_ALG, &error);
    if (its_algorithm == nullptr || its_algorithm != algorithm || !cjose_jws_verify(jws.get(), key_->get(), &error)) return std::nullopt;
    std::uint8_t* bytes = nullptr;
    std::size_t size = 0;
    if (!cjose_jws_get_plaintext(jws.get(), &bytes, &size, &error)) return std::nullopt;
    return std::string(bytes, bytes + size);
}

Result<JwkSet> JwkSet::parse(std::string_view text) {
    const auto set = Json::parse(text, nullptr, false);
    const auto listed = set.is_object() ? set.find("keys") : set.end();
    if (!set.is_object() || listed == set.end() || !listed->is_array()) return fail(Failure::upstream_error, "is no JSON Web Key Set");
    std::vector<Jwk> keys;
    for (const auto& each : *listed) {
        if (keys.size() == most_keys) break;
        if (!each.is_object() || !is_for_signatures(each)) continue;
        if (auto key = import(each)) keys.emplace_back(text_of(each, "kid"), text_of(each, "alg"), std::move(key));
    }
    if (keys.empty()) return fail(Failure::upstream_error, "has no key that verifies signatures of RSA or of a curve");
    return JwkSet(std::move(keys));
}

bool JwkSet::holds(std::string_view id) const noexcept {
    return id.empty() || std::any_of(keys_.begin(), keys_.end(), [id](const Jwk& key) { return key.id() == id; });
}

}  // namespace smg::admin
