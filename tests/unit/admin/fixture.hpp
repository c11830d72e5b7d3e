#pragma once
#include <nlohmann/json.hpp>
#include <string>

#include "admin/control_plane.hpp"
#include "support/loop_runner.hpp"
#include "support/scripted_upstream.hpp"

namespace smg::admin::test {

using namespace std::chrono_literals;
using nlohmann::json;
using smg::test::run;
using smg::test::run_until;
using smg::test::Running;
using smg::test::ScriptedReply;

inline constexpr auto secret_key = "the-stored-key-0123456789";
inline constexpr auto one_model = R"({"data":[{"id":"gpt-4o"}]})";

/// The control plane over a registry and a registrar that work, on one loop that the test's own thread runs.
class AdminTest : public testing::Test {
protected:
    explicit AdminTest(ControlPlaneOptions options = {})
        : pools_(loops_, environment()), registrar_(loops_, registry_, pools_, quick()), plane_(registry_, registrar_, watch_, std::move(options)) {
        upstream_.answer(200, one_model);
        registrar_.start();
    }
    ~AdminTest() override {
        registrar_.stop();
        EXPECT_TRUE(run_until(loops_[0], [this] { return registrar_.stopped(); }));
    }

    static upstream::Environment environment() { return {std::make_shared<net::DnsCache>(), net::TlsClientContext::create({}).value(), {}}; }
    static fleet::RegistrarOptions quick() {
        fleet::RegistrarOptions options;
        options.health.drain_settle = std::chrono::seconds(0);
        return options;
    }

    /// From this machine, as curl would send it.
    Request request(const std::string& method, const std::string& path, const std::string& query = {}) {
        Request made(loops_[0], cancellation_);
        made.method = method;
        made.path = path;
        made.query = query;
        made.fields.add("host", "127.0.0.1:30000");
        made.peer = net::asio::ip::make_address("127.0.0.1");
        return made;
    }
    Request with_body(const std::string& method, const std::string& path, const std::string& body, const std::string& query = {}) {
        auto made = request(method, path, query);
        made.fields.add("content-type", "application/json");
        made.body = body;
        return made;
    }
    Response send(Request made) { return run(loops_[0], plane_.handle(std::move(made))); }
    Response get(const std::string& path, const std::string& query = {}) { return send(request("GET", path, query)); }
    Response post(const json& spec, const std::string& query = {}) { return send(with_body("POST", "/workers", spec.dump(), query)); }

    json keyed(json more = json::object()) const {
        json spec = {{"url", upstream_.url()}, {"provider", "openai"}, {"runtime_type", "external"}, {"api_key", secret_key}};
        spec.update(more);
        return spec;
    }
    /// Registered and examined; its id.
    std::string ready(json more = json::object()) {
        const auto response = post(keyed(std::move(more)), "wait=20");
        if (response.status != 201) throw std::runtime_error(response.body);
        return json::parse(response.body)["id"];
    }
    json shown(const std::string& id) { return json::parse(get("/workers/" + id).body); }
    workers::WorkerPtr worker(const std::string& id) const { return registry_.snapshot()->by_id(id); }

    int count_ = 0;
    net::EventLoops loops_{1};
    smg::test::ScriptedUpstream upstream_{loops_};
    workers::Registry registry_{providers::Catalog::built_in(), {}, [this] { return "w" + std::to_string(++count_); }};
    upstream::Pools pools_;
    fleet::RegistryWatch watch_{loops_, registry_};
    fleet::Registrar registrar_;
    net::Cancellation cancellation_;
    ControlPlane plane_;
};

/// An error of this status and code, whose words hold all of these.
inline void expect_error(const Response& response, int status, const std::string& code, std::initializer_list<std::string> words) {
    EXPECT_EQ(response.status, status) << response.body;
    EXPECT_EQ(response.fields.get("content-type"), "application/json");
    const auto body = json::parse(response.body);
    EXPECT_EQ(body.size(), 2U) << "an error is {error, code}: " << response.body;
    EXPECT_EQ(body.at("code"), code);
    for (const auto& word : words) EXPECT_NE(body.at("error").get<std::string>().find(word), std::string::npos) << response.body << " lacks " << word;
}

}  // namespace smg::admin::test
