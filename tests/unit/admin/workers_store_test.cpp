/// A change is acknowledged when it is on the disk; one that cannot be put there is taken back.
#include <sys/resource.h>

#include <csignal>
#include <filesystem>

#include "fixture.hpp"

namespace smg::admin::test {
namespace {

/// As long as it lives this process cannot make any file longer: the disk is full.
class FullDisk {
public:
    FullDisk() {
        before_ = std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &limit_);
        const rlimit none{0, limit_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &none);
    }
    ~FullDisk() {
        ::setrlimit(RLIMIT_FSIZE, &limit_);
        std::signal(SIGXFSZ, before_);
    }
    FullDisk(const FullDisk&) = delete;
    FullDisk& operator=(const FullDisk&) = delete;

private:
    rlimit limit_{};
    void (*before_)(int) = nullptr;
};

class Stored : public AdminTest {
protected:
    Stored() : path_(std::string(testing::TempDir()) + testing::UnitTest::GetInstance()->current_test_info()->name() + ".admin.db") {
        forget();
        store_ = std::move(*fleet::Store::open(path_, Secret(), registry_));
        plane_.set_store(*store_);
    }
    ~Stored() override {
        store_.reset();
        forget();
    }
    void forget() const {
        for (const auto* end : {"", "-wal"}) std::filesystem::remove(path_ + end);
    }
    Response patch(const std::string& id, const json& body) { return send(with_body("PATCH", "/workers/" + id, body.dump())); }
    [[nodiscard]] std::size_t restored() {
        store_->close();
        workers::Registry other(providers::Catalog::built_in());
        auto again = std::move(*fleet::Store::open(path_, Secret(), other));
        EXPECT_TRUE(again->restore());
        return other.snapshot()->workers().size();
    }
    std::string path_;
    std::unique_ptr<fleet::Store> store_;
};

TEST_F(Stored, WhatIsAcknowledgedIsThereAfterwards) {
    const auto id = ready({{"name", "one"}});
    EXPECT_EQ(post(keyed({{"name", "two"}})).status, 202);
    EXPECT_EQ(patch(id, {{"priority", 3}}).status, 202);
    EXPECT_EQ(send(request("DELETE", "/workers/two")).status, 202);
    EXPECT_EQ(restored(), 1U);
}

TEST_F(Stored, AFullDiskTakesChangesBack) {
    const auto id = ready({{"name", "one"}, {"priority", 5}});
    {
        const FullDisk full;
        expect_error(post(keyed({{"name", "two"}})), 500, "INTERNAL_SERVER_ERROR", {"taken back"});
        expect_error(patch(id, {{"priority", 99}}), 500, "INTERNAL_SERVER_ERROR", {"taken back"});
    }
    EXPECT_EQ(worker(id)->spec->priority, 5);
    EXPECT_TRUE(run_until(loops_[0], [this] { return registry_.snapshot()->workers().size() == 1; })) << "the second one is gone";
    EXPECT_EQ(patch(id, {{"priority", 6}}).status, 202) << "as soon as there is room again";
    EXPECT_EQ(restored(), 1U);
}

TEST_F(Stored, NothingChangesWhileASuccessorTakesOver) {
    const auto id = ready({{"priority", 5}});
    const auto refused = [](const Response& response) {
        expect_error(response, 503, "SERVICE_UNAVAILABLE", {"ask again"});
        EXPECT_EQ(response.fields.get("retry-after"), "1");
    };
    for (const bool closed : {false, true}) {
        if (closed) {
            store_->close();
        } else {
            plane_.set_frozen(true);
        }
        refused(post(keyed({{"name", "two"}})));
        refused(patch(id, {{"priority", 99}}));
        refused(send(request("DELETE", "/workers/" + id)));
        EXPECT_EQ(get("/workers").status, 200);
        plane_.set_frozen(false);
    }
    EXPECT_EQ(worker(id)->spec->priority, 5);
    EXPECT_EQ(registry_.snapshot()->workers().size(), 1U);
}

}  // namespace
}  // namespace smg::admin::test
