#pragma once
/// An OpenID provider that serves its keys on loopback.
#include <mutex>
#include <string>
#include <vector>

#include "support/scripted_upstream.hpp"
#include "support/tokens.hpp"

namespace smg::test {

class Issuer {
public:
    enum class Mood { fine, failing, silent };

    Issuer() {
        server_.script([this](const http::RequestHead& head) { return answer(head); });
        loops_.start();
    }
    ~Issuer() { loops_.stop(); }
    Issuer(const Issuer&) = delete;
    Issuer& operator=(const Issuer&) = delete;

    [[nodiscard]] std::string url() const { return server_.url(); }
    [[nodiscard]] std::string keys_url() const { return url() + "/keys"; }
    /// Its discovery document names this issuer.
    void call_yourself(const std::string& name) {
        const std::lock_guard lock(mutex_);
        name_ = name;
    }
    void publish(const SigningKey& key) {
        const std::lock_guard lock(mutex_);
        keys_.push_back(key.jwk());
    }
    void set_mood(Mood mood) {
        const std::lock_guard lock(mutex_);
        mood_ = mood;
    }
    /// Paths that it was asked for.
    [[nodiscard]] std::vector<std::string> asked() const {
        const std::lock_guard lock(mutex_);
        return asked_;
    }

private:
    std::optional<ScriptedReply> answer(const http::RequestHead& head) {
        const std::lock_guard lock(mutex_);
        asked_.push_back(head.target);
        if (mood_ == Mood::silent) return std::nullopt;
        if (mood_ == Mood::failing) return ScriptedReply(503, "later");
        if (head.target == "/keys") return ScriptedReply(200, key_set(keys_));
        if (head.target != "/.well-known/openid-configuration") return ScriptedReply(404, "nothing");
        return ScriptedReply(200, nlohmann::json{{"issuer", name_.empty() ? url() : name_}, {"jwks_uri", keys_url()}}.dump());
    }

    net::EventLoops loops_{1};
    ScriptedUpstream server_{loops_};
    mutable std::mutex mutex_;
    std::string name_;
    std::vector<nlohmann::json> keys_;
    std::vector<std::string> asked_;
    Mood mood_ = Mood::fine;
};

}  // namespace smg::test
