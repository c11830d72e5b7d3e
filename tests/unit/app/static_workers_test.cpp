#include "app/static_workers.hpp"

#include <gtest/gtest.h>

#include <variant>

namespace smg::app {
namespace {

/// Why these workers are refused.
Error error_of(const config::Config& config) {
    const auto listed = list_static_workers(config, *providers::Catalog::built_in());
    return listed ? Error(Failure::internal_error, "was accepted") : listed.error();
}

std::string refused_entry(const std::string& json, std::map<std::string, std::string> places = {}) {
    config::Config config;
    config.workers.push_back(config::WorkerEntry{json, "smg.toml:1", std::move(places)});
    return error_of(config).message;
}

TEST(StaticWorkers, SecretsOfAUrlAreNotRepeated) {
    for (const std::string url : {"http://user:hunter2@h:1", "http://h:1/v1?key=hunter2", "http://user@h?a=1&token=hunter2"}) {
        config::Config config;
        config.worker_urls = {url};
        const auto message = error_of(config).message;
        EXPECT_EQ(message.find("--worker-urls \"http://"), 0U) << message;
        EXPECT_EQ(message.find("hunter2"), std::string::npos) << message;
    }
    config::Config twice;
    twice.worker_urls = {"http://h:1", "http://h:1/"};
    EXPECT_NE(error_of(twice).message.find("has the url and name of --worker-urls \"http://h:1\""), std::string::npos) << error_of(twice).message;
}

TEST(StaticWorkers, ABadValueOfTheFileIsNamedWithItsLineUnlessItIsASecret) {
    EXPECT_EQ(refused_entry(R"({"url":"http://h","priority":101})", {{"url", "smg.toml:2"}, {"priority", "smg.toml:3"}}),
              "smg.toml:3: priority must be a whole number from 0 to 100 (is 101)");
    EXPECT_EQ(refused_entry(R"({"url":"http://h","models":["a",{"id":"b","context_length":"x"}]})", {{"models[1].context_length", "smg.toml:7"}})
                  .find("smg.toml:7: models[1].context_length must be a whole number"),
              0U);
    EXPECT_EQ(refused_entry(R"({"url":"http://h","api_key":"hunter 2"})", {{"api_key", "smg.toml:3"}}),
              "smg.toml:3: api_key must be printable ASCII without blanks");
    EXPECT_EQ(refused_entry(R"({"url":"http://h","headers":{"X-A":7}})", {{"headers.X-A", "smg.toml:4"}}),
              "smg.toml:4: headers.X-A must be a string");
    EXPECT_EQ(refused_entry(R"({"url":"http://u:hunter2@h"})").find("hunter2"), std::string::npos);
    EXPECT_EQ(refused_entry(R"({"url":"http://h","prority":1})"), "smg.toml:1: unknown field `prority`; did you mean `priority`?");
    EXPECT_EQ(refused_entry("{}"), "smg.toml:1: url is required");
}

}  // namespace
}  // namespace smg::app
