#pragma once
/// The workers that the command line, the file and the environment name.
#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "fleet/registrar.hpp"
#include "smg/config.hpp"
#include "workers/registry.hpp"

namespace smg::app {

/// `[providers.*]` of the file and the built-in ones.
[[nodiscard]] Result<std::shared_ptr<const providers::Catalog>> make_catalog(const config::Config& config);

/// One of them, checked, its key in place.
struct StaticWorker {
    workers::WorkerSpec spec;
    std::string source;  ///< `flag`, `file`, `environment`
    std::string where;   ///< `--worker-urls "http://a"`, `smg.toml:12`, `OPENAI_API_KEY`
    std::string url_key;
};

/// `--worker-urls` and `[[workers]]`; where neither names any worker and `--enable-igw` is off, one for each provider key of the environment.
/// Keys of the environment become the stored keys of their provider's workers that have none. Errors name the flag or the line, two workers of
/// one URL and name among them.
[[nodiscard]] Result<std::vector<StaticWorker>> list_static_workers(const config::Config& config, const providers::Catalog& catalog);

/// Keeps the registry in step with the configuration. The main thread's.
class StaticWorkers {
public:
    explicit StaticWorkers(workers::Registry& registry) : registry_(registry) {}

    /// At the start: first those of flags and file; those of the environment after the stored ones, to which they give way.
    [[nodiscard]] Result<void> register_first(const std::vector<StaticWorker>& wanted);
    void register_environment(const std::vector<StaticWorker>& wanted);

    struct Changes {
        std::size_t added = 0, changed = 0, removed = 0;
    };
    /// A reload: what is new is registered, what has changed since the last time is changed, what is gone drains. A worker of the store or of
    /// `POST /workers` with the same URL and name becomes the file's. What the file says as before stays as it is, whatever the API did to it.
    Changes apply(const std::vector<StaticWorker>& wanted, fleet::Registrar& registrar);

private:
    struct Applied {
        std::string text;  ///< all of the spec, its key among it
        std::string url_key;
        std::string name;
    };
    using Known = std::map<std::string, Applied>;
    [[nodiscard]] Result<void> add(const StaticWorker& worker);
    void put(const StaticWorker& worker);

    workers::Registry& registry_;
    Known known_;  ///< by URL and name
};

}  // namespace smg::app
