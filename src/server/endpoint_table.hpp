#pragma once
/// Which handler answers which method and path. Built once at the start, then read by all threads.
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "gateway/client.hpp"

namespace smg::server {

/// Answers one request. Whatever it leaves unanswered the session answers with 500.
using Handler = std::function<net::Awaitable<void>(gateway::ClientRequest&, gateway::ClientResponse&)>;

struct Endpoint {
    std::string method;  ///< `*`: all but OPTIONS
    /// `/v1/models/{id}`; a last `{name...}` matches the rest, slashes included, and may have a fixed tail (`{name...}:verb`), which is then no part
    /// of any name, whatever the method. Also the `path` label of the metrics.
    std::string path;
    /// The metrics' and the log's name of what is asked: `chat`, `messages`, `generate_content`, `models`, …
    std::string name;
    gateway::ErrorShape shape = gateway::ErrorShape::openai;
    std::string request_id_prefix = "req-";
    Handler handler;
    /// Looks at the head alone, before the body is read; an error refuses the request. May be empty.
    std::function<Result<void>(const gateway::ClientRequest&)> admit;
};

struct Match {
    const Endpoint* endpoint = nullptr;  ///< null: see the other two
    std::vector<std::pair<std::string, std::string>> parameters;
    std::string allowed;                                      ///< methods of this path, `GET, HEAD, OPTIONS`; empty: no such path
    gateway::ErrorShape shape = gateway::ErrorShape::openai;  ///< for the 404 and the 405
};

class EndpointTable {
public:
    void add(Endpoint endpoint);
    /// The same endpoint under another path.
    void alias(std::string path, const std::string& existing_path);
    /// HEAD is answered by GET's endpoint.
    [[nodiscard]] Match find(std::string_view method, std::string_view path) const;

private:
    struct Pattern {
        std::vector<std::string> segments;
        std::size_t endpoint;  ///< index into endpoints_
    };
    void add_route(const std::string& path, std::size_t endpoint);
    /// Takes the endpoint if it has the method; else remembers its methods.
    bool take(std::size_t endpoint, std::string_view method, Match& found, std::vector<std::string>& methods) const;

    std::vector<Endpoint> endpoints_;
    std::unordered_map<std::string, std::vector<std::size_t>> plain_;  ///< paths without parameters: they go before patterns
    std::vector<Pattern> tailed_patterns_;                             ///< that end in a parameter's fixed tail: they go before the others
    std::vector<Pattern> patterns_;                                    ///< in the order of their addition
};

/// The shape that a caller of an unknown path most likely reads.
[[nodiscard]] gateway::ErrorShape guess_shape(std::string_view path) noexcept;

}  // namespace smg::server
