/// The traffic of bench/run. Prints `port N`, the upstream's, then obeys lines on standard input, one answer line each:
///   measure PORT PID KIND BYTES CLIENTS PIECES WARM_MS RUN_MS [MODEL_TAIL]  →  `ANSWERS PIECES CPU_NS DELAY_NS WALL_NS FAILURES`
///   hold PORT KIND CLIENTS                                     →  `held N` once each has its first piece or answer
///   release                                                    →  `released N`: streams that the upstream still has open 2 s later at most
/// What was the first failure goes to standard error. Ends with standard input.
#include <sys/epoll.h>
#include <unistd.h>

#include <chrono>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>

#include "clients.hpp"
#include "cpu_time.hpp"
#include "upstream.hpp"

namespace smg::bench {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

class Traffic final : public Watcher {
public:
    Traffic() : upstream_(loop_) {
        loop_.watch(STDIN_FILENO, *this, EPOLLIN);
        std::cout << "port " << upstream_.port() << std::endl;
    }

    void run() {
        std::string line;
        for (;;) {
            while (!line_waits_) loop_.turn(1000);
            if (!std::getline(std::cin, line)) return;
            obey(line);
            line_waits_ = false;
            loop_.watch(STDIN_FILENO, *this, EPOLLIN);
        }
    }

    /// Commands turn the loop themselves, so they are not obeyed from inside a turn.
    void on_ready(std::uint32_t) override {
        line_waits_ = true;
        loop_.forget(STDIN_FILENO);
    }

private:
    void obey(const std::string& line) {
        std::istringstream words(line);
        std::string verb;
        words >> verb;
        if (verb == "measure") return measure(words);
        if (verb == "hold") return hold(words);
        if (verb == "release") return release();
        std::cout << "unknown command" << std::endl;
    }

    template <typename Done>
    void turn_until(Clock::time_point end, Done done) {
        for (auto now = Clock::now(); now < end && !done(); now = Clock::now())
            loop_.turn(static_cast<int>(std::chrono::duration_cast<milliseconds>(end - now).count()) + 1);
    }

    void measure(std::istringstream& words) {
        Plan plan;
        pid_t process = 0;
        int warm = 0;
        int run = 0;
        words >> plan.port >> process >> plan.kind >> plan.body_bytes >> plan.clients >> plan.pieces >> warm >> run >> plan.model_tail;
        Clients clients(loop_, upstream_, plan);
        const auto never = [] { return false; };
        turn_until(Clock::now() + milliseconds(warm), never);
        const auto before = clients.counts();
        const auto cpu = cpu_time(process);
        const auto delay = run_delay(process);
        const auto begin = Clock::now();
        turn_until(begin + milliseconds(run), never);
        const auto& after = clients.counts();
        const auto cpu_spent = cpu_time(process) - cpu;
        const auto delayed = run_delay(process) - delay;
        const std::chrono::nanoseconds wall = Clock::now() - begin;
        std::cout << after.answers - before.answers << ' ' << after.pieces - before.pieces << ' ' << cpu_spent << ' ' << delayed << ' '
                  << wall.count() << ' ' << after.failures << std::endl;
        tell_failure(clients);
    }

    void hold(std::istringstream& words) {
        Plan plan;
        plan.hold = true;
        words >> plan.port >> plan.kind >> plan.clients;
        held_ = std::make_unique<Clients>(loop_, upstream_, plan);
        const auto arrived = [&] { return plan.kind == "stream" ? held_->counts().pieces : held_->counts().answers; };
        turn_until(Clock::now() + std::chrono::seconds(20), [&] { return arrived() + held_->counts().failures >= plan.clients; });
        std::cout << "held " << arrived() << std::endl;
        tell_failure(*held_);
    }

    void release() {
        held_.reset();
        turn_until(Clock::now() + std::chrono::seconds(2), [&] { return upstream_.open_streams() == 0; });
        std::cout << "released " << upstream_.open_streams() << std::endl;
    }

    static void tell_failure(const Clients& clients) {
        if (!clients.first_failure().empty()) std::cerr << "first failure: " << clients.first_failure() << std::endl;
    }

    EventLoop loop_;
    Upstream upstream_;
    std::unique_ptr<Clients> held_;
    bool line_waits_ = false;
};

}  // namespace
}  // namespace smg::bench

int main() {
    smg::bench::Traffic traffic;
    traffic.run();
}
