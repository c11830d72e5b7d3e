#pragma once
/// A gateway with two workers that the test plays by hand, the first of them preferred.
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>

#include "support/scripted_models.hpp"

namespace smg::test {

/// Both serve gpt-4o, and take the caller's key.
class TwoPlayedWorkers : public testing::Test {
protected:
    explicit TwoPlayedWorkers(config::Config config = test_config(), const Json& first_more = Json::object()) : gateway(std::move(config)) {
        add("first", first.url(), 90, first_more);
        add("second", second.url(), 50);
    }
    void add(const std::string& name, const std::string& url, int priority, const Json& more = Json::object()) {
        Json spec = {{"url", url},           {"name", name},        {"provider", "openai"}, {"runtime_type", "external"},
                     {"models", {"gpt-4o"}}, {"priority", priority}};
        spec.update(more);
        ids[name] = gateway.add_worker(spec);
    }
    /// `body` (null: a chat) goes out; the answer is still to be read.
    HttpClient ask(bool stream, const Headers& more = {}, const std::string& path = "/v1/chat/completions", Json body = {}) const {
        if (body.is_null()) body = chat("gpt-4o", "Hello", stream);
        auto client = gateway.client();
        Headers headers{{"Authorization", "Bearer sk-proj-caller"}};
        headers.insert(headers.end(), more.begin(), more.end());
        client.send_request("POST", path, body.dump(), headers);
        return client;
    }
    /// The next connection there, its request read.
    static MessageStream taken(const RawUpstream& upstream) {
        auto connection = upstream.accept();
        connection.read();
        return connection;
    }
    Json worker(const std::string& name) { return Json::parse(gateway.get("/workers/" + ids[name]).body); }

    RawUpstream first;
    RawUpstream second;
    RunningGateway gateway;
    std::map<std::string, std::string> ids;
};

}  // namespace smg::test
