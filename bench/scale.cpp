/// What it costs to choose a worker, and to register one, when there are very many: the pure part alone, in one thread, ratios within one run.
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "routing/route.hpp"
#include "workers/registry.hpp"
#include "workers/spec_json.hpp"

namespace smg {
namespace {

constexpr int few = 10;
constexpr int many = 10'000;
constexpr int models_each = 10;
constexpr int rounds = 21;
constexpr int picks = 2000;  ///< a round

double thread_seconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double resident_megabytes() {
    std::ifstream file("/proc/self/statm");
    double size = 0, resident = 0;
    file >> size >> resident;
    return resident * 4096 / 1e6;
}

std::string own_model(int worker, int model) { return "vendor/model-" + std::to_string(worker) + "-" + std::to_string(model); }

/// Worker `number` with models of its own, one that ten workers have ("shared"), and one that all have ("common").
workers::WorkerSpec spec_of(int number, bool shares) {
    workers::WorkerSpec spec;
    spec.url = "http://10.0." + std::to_string(number / 256) + "." + std::to_string(number % 256) + ":8000";
    spec.name = "worker-" + std::to_string(number);
    spec.models.emplace();
    const auto add = [&](std::string id) {
        workers::ModelCard card;
        card.id = std::move(id);
        spec.models->push_back(std::move(card));
    };
    for (int model = 0; model < models_each; ++model) add(own_model(number, model));
    if (shares) add("shared");
    add("common");
    return spec;
}

struct Registered {
    std::vector<double> seconds;  ///< of each registration: added, then ready
};

/// As `POST /workers` does it, but for the network.
void fill(workers::Registry& registry, int count, Registered& registered) {
    for (int number = 0; number < count; ++number) {
        auto spec = spec_of(number, number % (count / few) == 0);
        const auto began = thread_seconds();
        const auto added = registry.add(std::move(spec), "api", 0);
        (void)registry.apply((*added)->id, workers::StatusEvent::registered, {}, 0);
        registered.seconds.push_back(thread_seconds() - began);
    }
}

double median(std::vector<double> values) {
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
    return values[values.size() / 2];
}

struct World {
    explicit World(int count) : registry(providers::Catalog::built_in()) {
        const auto before = resident_megabytes();
        fill(registry, count, registered);
        megabytes = resident_megabytes() - before;
        snapshot = registry.snapshot();
        options.policy = workers::PolicyKind::least_load;
    }
    /// Seconds of `picks` choices of the models that `name` gives.
    double choose(const std::function<std::string(int)>& name) {
        std::vector<routing::RouteRequest> requests(picks);
        for (int i = 0; i < picks; ++i) {
            requests[static_cast<std::size_t>(i)].model = name(i);
            requests[static_cast<std::size_t>(i)].now = workers::Clock::now();
        }
        const auto began = thread_seconds();
        for (const auto& request : requests)
            if (!routing::choose(*snapshot, state, options, request)) std::abort();
        return thread_seconds() - began;
    }
    workers::Registry registry;
    Registered registered;
    workers::SnapshotPtr snapshot;
    routing::PolicyState state{1};  // a seed
    routing::RouteOptions options;
    double megabytes = 0;
};

void compare(const char* what, World& small, World& large, const std::function<std::string(int)>& in_small,
             const std::function<std::string(int)>& in_large) {
    std::vector<double> ratios, smalls, larges;
    for (int round = 0; round < rounds; ++round) {
        smalls.push_back(small.choose(in_small));
        larges.push_back(large.choose(in_large));
        ratios.push_back(larges.back() / smalls.back());
    }
    std::printf("%-52s %8.2f µs %8.2f µs %7.2f\n", what, median(smalls) / picks * 1e6, median(larges) / picks * 1e6, median(ratios));
}

int run() {
    World small(few);
    World large(many);
    std::mt19937 random(1);
    const auto hot = [](int) { return own_model(3, 4); };
    const auto any = [&](int count) {
        return [&random, count](int) {
            return own_model(static_cast<int>(random() % static_cast<unsigned>(count)), static_cast<int>(random() % models_each));
        };
    };
    std::printf("%-52s %11s %11s %7s\n", "choose()", "10 workers", "10,000", "ratio");
    compare("a model of ten workers", small, large, [](int) { return "shared"; }, [](int) { return "shared"; });
    compare("a model of one worker", small, large, hot, hot);
    compare("a model of one worker, another one each time", small, large, any(few), any(many));
    compare("a model of all workers (four are looked at)", small, large, [](int) { return "common"; }, [](int) { return "common"; });

    const auto& seconds = large.registered.seconds;
    const auto part = [&](std::ptrdiff_t from) { return median({seconds.begin() + from, seconds.begin() + from + 500}); };
    double all = 0;
    for (const auto each : seconds) all += each;
    std::printf("\nregistration (added, then ready): the first 500 %.0f µs, the last 500 of 10,000 %.0f µs, all %.1f s\n", part(0) * 1e6,
                part(many - 500) * 1e6, all);
    std::printf("memory: %.0f MB for 10,000 workers and %d models: %.1f kB a worker with its %d\n", large.megabytes, many * models_each,
                large.megabytes * 1e3 / many, models_each);
    return 0;
}

}  // namespace
}  // namespace smg

int main() { return smg::run(); }
