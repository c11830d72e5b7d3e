/// kill -9 in the middle of changes: what was acknowledged is there after the next start, and nothing is half there.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "support/smg_process.hpp"

namespace smg::test {
namespace {

using Json = nlohmann::json;

int rounds() {
    const char* asked = std::getenv("CRASH_ROUNDS");
    return asked == nullptr ? 25 : std::atoi(asked);
}

/// A worker whose every field tells the same number, so that a mixture of two versions shows.
Json fields_of(int version) {
    return {{"priority", version % 101},
            {"cost", version},
            {"labels", {{"version", std::to_string(version)}}},
            {"api_key", "sk-proj-" + std::to_string(version)}};
}

struct Known {
    std::string id;
    int version = 0;
};

/// Changes workers of its own, one request after the other, until the connection breaks; and remembers what it was promised.
class Author {
public:
    Author(std::string prefix, unsigned seed) : prefix_(std::move(prefix)), random_(seed) {}

    void write_until_cut(std::uint16_t port) {
        try {
            HttpClient client(port);
            for (;;) step(client);
        } catch (const std::runtime_error&) {
            // The process is gone, and with it the answer to the last request.
        }
    }

    /// Compares the promises with what there is, by name; takes what there is for the next round.
    void judge(const std::map<std::string, Json>& found) {
        for (int i = 0; i < names; ++i) {
            const auto name = name_of(i);
            const auto here = found.find(name);
            const auto promised = acknowledged_.find(name);
            const bool unsure = name == open_name_;
            if (here == found.end()) {
                const bool may_be_absent = promised == acknowledged_.end() || (unsure && open_verb_ == "DELETE");
                EXPECT_TRUE(may_be_absent) << name << " is lost";
                acknowledged_.erase(name);
                continue;
            }
            const auto& worker = here->second;
            const auto version = worker.at("cost").get<int>();
            EXPECT_EQ(worker.at("priority"), version % 101) << worker.dump();
            EXPECT_EQ(worker.at("labels").at("version"), std::to_string(version)) << worker.dump();
            EXPECT_TRUE(worker.at("has_api_key").get<bool>()) << worker.dump();
            const bool as_promised = promised != acknowledged_.end() && version == promised->second.version && worker.at("id") == promised->second.id;
            EXPECT_TRUE(as_promised || (unsure && version == open_version_)) << worker.dump() << " was not promised";
            acknowledged_[name] = Known{worker.at("id"), version};
        }
        open_name_.clear();
    }
    [[nodiscard]] std::size_t promises() const noexcept { return promises_; }

private:
    static constexpr int names = 6;
    [[nodiscard]] std::string name_of(int index) const { return prefix_ + std::to_string(index); }

    void step(HttpClient& client) {
        const auto name = name_of(std::uniform_int_distribution(0, names - 1)(random_));
        const auto known = acknowledged_.find(name);
        auto body = fields_of(++version_);
        std::string target = "/workers";
        open_verb_ = "POST";
        if (known != acknowledged_.end()) {
            target += "/" + known->second.id;
            open_verb_ = std::uniform_int_distribution(0, 2)(random_) == 0 ? "DELETE" : "PATCH";
        } else {
            body["url"] = "http://127.0.0.1:1";
            body["provider"] = "openai";
            body["runtime_type"] = "external";
            body["name"] = name;
            body["health"] = {{"drain_settle_secs", 0}};
        }
        open_name_ = name;
        open_version_ = version_;
        const auto answer = client.request(open_verb_, target, open_verb_ == "DELETE" ? std::string() : body.dump());
        ASSERT_EQ(answer.status, 202) << answer.body;
        ++promises_;
        if (open_verb_ == "DELETE") {
            acknowledged_.erase(name);
        } else {
            acknowledged_[name] = Known{Json::parse(answer.body).at("worker_id"), version_};
        }
        open_name_.clear();
    }

    const std::string prefix_;
    std::minstd_rand random_;
    std::map<std::string, Known> acknowledged_;
    int version_ = 0;
    std::size_t promises_ = 0;
    std::string open_name_, open_verb_;  ///< of the request that was under way at the cut
    int open_version_ = 0;
};

std::map<std::string, Json> workers_of(SmgProcess& process) {
    std::map<std::string, Json> found;
    const auto listed = Json::parse(process.client().get("/workers").body);
    for (const auto& worker : listed.at("workers")) {
        EXPECT_FALSE(found.contains(worker.at("name"))) << "twice: " << worker.dump();
        found[worker.at("name")] = worker;
    }
    return found;
}

TEST(Crash, NothingAcknowledgedIsLostAndNothingIsHalfWritten) {
    const TemporaryDirectory directory;
    const std::vector<std::string> arguments{
        "--port", "0",         "--prometheus-port", "0", "--state",     directory.file("smg.db"), "--log-level", "error",
        "--host", "127.0.0.1", "--threads",         "2", "--enable-igw"};
    std::minstd_rand random(20240711);
    Author authors[] = {Author("a", 1), Author("b", 2), Author("c", 3)};
    for (int round = 0; round < rounds() && !testing::Test::HasFailure(); ++round) {
        SmgProcess process(arguments);
        const auto found = workers_of(process);
        for (auto& author : authors) author.judge(found);
        std::vector<std::thread> threads;
        for (auto& author : authors) threads.emplace_back([&author, port = process.port()] { author.write_until_cut(port); });
        // The moment of the crash is what varies: from the first write on to some hundred later.
        std::this_thread::sleep_for(std::chrono::microseconds(std::uniform_int_distribution(0, 60'000)(random)));
        process.kill(SIGKILL);
        for (auto& thread : threads) thread.join();
        EXPECT_EQ(process.wait(), 128 + SIGKILL);
    }
    SmgProcess last(arguments);
    const auto found = workers_of(last);
    std::size_t promises = 0;
    for (auto& author : authors) {
        author.judge(found);
        promises += author.promises();
    }
    RecordProperty("acknowledged_changes", std::to_string(promises));
    EXPECT_GE(promises, static_cast<std::size_t>(rounds())) << "the crashes came before anything was written";
}

}  // namespace
}  // namespace smg::test
