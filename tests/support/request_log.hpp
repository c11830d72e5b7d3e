#pragma once
/// The log of this process, as JSON in a directory of its own: what it says of each request.
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/certificates.hpp"
#include "telemetry/log.hpp"

namespace smg::test {

/// While it lives, everything that is logged lands here.
class RequestLog {
public:
    explicit RequestLog(telemetry::Level level = telemetry::Level::info) {
        telemetry::LogOptions options;
        options.directory = directory_.file("log");
        options.level = level;
        options.json = true;
        if (!telemetry::set_up_log(options)) throw std::runtime_error("no log");
    }
    ~RequestLog() { telemetry::shut_down_log(); }
    RequestLog(const RequestLog&) = delete;
    RequestLog& operator=(const RequestLog&) = delete;

    /// All lines of that message, in their order. A request's line is written before its metrics count it.
    [[nodiscard]] std::vector<nlohmann::json> lines(const std::string& message = "request") const {
        telemetry::flush_log();
        std::vector<nlohmann::json> found;
        for (const auto& entry : std::filesystem::directory_iterator(directory_.file("log"))) {
            std::ifstream file(entry.path());
            for (std::string line; std::getline(file, line);) {
                auto parsed = nlohmann::json::parse(line);
                if (parsed.at("message") == message) found.push_back(std::move(parsed));
            }
        }
        return found;
    }

private:
    TemporaryDirectory directory_;
};

}  // namespace smg::test
