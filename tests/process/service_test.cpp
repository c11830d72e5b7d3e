/// What a service manager and a load balancer see of the process.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/un.h>

#include <atomic>

#include "support/raw_upstream.hpp"
#include "support/running_gateway.hpp"
#include "support/smg_process.hpp"

namespace smg::test {
namespace {

const std::vector<std::string> arguments{"--port", "0", "--prometheus-port", "0", "--host", "127.0.0.1", "--threads", "1", "--enable-igw"};

/// The manager's end of NOTIFY_SOCKET.
class Manager {
public:
    explicit Manager(const std::string& path) : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        if (::bind(socket_.descriptor(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) throw std::runtime_error("bind failed");
    }
    [[nodiscard]] std::string next() const { return socket_.read_some(); }

private:
    Socket socket_;
};

TEST(Service, TellsTheManagerWhenItIsReadyReloadsAndStops) {
    const TemporaryDirectory directory;
    const Manager manager(directory.file("notify"));
    SmgProcess smg(arguments, {{"NOTIFY_SOCKET", directory.file("notify")}});
    EXPECT_EQ(manager.next(), "READY=1\nSTATUS=serving");
    EXPECT_EQ(smg.client().get("/readiness").status, 200) << "ready means ready";
    smg.kill(SIGHUP);
    const auto reloading = manager.next();
    EXPECT_TRUE(reloading.starts_with("RELOADING=1\nMONOTONIC_USEC=")) << reloading;
    EXPECT_EQ(manager.next(), "READY=1\nSTATUS=serving");
    smg.kill(SIGUSR2);
    const auto successor = manager.next();
    ASSERT_TRUE(successor.starts_with("MAINPID=")) << successor;
    const auto pid = static_cast<pid_t>(std::stoi(successor.substr(8)));
    EXPECT_NE(pid, smg.pid());
    EXPECT_EQ(smg.wait(), 0);
    ::kill(pid, SIGTERM);
    EXPECT_TRUE(manager.next().starts_with("STOPPING=1"));
}

TEST(Service, ServesOnASocketThatIsHandedToIt) {
    const RawUpstream opened;  // any listening socket of ours
    // Our number counts as systemd's would: a parent's is accepted, since it cannot know its child's before.
    SmgProcess smg(arguments, {{"LISTEN_FDS", "1"}, {"LISTEN_PID", std::to_string(::getpid())}, {"LISTEN_FDNAMES", "http"}}, {opened.descriptor()});
    EXPECT_EQ(smg.port(), opened.port());
    EXPECT_EQ(smg.client().get("/health").status, 200);
    SmgProcess strange(arguments, {{"LISTEN_FDS", "1"}, {"LISTEN_PID", "1"}}, {opened.descriptor()});
    EXPECT_NE(strange.port(), opened.port()) << "meant for another process";
    const Socket deaf(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    SmgProcess wrong(arguments, {{"LISTEN_FDS", "1"}, {"LISTEN_PID", std::to_string(::getpid())}}, {deaf.descriptor()});
    EXPECT_EQ(wrong.wait(), 1);
    EXPECT_TRUE(wrong.output().wait_for("is no listening TCP socket")) << wrong.output().text();
}

TEST(Service, ASignalLetsOpenRequestsFinish) {
    const RawUpstream upstream;
    SmgProcess smg(arguments);
    const Json spec = {{"url", upstream.url()}, {"provider", "openai"}, {"runtime_type", "external"}};
    ASSERT_EQ(smg.client().post("/workers?wait=5", spec.dump()).status, 201);
    auto client = smg.client();
    client.send_request("POST", "/v1/chat/completions", chat("gpt-4o", "Hello").dump(), {{"Authorization", "Bearer sk-proj-caller"}});
    auto provider = upstream.accept();
    (void)provider.read();
    auto waiting = smg.client();
    EXPECT_EQ(waiting.get("/health").status, 200);
    smg.kill(SIGTERM);
    ASSERT_TRUE(smg.output().wait_for("shutting down"));
    const auto late = waiting.get("/readiness");
    EXPECT_EQ(late.status, 503) << "a kept connection is still answered";
    EXPECT_EQ(late.field("connection"), "close");
    provider.send(sized_answer(200, R"({"id":"x","object":"chat.completion","created":1,"model":"gpt-4o","choices":[]})"));
    EXPECT_EQ(client.read().status, 200);
    EXPECT_EQ(smg.wait(), 0);
}

/// A gateway with a request under way, which it waits for.
class Leaving : public testing::Test {
protected:
    Leaving() {
        const Json spec = {{"url", upstream.url()}, {"provider", "openai"}, {"runtime_type", "external"}};
        EXPECT_EQ(smg.client().post("/workers?wait=5", spec.dump()).status, 201);
        client = std::make_unique<HttpClient>(smg.client());
        client->send_request("POST", "/v1/chat/completions", chat("gpt-4o", "Hello").dump(), {{"Authorization", "Bearer sk-proj-caller"}});
        provider = std::make_unique<MessageStream>(upstream.accept());
        (void)provider->read();
        smg.kill(SIGTERM);
        EXPECT_TRUE(smg.output().wait_for("shutting down"));
    }
    const RawUpstream upstream;
    SmgProcess smg{arguments};
    std::unique_ptr<HttpClient> client;
    std::unique_ptr<MessageStream> provider;
};

TEST_F(Leaving, ASecondSignalEndsItAtOnce) {
    // A second one so soon after the first counts as the same, delivered twice; one of these will not.
    while (!smg.output().wait_end(std::chrono::milliseconds(5))) smg.kill(SIGTERM);
    EXPECT_EQ(smg.wait(), 128 + SIGTERM);
}

TEST(Service, LeavesThoughNobodyReadsItsLog) {
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    const Socket reading(ends[0]), writing(ends[1]);
    const std::string filling(4096, 'x');
    while (::write(writing.descriptor(), filling.data(), filling.size()) > 0) {}
    ASSERT_EQ(::fcntl(writing.descriptor(), F_SETFL, 0), 0);  // the process's writes wait, as they do on any pipe
    SmgProcess smg(arguments, {}, {}, writing.descriptor());
    EXPECT_EQ(smg.client().get("/health").status, 200);
    smg.kill(SIGTERM);
    EXPECT_EQ(smg.wait(), 0);
}

TEST(Service, TellsWhereItsProbesAre) {
    auto more = arguments;
    more.insert(more.end(), {"--health-check-port", "0"});
    SmgProcess smg(more);
    (void)smg.port();
    const std::string words = "probes on http://127.0.0.1:";
    ASSERT_TRUE(smg.output().wait_for(words)) << smg.output().text();
    const auto text = smg.output().text();
    HttpClient probes(static_cast<std::uint16_t>(std::stoi(text.substr(text.find(words) + words.size(), 5))));
    EXPECT_EQ(probes.get("/readiness").status, 200);
}

TEST(Service, ABadValueIsAMatterOfUsageAndAnythingFoundLaterIsNot) {
    const TemporaryDirectory directory;
    const auto ends_with = [&](std::vector<std::string> more, int exit_code, const std::string& line) {
        more.emplace_back("--check-config");
        SmgProcess smg(more);
        EXPECT_EQ(smg.wait(), exit_code) << line;
        EXPECT_TRUE(smg.output().wait_end());
        EXPECT_NE(smg.output().text().find("smg: " + line), std::string::npos) << smg.output().text();
    };
    const auto file = directory.write("smg.toml", "[[workers]]\nurl = \"http://127.0.0.1:1\"\n[workers.health]\nfailure_threshold = 0\n");
    ends_with({"--config", file}, 2, "smg.toml:4: health.failure_threshold must be a whole number from 1 to 2147483647 (is 0)\n");
    ends_with({"--worker-urls", "http://u:hunter2@h"}, 2, "--worker-urls \"http://***@h\": url must not hold a user or password");
    ends_with({"--policy", "fastest"}, 2, "--policy: \"fastest\" is not one of cache_aware, ");
    ends_with({"--otlp-traces-endpoint", "collector:4317"}, 2, "--otlp-traces-endpoint: \"collector:4317\" names port 4317");
    const auto key_file = directory.write("smg.toml", "[[workers]]\nurl = \"http://127.0.0.1:1\"\napi_key_file = \"/no/such/file\"\n");
    ends_with({"--config", key_file}, 1, "smg.toml:1: api_key_file `/no/such/file` cannot be read");
}

/// HAProxy, as Debian has it, with two gateways behind it.
class Proxy {
public:
    Proxy(const TemporaryDirectory& directory, std::uint16_t first, std::uint16_t second) {
        // Free a moment ago, and the system does not give it to the next who asks for any.
        port_ = RawUpstream().port();
        std::string text =
            "global\n  maxconn 1000\ndefaults\n  mode http\n  timeout connect 2s\n  timeout client 60s\n  timeout server 60s\n  timeout queue 10s\n"
            "frontend clients\n  bind 127.0.0.1:" +
            std::to_string(port_) +
            "\n  default_backend gateways\nbackend gateways\n  balance roundrobin\n  option httpchk GET /readiness\n"
            "  default-server check inter 50ms fall 1 rise 1\n";
        text += "  server one 127.0.0.1:" + std::to_string(first) + "\n  server two 127.0.0.1:" + std::to_string(second) + "\n";
        const auto path = directory.write("haproxy.cfg", text);
        std::string program = "/usr/sbin/haproxy", option = "-f", file = path, debug = "-db";
        char* argv[] = {program.data(), debug.data(), option.data(), file.data(), nullptr};
        if (::posix_spawn(&pid_, program.c_str(), nullptr, nullptr, argv, environ) != 0) throw std::runtime_error("haproxy does not start");
    }
    ~Proxy() {
        ::kill(pid_, SIGTERM);
        (void)::waitpid(pid_, nullptr, 0);
    }
    Proxy(const Proxy&) = delete;
    Proxy& operator=(const Proxy&) = delete;
    [[nodiscard]] static bool installed() { return ::access("/usr/sbin/haproxy", X_OK) == 0; }
    /// True once it hands requests on.
    [[nodiscard]] bool serves() const {
        const auto until = std::chrono::steady_clock::now() + step_limit;
        while (std::chrono::steady_clock::now() < until) {
            try {
                if (HttpClient(port_).get("/health").status == 200) return true;
            } catch (const std::runtime_error&) {
                // It does not listen yet.
            }
        }
        return false;
    }
    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

private:
    pid_t pid_ = -1;
    std::uint16_t port_ = 0;
};

TEST(BehindHaproxy, AGatewayThatLeavesIsTakenOutBeforeItStopsListening) {
    if (!Proxy::installed()) GTEST_SKIP() << "needs /usr/sbin/haproxy: apt-get install haproxy";
    const TemporaryDirectory directory;
    simulator::SimulatorOptions options;
    options.chunk_interval = std::chrono::milliseconds(20);
    Providers providers(options);
    const Json spec = {{"url", providers["openai"].url()}, {"provider", "openai"}, {"runtime_type", "external"}, {"api_key", "sk-proj-stored"}};
    SmgProcess first(arguments), second(arguments);
    for (auto* each : {&first, &second}) ASSERT_EQ(each->client().post("/workers?wait=10", spec.dump()).status, 201);
    const Proxy proxy(directory, first.port(), second.port());
    ASSERT_TRUE(proxy.serves());
    std::atomic<bool> over{false};
    std::atomic<int> served{0};
    std::vector<std::thread> clients;
    for (int i = 0; i < 4; ++i)
        clients.emplace_back([&, stream = i % 2 == 0] {
            while (!over) {
                HttpClient client(proxy.port());
                const auto answer = client.post("/v1/chat/completions", chat("gpt-4o", "Hello", stream).dump());
                EXPECT_EQ(answer.status, 200) << answer.body;
                if (stream) { EXPECT_NE(answer.body.find("[DONE]"), std::string::npos) << "a stream was cut"; }
                ++served;
            }
        });
    const auto go_on = [&served](int more) {
        for (const int until = served + more; served < until && !testing::Test::HasFailure();) std::this_thread::yield();
    };
    go_on(20);
    first.kill(SIGTERM);
    EXPECT_EQ(first.wait(), 0);
    go_on(20);
    second.kill(SIGUSR2);
    ASSERT_TRUE(second.output().wait_for("handed over")) << second.output().text();
    EXPECT_EQ(second.wait(), 0);
    go_on(20);
    over = true;
    for (auto& client : clients) client.join();
}

}  // namespace
}  // namespace smg::test
