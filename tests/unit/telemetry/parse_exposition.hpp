#pragma once
/// Reads Prometheus' text format strictly, so that a test fails where a scrape would.
#include <gtest/gtest.h>

#include <map>
#include <regex>
#include <sstream>
#include <string>

namespace smg::telemetry {

/// Series as it stands, `name{label="value",…}`, to its value. A line that is no comment and no sample fails the test.
inline std::map<std::string, double> parse_exposition(const std::string& text) {
    static const std::regex sample(R"re(([a-zA-Z_:][a-zA-Z0-9_:]*(?:\{(?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\]|\\["\\n])*",?)*\})?) (\S+))re");
    std::map<std::string, double> series;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (line.rfind("# HELP ", 0) == 0 || line.rfind("# TYPE ", 0) == 0) continue;
        std::smatch match;
        if (!std::regex_match(line, match, sample)) {
            ADD_FAILURE() << "no sample: " << line;
            continue;
        }
        EXPECT_TRUE(series.emplace(match[1], match[2] == "+Inf" ? 1e308 : std::stod(match[2])).second) << "twice: " << line;
    }
    return series;
}

}  // namespace smg::telemetry
