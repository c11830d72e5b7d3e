#pragma once
#include <nlohmann/json.hpp>
#include <string>

#include "fleet/registrar.hpp"
#include "fleet/registry_watch.hpp"
#include "support/loop_runner.hpp"
#include "support/scripted_upstream.hpp"
#include "workers/spec_json.hpp"
#include "workers/worker_json.hpp"

namespace smg::fleet::test {

using namespace std::chrono_literals;
using nlohmann::json;
using smg::test::run;
using smg::test::run_until;
using smg::test::Running;
using smg::test::ScriptedReply;

inline constexpr auto secret_key = "the-stored-key-0123456789";

inline workers::WorkerSpec spec_of(const json& body) {
    auto spec = workers::spec_from_json(body, *providers::Catalog::built_in());
    if (!spec) throw std::runtime_error(spec.error().message);
    return std::move(*spec);
}

inline std::vector<std::string> ids_of(const std::vector<providers::ListedModel>& models) {
    std::vector<std::string> ids;
    for (const auto& model : models) ids.push_back(model.id);
    return ids;
}

inline upstream::Environment environment() { return {std::make_shared<net::DnsCache>(), net::TlsClientContext::create({}).value(), {}}; }

/// One loop, run by the test's own thread; a scripted upstream; a registry whose worker ids are w1, w2, …
class FleetTest : public testing::Test {
protected:
    FleetTest() : pools_(loops_, environment()) {}

    net::EventLoop& loop() { return loops_[0]; }
    upstream::Pool& pool() { return pools_.of(loops_[0]); }
    std::string add(const json& spec) {
        auto added = registry_.add(spec_of(spec), "api", 1000);
        if (!added) throw std::runtime_error(added.error().message);
        return (*added)->id;
    }
    /// A worker at the scripted upstream, with a key, of this provider.
    json external(const std::string& provider, json more = json::object()) const {
        json spec = {{"url", upstream_.url()}, {"provider", provider}, {"runtime_type", "external"}, {"api_key", secret_key}};
        spec.update(more);
        return spec;
    }
    json local(json more = json::object()) const {
        json spec = {{"url", upstream_.url()}};
        spec.update(more);
        return spec;
    }
    workers::WorkerPtr worker(const std::string& id) const { return registry_.snapshot()->by_id(id); }
    [[nodiscard]] bool reaches(const std::string& id, workers::Status status) {
        return run_until(loop(), [&] { return worker(id) && worker(id)->status == status; });
    }

    int count_ = 0;
    net::EventLoops loops_{1};
    smg::test::ScriptedUpstream upstream_{loops_};
    workers::Registry registry_{providers::Catalog::built_in(), {}, [this] { return "w" + std::to_string(++count_); }};
    upstream::Pools pools_;
    net::Cancellation cancellation_;
};

}  // namespace smg::fleet::test
