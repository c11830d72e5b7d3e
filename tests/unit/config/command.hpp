#pragma once
/// Runs a command line as `main` would, and says what came of it.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <variant>
#include <vector>

#include "smg/config.hpp"

namespace smg::config {

inline Command run(std::vector<std::string> arguments, const Environment& environment = {}) {
    arguments.insert(arguments.begin(), "smg");
    std::vector<const char*> argv;
    for (const auto& argument : arguments) argv.push_back(argument.c_str());
    return parse_command_line(static_cast<int>(argv.size()), argv.data(), environment);
}

/// The configuration of a gateway that starts; a failed test and a default one if it does not.
inline RunGateway gateway(std::vector<std::string> arguments, const Environment& environment = {}) {
    auto command = run(std::move(arguments), environment);
    if (auto* started = std::get_if<RunGateway>(&command)) return std::move(*started);
    const auto* refused = std::get_if<PrintAndExit>(&command);
    ADD_FAILURE() << "does not start: " << (refused != nullptr ? refused->text : "another command");
    return {};
}

/// The line that stops the start, without `smg: ` and its newline; a failed test unless it is exactly one such line.
inline std::string refusal(std::vector<std::string> arguments, const Environment& environment = {}, int exit_code = 2) {
    const auto command = run(std::move(arguments), environment);
    const auto* refused = std::get_if<PrintAndExit>(&command);
    if (refused == nullptr) return "(starts)";
    EXPECT_EQ(refused->exit_code, exit_code);
    EXPECT_EQ(refused->text.find('\n'), refused->text.size() - 1) << refused->text;
    EXPECT_EQ(refused->text.rfind("smg: ", 0), 0U) << refused->text;
    return refused->text.substr(5, refused->text.size() - 6);
}

/// A file with a name of its own in a directory that goes with the test.
class Files : public ::testing::Test {
protected:
    Files() {
        const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
        directory_ = std::filesystem::path(::testing::TempDir()) / (std::string(info->test_suite_name()) + "." + info->name());
        std::filesystem::remove_all(directory_);
        std::filesystem::create_directories(directory_);
    }
    ~Files() override { std::filesystem::remove_all(directory_); }

    std::string write(const std::string& name, const std::string& text) const {
        const auto path = (directory_ / name).string();
        std::ofstream(path, std::ios::binary) << text;
        return path;
    }
    RunGateway from_toml(const std::string& text, const Environment& environment = {}) const {
        return gateway({"--config", write("smg.toml", text)}, environment);
    }
    std::string refused_toml(const std::string& text, const Environment& environment = {}) const {
        return refusal({"--config", write("smg.toml", text)}, environment);
    }

    std::filesystem::path directory_;
};

}  // namespace smg::config
