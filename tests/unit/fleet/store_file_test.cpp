#include "fleet/store_file.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

namespace smg::fleet {
namespace {

class StoreFileTest : public testing::Test {
protected:
    StoreFileTest() {
        const auto* info = testing::UnitTest::GetInstance()->current_test_info();
        directory_ = std::filesystem::path(testing::TempDir()) / (std::string(info->test_suite_name()) + "." + info->name());
        std::filesystem::remove_all(directory_);
        std::filesystem::create_directories(directory_);
        path_ = (directory_ / "smg.db").string();
    }
    ~StoreFileTest() override { std::filesystem::remove_all(directory_); }

    [[nodiscard]] std::unique_ptr<StoreFile> open(const std::string& key = {}) const {
        auto opened = StoreFile::open(path_, Secret(key));
        if (!opened) throw std::runtime_error(opened.error().message);
        return std::move(*opened);
    }
    [[nodiscard]] std::string refusal(const std::string& key = {}) const {
        const auto opened = StoreFile::open(path_, Secret(key));
        return opened ? "(opens)" : opened.error().message;
    }
    void run(const char* sql) const {
        sqlite3* database = nullptr;
        ASSERT_EQ(sqlite3_open(path_.c_str(), &database), SQLITE_OK);
        ASSERT_EQ(sqlite3_exec(database, sql, nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(database);
        sqlite3_close(database);
    }
    static std::string ids(const StoreFile& file) {
        std::string all;
        const auto workers = file.read().value();
        for (const auto& worker : workers) all += worker.id + "=" + worker.spec + " ";
        return all;
    }
    std::filesystem::path directory_;
    std::string path_;
};

TEST_F(StoreFileTest, KeepsWorkersInTheOrderInWhichTheyCame) {
    {
        const auto file = open();
        ASSERT_TRUE(file->write({{"b", "1"}, {"a", "2"}, {"c", "3"}}));
        ASSERT_TRUE(file->write({{"b", "4"}, {"c", std::nullopt}, {"unknown", std::nullopt}}));
    }
    EXPECT_EQ(ids(*open()), "b=4 a=2 ");
}

TEST_F(StoreFileTest, IsTheOwnersAlone) {
    std::ofstream(path_) << "";
    std::filesystem::permissions(path_, std::filesystem::perms::all);
    const auto file = open();
    ASSERT_TRUE(file->write({{"a", "1"}}));
    for (const auto* end : {"", "-wal"}) {
        struct stat found {};
        ASSERT_EQ(::stat((path_ + end).c_str(), &found), 0) << end;
        EXPECT_EQ(found.st_mode & 0777U, 0600U) << end;
    }
}

TEST_F(StoreFileTest, IsLockedAsLongAsItIsOpen) {
    auto file = open();
    EXPECT_EQ(refusal(), "--state: " + path_ + " is in use by another process");
    file.reset();
    EXPECT_EQ(refusal(), "(opens)");
}

TEST_F(StoreFileTest, ASealedOneOpensWithItsKeyAlone) {
    ASSERT_TRUE(open("key")->write({{"a", "sk-secret"}}));
    EXPECT_EQ(refusal(), "--state: " + path_ + " is sealed: set SMG_STATE_KEY");
    EXPECT_EQ(refusal("other"), "--state: SMG_STATE_KEY is not the key that " + path_ + " was sealed with");
    EXPECT_EQ(ids(*open("key")), "a=sk-secret ");
}

TEST_F(StoreFileTest, APlainOneIsSealedWhenAKeyComes) {
    ASSERT_TRUE(open()->write({{"a", "sk-secret-1"}, {"b", "sk-secret-2"}}));
    EXPECT_EQ(ids(*open("key")), "a=sk-secret-1 b=sk-secret-2 ");
    std::ifstream bytes(path_, std::ios::binary);
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(bytes), {}).find("sk-secret"), std::string::npos);
    EXPECT_TRUE(open("key")->sealed());
}

TEST_F(StoreFileTest, ARowThatWasPutInAnothersPlaceIsNoticed) {
    ASSERT_TRUE(open("key")->write({{"a", "1"}, {"b", "2"}}));
    run("UPDATE workers SET spec = (SELECT spec FROM workers WHERE id = 'b') WHERE id = 'a'");
    EXPECT_FALSE(open("key")->read());
}

TEST_F(StoreFileTest, WhatIsNoStoreIsLeftAlone) {
    run("CREATE TABLE mine(x)");
    EXPECT_EQ(refusal(), "--state: " + path_ + " is no store of smg");
    std::filesystem::remove(path_);
    std::ofstream(path_) << std::string(4096, 'x');
    EXPECT_EQ(refusal(), "--state: " + path_ + " is no store of smg");
    path_ = directory_.string();
    EXPECT_EQ(refusal(), "--state: " + path_ + " is not a regular file");
    path_ = "/no/such/directory/smg.db";
    EXPECT_EQ(refusal(), "--state: " + path_ + " cannot be made: No such file or directory");
}

TEST_F(StoreFileTest, ANewerOneIsRefused) {
    (void)open();
    run("PRAGMA user_version = 2");
    EXPECT_EQ(refusal(), "--state: " + path_ + " was written by a newer smg (its version is 2, this one knows 1)");
}

}  // namespace
}  // namespace smg::fleet
