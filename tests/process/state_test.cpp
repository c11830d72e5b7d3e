/// `--state` as an operator sees it.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "support/smg_process.hpp"

namespace smg::test {
namespace {

using Json = nlohmann::json;

class State : public testing::Test {
protected:
    [[nodiscard]] std::vector<std::string> arguments(std::vector<std::string> more = {}) const {
        std::vector<std::string> all{"--port", "0", "--prometheus-port", "0", "--host", "127.0.0.1", "--threads", "1", "--state", path};
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }
    static Json workers(SmgProcess& process) { return Json::parse(process.client().get("/workers").body).at("workers"); }
    static void stop(SmgProcess& process) {
        process.kill(SIGTERM);
        EXPECT_EQ(process.wait(), 0);
    }
    const Json spec = {{"url", "http://127.0.0.1:1"},
                       {"provider", "anthropic"},
                       {"runtime_type", "external"},
                       {"name", "kept"},
                       {"priority", 77},
                       {"weight", 3},
                       {"headers", {{"x-team", "blue-secret"}}},
                       {"models", {"claude-x"}}};
    TemporaryDirectory directory;
    const std::string path = directory.file("smg.db");
};

TEST_F(State, ARestartBringsWorkersIdsAndSettingsBack) {
    Json before;
    {
        SmgProcess first(arguments());
        ASSERT_EQ(first.client().post("/workers", spec.dump()).status, 202);
        before = workers(first).at(0);
        stop(first);
    }
    struct stat found {};
    ASSERT_EQ(::stat(path.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777U, 0600U);
    SmgProcess second(arguments());
    EXPECT_EQ(workers(second), Json::array({before}));
    ASSERT_EQ(second.client().request("DELETE", "/workers/kept").status, 202);
    stop(second);
    SmgProcess third(arguments());
    EXPECT_EQ(workers(third), Json::array());
}

TEST_F(State, IsForOneProcessAtATime) {
    SmgProcess first(arguments());
    (void)first.port();
    SmgProcess second(arguments());
    EXPECT_EQ(second.wait(), 1);
    ASSERT_TRUE(second.output().wait_end());
    EXPECT_NE(second.output().text().find("smg: --state: " + path + " is in use by another process\n"), std::string::npos) << second.output().text();
}

TEST_F(State, KeysAreSealedAndAnotherKeyIsRefusedInOneLine) {
    {
        SmgProcess plain(arguments());
        ASSERT_EQ(plain.client().post("/workers", spec.dump()).status, 202);
        EXPECT_TRUE(plain.output().wait_for("SMG_STATE_KEY")) << "a warning";
        stop(plain);
    }
    const auto bytes = [this] {
        std::string all;
        for (const auto* end : {"", "-wal"}) {
            std::ifstream file(path + end, std::ios::binary);
            all.append(std::istreambuf_iterator<char>(file), {});
        }
        return all;
    };
    EXPECT_NE(bytes().find("blue-secret"), std::string::npos);
    {
        SmgProcess sealing(arguments(), {{"SMG_STATE_KEY", "correct horse"}});
        EXPECT_EQ(workers(sealing).size(), 1U);
        EXPECT_EQ(bytes().find("blue-secret"), std::string::npos) << "what was plain is gone";
        stop(sealing);
    }
    SmgProcess wrong(arguments(), {{"SMG_STATE_KEY", "battery staple"}});
    EXPECT_EQ(wrong.wait(), 1);
    ASSERT_TRUE(wrong.output().wait_end());
    EXPECT_NE(wrong.output().text().find("smg: --state: SMG_STATE_KEY is not the key that " + path + " was sealed with\n"), std::string::npos)
        << wrong.output().text();
    SmgProcess none(arguments());
    EXPECT_EQ(none.wait(), 1);
    ASSERT_TRUE(none.output().wait_end());
    EXPECT_NE(none.output().text().find("smg: --state: " + path + " is sealed: set SMG_STATE_KEY\n"), std::string::npos) << none.output().text();
    SmgProcess right(arguments(), {{"SMG_STATE_KEY", "correct horse"}});
    EXPECT_EQ(workers(right).at(0).at("header_names"), Json::array({"x-team"}));
}

TEST_F(State, TheFilesWorkerWinsOverAStoredOneOfTheSameUrlAndName) {
    {
        SmgProcess first(arguments());
        ASSERT_EQ(first.client().post("/workers", spec.dump()).status, 202);
        stop(first);
    }
    const auto file =
        directory.write("smg.toml", "[[workers]]\nurl = \"http://127.0.0.1:1\"\nprovider = \"anthropic\"\nname = \"kept\"\npriority = 11\n");
    SmgProcess second(arguments({"--config", file}));
    const auto listed = workers(second);
    ASSERT_EQ(listed.size(), 1U);
    EXPECT_EQ(listed.at(0).at("priority"), 11);
    EXPECT_TRUE(second.output().wait_for("gives way")) << second.output().text();
}

}  // namespace
}  // namespace smg::test
