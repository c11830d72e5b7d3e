#include "fleet/key_file.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "fixture.hpp"

namespace smg::fleet::test {
namespace {

class KeyFile : public testing::Test {
protected:
    KeyFile() : path_(std::filesystem::path(testing::TempDir()) / ("smg_key_" + std::to_string(::getpid()))) {}
    ~KeyFile() override { std::filesystem::remove(path_); }
    Result<void> load(const std::string& content) {
        std::ofstream(path_, std::ios::binary | std::ios::trunc) << content;
        return load_path(path_.string());
    }
    Result<void> load_path(const std::string& path) {
        spec_ = workers::WorkerSpec();
        spec_.api_key_file = path;
        return load_key_file(spec_);
    }
    std::filesystem::path path_;
    workers::WorkerSpec spec_;
};

TEST_F(KeyFile, IsReadWithoutTheWhiteSpaceAroundIt) {
    ASSERT_TRUE(load(" sk-abc\r\n\n"));
    EXPECT_EQ(spec_.api_key.reveal(), "sk-abc");
}

TEST_F(KeyFile, NothingToReadIsFine) {
    spec_.api_key = Secret("kept");
    ASSERT_TRUE(load_key_file(spec_));
    EXPECT_EQ(spec_.api_key.reveal(), "kept");
}

TEST_F(KeyFile, WhatIsNoKeyIsRefusedWithoutRepeatingIt) {
    for (const std::string content : {"", "  \n", "two words", "line-one\nline-two", "caf\xc3\xa9"}) {
        const auto refused = load(content);
        ASSERT_FALSE(refused) << content;
        EXPECT_EQ(refused.error().param, "api_key_file");
        EXPECT_NE(refused.error().message.find(path_.string()), std::string::npos);
        EXPECT_EQ(refused.error().message.find("line-"), std::string::npos);
    }
    EXPECT_FALSE(load(std::string(100000, 'k')));
}

TEST_F(KeyFile, MissingFilesAndDevicesAreRefused) {
    for (const auto* path : {"/nonexistent/key", "/dev/zero", "/tmp"}) {
        const auto refused = load_path(path);
        ASSERT_FALSE(refused) << path;
        EXPECT_EQ(refused.error().param, "api_key_file");
    }
}

}  // namespace
}  // namespace smg::fleet::test
