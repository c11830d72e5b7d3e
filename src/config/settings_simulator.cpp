#include "base/ascii.hpp"
#include "config/apply.hpp"

namespace smg::config {
namespace {

using std::chrono::milliseconds;
constexpr auto simulator = &Draft::simulator;
using Options = SimulatorOptions;

Checked take_failing(Draft& draft, const Values& values) {
    draft.simulator.failing.clear();
    for (const auto& value : values) {
        const auto colon = value.find(':');
        const auto status = whole_number(std::string_view(value).substr(0, colon));
        const auto rate = colon == std::string::npos ? std::optional<double>(1.0) : number(std::string_view(value).substr(colon + 1));
        if (!status || *status < 400 || *status > 599 || !rate || *rate < 0 || *rate > 1)
            return Problem{value, "is not of the form STATUS:RATE with STATUS from 400 to 599 and RATE from 0 to 1"};
        draft.simulator.failing.push_back({static_cast<int>(*status), *rate});
    }
    return std::nullopt;
}

std::vector<Setting> behaviour_rows() {
    return {
        {"latency-ms", Kind::single, "MS", "0", "wait before an answer's first byte", time<milliseconds, simulator, &Options::latency>(0, 600000)},
        {"chunks", Kind::single, "N", "8", "pieces of output in a stream", whole<simulator, &Options::chunks>(1, 1000000)},
        {"chunk-interval-ms", Kind::single, "MS", "0", "wait between two pieces", time<milliseconds, simulator, &Options::chunk_interval>(0, 600000)},
        {"fail", Kind::list, "STATUS:RATE", "", "answer this share of the requests with this status, such as 529:0.1", take_failing},
    };
}

std::vector<Setting> make_simulator_settings() {
    std::vector<Setting> rows{
        {"provider", Kind::single, "P", "all four", "openai, anthropic, gemini or xai alone",
         one_of<std::string, simulator, &Options::provider>(
             {{"openai", "openai"}, {"anthropic", "anthropic"}, {"gemini", "gemini"}, {"xai", "xai"}, {"all", ""}})},
        {"host", Kind::list, "ADDRESS", "loopback", "where to listen", hosts<simulator, &Options::hosts>()},
        {"port", Kind::single, "PORT", "0", "0 picks a free one and prints it", whole<simulator, &Options::port>(0, 65535)},
        {"api-key", Kind::single, "KEY", "", "the only key accepted; without it any is", text<simulator, &Options::api_key>()},
    };
    rows.back().secret = true;
    for (auto& row : behaviour_rows()) rows.push_back(std::move(row));
    for (auto& row : rows) row.heading = "Simulated providers";
    return rows;
}

std::vector<Setting> make_demo_settings() {
    auto rows = gateway_settings();
    for (auto& row : behaviour_rows()) {
        row.heading = "Simulated providers";
        rows.push_back(std::move(row));
    }
    return rows;
}

}  // namespace

const std::vector<Setting>& simulator_settings() {
    static const auto rows = make_simulator_settings();
    return rows;
}

const std::vector<Setting>& demo_settings() {
    static const auto rows = make_demo_settings();
    return rows;
}

}  // namespace smg::config
