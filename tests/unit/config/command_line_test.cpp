#include "config/setting.hpp"
#include "unit/config/command.hpp"

namespace smg::config {
namespace {

std::string printed(std::vector<std::string> arguments) {
    const auto command = run(std::move(arguments));
    const auto* answer = std::get_if<PrintAndExit>(&command);
    if (answer == nullptr) return "(runs)";
    EXPECT_EQ(answer->exit_code, 0);
    return answer->text;
}

TEST(CommandLine, RunsTheGatewayWithAndWithoutAWord) {
    for (const std::string word : {"", "launch", "start"}) {
        std::vector<std::string> arguments{"--port", "1234"};
        if (!word.empty()) arguments.insert(arguments.begin(), word);
        EXPECT_EQ(gateway(arguments).config.port, 1234) << word;
    }
}

TEST(CommandLine, DefaultsAreThoseOfTheContract) {
    const auto config = gateway({}).config;
    EXPECT_TRUE(config.hosts.empty());
    EXPECT_EQ(config.port, 30000);
    EXPECT_GE(config.threads, 1U);
    EXPECT_EQ(config.policy, "cache_aware");
    EXPECT_EQ(config.prometheus_port, 29000);
    EXPECT_EQ(config.prometheus_duration_buckets.size(), 29U);
    EXPECT_EQ(config.request_timeout, std::chrono::seconds(1800));
    EXPECT_EQ(config.connect_timeout, std::chrono::seconds(10));
    EXPECT_EQ(config.first_byte_timeout, std::chrono::seconds(600));
    EXPECT_EQ(config.idle_timeout, std::chrono::seconds(300));
    EXPECT_EQ(config.sse_keepalive, std::chrono::seconds(15));
    EXPECT_EQ(config.max_payload_size, 67108864U);
    EXPECT_EQ(config.models_timeout, std::chrono::milliseconds(2500));
    EXPECT_EQ(config.shutdown_grace, std::chrono::seconds(180));
    EXPECT_EQ(config.metrics_max_models, 64U);
    EXPECT_FALSE(config.enable_igw || config.insecure_open || config.log_json);
    EXPECT_TRUE(config.api_key.empty() && config.provider_keys.empty() && config.workers.empty());
}

TEST(CommandLine, DefaultsInTheHelpAreTheDefaults) {
    // Every row with a default is given it, and nothing may change.
    for (const auto& row : gateway_settings()) {
        if (row.support != Support::built || row.kind != Kind::single || !row.apply || row.secret) continue;
        if (row.fallback.empty() || row.name == "threads" || row.fallback.find(' ') != std::string::npos ||
            row.fallback.find('\'') != std::string::npos)
            continue;
        Draft before, after;
        EXPECT_FALSE(row.apply(after, {row.fallback})) << row.name;
        EXPECT_EQ(before.config.port, after.config.port) << row.name;
        EXPECT_EQ(before.config.policy, after.config.policy);
        EXPECT_EQ(before.config.prometheus_port, after.config.prometheus_port);
        EXPECT_EQ(before.config.request_timeout, after.config.request_timeout);
        EXPECT_EQ(before.config.connect_timeout, after.config.connect_timeout);
        EXPECT_EQ(before.config.first_byte_timeout, after.config.first_byte_timeout);
        EXPECT_EQ(before.config.idle_timeout, after.config.idle_timeout);
        EXPECT_EQ(before.config.head_timeout, after.config.head_timeout);
        EXPECT_EQ(before.config.body_timeout, after.config.body_timeout);
        EXPECT_EQ(before.config.sse_keepalive, after.config.sse_keepalive);
        EXPECT_EQ(before.config.shutdown_grace, after.config.shutdown_grace);
        EXPECT_EQ(before.config.models_timeout, after.config.models_timeout);
        EXPECT_EQ(before.config.max_payload_size, after.config.max_payload_size);
        EXPECT_EQ(before.config.max_connections, after.config.max_connections);
        EXPECT_EQ(before.config.metrics_max_models, after.config.metrics_max_models);
        EXPECT_EQ(before.config.retry.max_attempts, after.config.retry.max_attempts);
        EXPECT_EQ(before.config.retry.initial_backoff, after.config.retry.initial_backoff);
        EXPECT_EQ(before.config.retry.max_backoff, after.config.retry.max_backoff);
        EXPECT_EQ(before.config.health.interval, after.config.health.interval);
        EXPECT_EQ(before.config.health.timeout, after.config.health.timeout);
        EXPECT_EQ(before.config.health.endpoint, after.config.health.endpoint);
        EXPECT_EQ(before.config.health.drain_settle, after.config.health.drain_settle);
        EXPECT_EQ(before.config.caller_keys, after.config.caller_keys);
        EXPECT_EQ(before.config.models_fanout, after.config.models_fanout);
        EXPECT_EQ(before.config.log_level, after.config.log_level);
    }
}

TEST(CommandLine, AliasesOfFlags) {
    EXPECT_EQ(gateway({"--runtime-worker-threads", "5"}).config.threads, 5U);
    EXPECT_EQ(gateway({}, {{"SMG_RUNTIME_WORKER_THREADS", "5"}}).config.threads, 5U);
    EXPECT_EQ(gateway({"--runtime", "vllm", "--worker-urls", "http://a"}).config.backend, "vllm");
}

TEST(CommandLine, ListsTakeManyValuesAndRepeat) {
    const auto config =
        gateway({"--worker-urls", "http://a", "http://b", "--host", "10.0.0.1", "--worker-urls=http://c", "--host", "[::1]", "::1"}).config;
    EXPECT_EQ(config.worker_urls, (std::vector<std::string>{"http://a", "http://b", "http://c"}));
    EXPECT_EQ(config.hosts, (std::vector<std::string>{"10.0.0.1", "::1"}));
}

TEST(CommandLine, ToggleTakesAValueOnlyWithEquals) {
    EXPECT_FALSE(gateway({"--enable-igw=false"}).config.enable_igw);
    EXPECT_TRUE(gateway({"--enable-igw=yes"}).config.enable_igw);
    EXPECT_TRUE(gateway({"--disable-retries=off"}).config.retry.enabled);
}

TEST(CommandLine, CheckConfig) {
    EXPECT_TRUE(gateway({"--check-config"}).check_only);
    EXPECT_FALSE(gateway({}).check_only);
    EXPECT_TRUE(std::holds_alternative<RunGateway>(run({"demo", "--check-config"})));
}

TEST(CommandLine, WhatIsUnknownIsNamedAndTheNearestOffered) {
    EXPECT_EQ(refusal({"--prot", "1"}), "--prot: unknown flag; did you mean --port?");
    EXPECT_EQ(refusal({"--frobnicate=yes"}), "--frobnicate: unknown flag");
    EXPECT_EQ(refusal({"-p", "5"}), "-p: unknown flag");
    EXPECT_EQ(refusal({"lunch"}), "\"lunch\" is no command; allowed are launch, start, demo, simulate");
}

TEST(CommandLine, OneValueMeansOne) {
    EXPECT_EQ(refusal({"--port"}), "--port: needs a value");
    EXPECT_EQ(refusal({"--worker-urls"}), "--worker-urls: needs a value");
    EXPECT_EQ(refusal({"--port", "1", "--port", "2"}), "--port: given twice");
    EXPECT_EQ(refusal({"--enable-igw", "--enable-igw"}), "--enable-igw: given twice");
    EXPECT_EQ(refusal({"--config", "a", "--config", "b"}), "--config: given twice");
    EXPECT_EQ(refusal({"--port", "1", "2"}), "unexpected argument after --port");
}

TEST(CommandLine, AnEmptyValueIsNoneAndNotTheNextArgument) {
    EXPECT_EQ(refusal({"--api-key=", "--log-json"}), "--api-key: needs a value");
    EXPECT_EQ(refusal({"--state=", "--check-config"}), "--state: needs a value");
    EXPECT_EQ(refusal({"--port="}), "--port: needs a value");
    EXPECT_EQ(refusal({"--worker-urls", "http://a", "--worker-urls=", "http://b"}), "--worker-urls: needs a value");
    EXPECT_EQ(refusal({"--config=", "--port", "1"}), "--config: needs a value");
    EXPECT_EQ(refusal({"--log-json=", "--port", "1"}), "--log-json: needs a value");
    EXPECT_EQ(refusal({"--runtime-worker-threads=", "2"}), "--runtime-worker-threads: needs a value");
    EXPECT_EQ(refusal({"simulate", "--provider=", "openai"}), "--provider: needs a value");
    EXPECT_EQ(refusal({"--frobnicate="}), "--frobnicate: unknown flag");
    EXPECT_EQ(gateway({"--model-alias=a=b"}).config.aliases.front().second, "b");
}

TEST(CommandLine, WhatIsOffMayBeAskedToStaySo) {
    EXPECT_TRUE(gateway({"--hedge", "off", "--max-concurrent-requests", "-1", "--cache-threshold", "0.30", "--enable-trace=false"}).warnings.empty());
}

TEST(CommandLine, WhatIsNotNeededIsAcceptedWithOneWarningAtItsDefault) {
    for (const auto& row : gateway_settings()) {
        if (row.support != Support::no_effect || row.fallback.empty()) continue;
        const auto value = row.kind == Kind::toggle ? std::vector<std::string>{"--" + row.name + "=" + row.fallback}
                                                    : std::vector<std::string>{"--" + row.name, row.fallback};
        EXPECT_EQ(gateway(value).warnings, std::vector<std::string>{"--" + row.name + ": accepted, no effect; " + row.reason});
    }
    EXPECT_EQ(refusal({"--block-size", "32"}), "--block-size: refused with another value than its default, 16; engines are not scheduled here");
    EXPECT_EQ(refusal({"--history-backend", "oracle"}),
              "--history-backend: refused with another value than its default, memory; conversations are not stored here: the provider holds them");
}

TEST(CommandLine, WhatIsNoPartOfThisGatewayIsRefusedWithTheReason) {
    for (const std::string flag :
         {"pd-disaggregation", "prefill", "decode-policy", "service-discovery", "selector", "enable-mesh", "mesh-port", "enable-wasm",
          "mcp-config-path", "model-path", "tokenizer-cache-enable-l0", "oracle-dsn", "redis-url", "webrtc-bind-addr"}) {
        const auto line = refusal({"--" + flag, "x"});
        EXPECT_EQ(line.rfind("--" + flag + ": refused; ", 0), 0U) << line;
        EXPECT_EQ(find_setting(gateway_settings(), flag), nullptr) << flag;
    }
}

TEST(CommandLine, HelpIsGroupedAndNamesEveryFlag) {
    const auto help = printed({"--help"});
    for (const auto& row : gateway_settings()) EXPECT_NE(help.find("--" + row.name), std::string::npos) << row.name;
    for (const auto* heading : {"\nListening:\n", "\nKeys:\n", "\nUpstream:\n"})
        EXPECT_NE(help.find(heading), std::string::npos) << heading;
    std::istringstream lines(help);
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 130U) << line;
    EXPECT_EQ(printed({"-h", "--port", "nonsense"}), help);
    EXPECT_EQ(printed({"launch", "--help"}), help);
    EXPECT_NE(printed({"demo", "--help"}).find("--latency-ms"), std::string::npos);
    EXPECT_NE(printed({"simulate", "--help"}).find("--fail STATUS:RATE"), std::string::npos);
}

TEST(CommandLine, Version) { EXPECT_EQ(printed({"--version"}), "smg " SMG_VERSION "\n"); }

TEST(Demo, TakesTheGatewaysFlagsAndTheSimulators) {
    const auto command = run({"demo", "--port", "0", "--latency-ms", "20", "--chunks", "3"});
    ASSERT_TRUE(std::holds_alternative<RunDemo>(command));
    const auto& demo = std::get<RunDemo>(command);
    EXPECT_EQ(demo.config.port, 0);
    EXPECT_EQ(demo.simulator.latency, std::chrono::milliseconds(20));
    EXPECT_EQ(demo.simulator.chunks, 3);
}

TEST(Simulate, TakesItsFlags) {
    const auto command = run({"simulate", "--provider", "gemini", "--port", "7", "--api-key", "k", "--latency-ms", "5", "--chunks", "2",
                              "--chunk-interval-ms", "9", "--fail", "529:0.25", "429", "--host", "::1"});
    ASSERT_TRUE(std::holds_alternative<RunSimulator>(command));
    const auto& options = std::get<RunSimulator>(command).options;
    EXPECT_EQ(options.provider, "gemini");
    EXPECT_EQ(options.port, 7);
    EXPECT_TRUE(options.api_key.matches("k"));
    EXPECT_EQ(options.latency, std::chrono::milliseconds(5));
    EXPECT_EQ(options.chunks, 2);
    EXPECT_EQ(options.chunk_interval, std::chrono::milliseconds(9));
    ASSERT_EQ(options.failing.size(), 2U);
    EXPECT_EQ(options.failing[0].status, 529);
    EXPECT_EQ(options.failing[0].rate, 0.25);
    EXPECT_EQ(options.failing[1].rate, 1.0);
    EXPECT_EQ(options.hosts, std::vector<std::string>{"::1"});
}

TEST(Simulate, RefusesInOneLine) {
    EXPECT_EQ(refusal({"simulate", "--provider", "acme"}), "--provider: \"acme\" is not one of openai, anthropic, gemini, xai, all");
    for (const std::string bad : {"200:0.5", "500:2", "x", "500:"})
        EXPECT_EQ(refusal({"simulate", "--fail", bad}),
                  "--fail: \"" + bad + "\" is not of the form STATUS:RATE with STATUS from 400 to 599 and RATE from 0 to 1");
    EXPECT_EQ(refusal({"simulate", "--worker-urls", "http://a"}), "--worker-urls: unknown flag");
    EXPECT_EQ(refusal({"simulate", "--config", "x"}), "simulate takes no configuration file");
}

TEST(Simulate, LooksAtNoEnvironment) {
    const auto command = run({"simulate"}, {{"SMG_PORT", "nonsense"}});
    ASSERT_TRUE(std::holds_alternative<RunSimulator>(command));
    EXPECT_EQ(std::get<RunSimulator>(command).options.port, 0);
}

}  // namespace
}  // namespace smg::config
