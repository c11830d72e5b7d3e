#pragma once
/// Keys and tokens of an OpenID provider, made by the test.
#include <cjose/cjose.h>

#include <cstdlib>
#include <ctime>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <utility>

namespace smg::test {

/// Without padding, as JOSE writes it.
[[nodiscard]] inline std::string base64url(const std::string& bytes) {
    char* text = nullptr;
    std::size_t size = 0;
    cjose_err error{};
    if (!cjose_base64url_encode(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(), &text, &size, &error))
        throw std::runtime_error(error.message);
    std::string made(text, size);
    std::free(text);
    return made;
}

class SigningKey {
public:
    using Json = nlohmann::json;

    static SigningKey ec(const std::string& id, cjose_jwk_ec_curve curve = CJOSE_JWK_EC_P_256) {
        cjose_err error{};
        return SigningKey(id, cjose_jwk_create_EC_random(curve, &error));
    }
    static SigningKey rsa(const std::string& id, std::size_t bits = 2048) {
        cjose_err error{};
        const std::uint8_t exponent[] = {1, 0, 1};
        return SigningKey(id, cjose_jwk_create_RSA_random(bits, exponent, sizeof exponent, &error));
    }
    static SigningKey secret(const std::string& id, const std::string& bytes) {
        cjose_err error{};
        return SigningKey(id, cjose_jwk_create_oct_spec(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(), &error));
    }

    /// As a member of a set: what others may know, and `more`.
    [[nodiscard]] Json jwk(const Json& more = Json::object(), bool with_private = false) const {
        cjose_err error{};
        char* text = cjose_jwk_to_json(key_.get(), with_private, &error);
        if (text == nullptr) throw std::runtime_error("no JWK");
        auto made = Json::parse(text);
        std::free(text);
        if (!id_.empty()) made["kid"] = id_;
        made.update(more);
        return made;
    }
    /// A compact JWS of the claims; `more` joins its header.
    [[nodiscard]] std::string sign(const Json& claims, const std::string& algorithm = "ES256", const Json& more = Json::object()) const {
        cjose_err error{};
        auto* header = cjose_header_new(&error);
        cjose_header_set(header, "alg", algorithm.c_str(), &error);
        if (!id_.empty()) cjose_header_set(header, "kid", id_.c_str(), &error);
        for (const auto& [name, value] : more.items()) cjose_header_set_raw(header, name.c_str(), value.dump().c_str(), &error);
        const auto payload = claims.dump();
        auto* jws = cjose_jws_sign(key_.get(), header, reinterpret_cast<const std::uint8_t*>(payload.data()), payload.size(), &error);
        cjose_header_release(header);
        const char* text = nullptr;
        if (jws == nullptr || !cjose_jws_export(jws, &text, &error)) throw std::runtime_error("cannot sign");
        std::string made(text);
        cjose_jws_release(jws);
        return made;
    }

private:
    SigningKey(std::string id, cjose_jwk_t* key) : id_(std::move(id)), key_(key, [](cjose_jwk_t* each) { cjose_jwk_release(each); }) {
        if (key == nullptr) throw std::runtime_error("no key");
    }
    std::string id_;
    std::shared_ptr<cjose_jwk_t> key_;
};

[[nodiscard]] inline std::string key_set(const std::vector<nlohmann::json>& keys) { return nlohmann::json{{"keys", keys}}.dump(); }

/// Of `ada`, who is an admin, for an hour.
[[nodiscard]] inline nlohmann::json admin_claims(const std::string& issuer, const std::string& audience = "smg",
                                                 std::int64_t now = std::time(nullptr)) {
    return {{"iss", issuer}, {"aud", audience}, {"sub", "ada"}, {"exp", now + 3600}, {"nbf", now - 1}, {"roles", {"staff", "admin"}}};
}

}  // namespace smg::test
