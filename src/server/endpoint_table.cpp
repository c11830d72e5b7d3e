#include "server/endpoint_table.hpp"

#include <algorithm>
#include <optional>

namespace smg::server {
namespace {

using Parameters = std::vector<std::pair<std::string, std::string>>;

std::vector<std::string> split(std::string_view path) {
    std::vector<std::string> segments;
    while (!path.empty()) {
        path.remove_prefix(1);  // the slash
        const auto slash = path.find('/');
        segments.emplace_back(path.substr(0, slash));
        path = slash == std::string_view::npos ? std::string_view() : path.substr(slash);
    }
    return segments;
}

bool is_parameter(std::string_view segment) { return segment.size() > 2 && segment.front() == '{' && segment.find('}') != std::string_view::npos; }

/// `{model}:generateContent`: a parameter with a fixed tail.
std::optional<std::string> match_segment(std::string_view pattern, std::string_view segment, std::string& name) {
    const auto close = pattern.find('}');
    const auto tail = pattern.substr(close + 1);
    if (segment.size() <= tail.size() || segment.substr(segment.size() - tail.size()) != tail) return std::nullopt;
    name = pattern.substr(1, close - 1);
    return std::string(segment.substr(0, segment.size() - tail.size()));
}

std::string join(const std::vector<std::string>& segments, std::size_t from) {
    std::string joined;
    for (auto i = from; i < segments.size(); ++i) joined += (i == from ? "" : "/") + segments[i];
    return joined;
}

std::optional<Parameters> match(const std::vector<std::string>& pattern, const std::vector<std::string>& path) {
    Parameters parameters;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (i >= path.size()) return std::nullopt;
        if (!is_parameter(pattern[i])) {
            if (pattern[i] != path[i]) return std::nullopt;
            continue;
        }
        const auto dots = pattern[i].find("...}");
        if (dots != std::string::npos) {
            // The rest: `{model...}:verb` lets the name hold slashes.
            std::string name;
            auto value = match_segment("{" + pattern[i].substr(1, dots - 1) + pattern[i].substr(dots + 3), join(path, i), name);
            if (!value) return std::nullopt;
            parameters.emplace_back(std::move(name), std::move(*value));
            return parameters;
        }
        std::string name;
        auto value = match_segment(pattern[i], path[i], name);
        if (!value) return std::nullopt;
        parameters.emplace_back(std::move(name), std::move(*value));
    }
    if (path.size() != pattern.size()) return std::nullopt;
    return parameters;
}

}  // namespace

void EndpointTable::add_route(const std::string& path, std::size_t endpoint) {
    if (path.find('{') == std::string::npos) {
        plain_[path].push_back(endpoint);
    } else {
        auto segments = split(path);
        const bool tailed = !segments.empty() && is_parameter(segments.back()) && segments.back().back() != '}';
        (tailed ? tailed_patterns_ : patterns_).push_back({std::move(segments), endpoint});
    }
}

void EndpointTable::add(Endpoint endpoint) {
    add_route(endpoint.path, endpoints_.size());
    endpoints_.push_back(std::move(endpoint));
}

void EndpointTable::alias(std::string path, const std::string& existing_path) {
    for (std::size_t i = 0; i < endpoints_.size(); ++i)
        if (endpoints_[i].path == existing_path) add_route(path, i);
}

bool EndpointTable::take(std::size_t index, std::string_view method, Match& found, std::vector<std::string>& methods) const {
    const auto& endpoint = endpoints_[index];
    found.shape = endpoint.shape;
    if (endpoint.method == (method == "HEAD" ? std::string_view("GET") : method) || (endpoint.method == "*" && method != "OPTIONS")) {
        found.endpoint = &endpoint;
        return true;
    }
    if (endpoint.method == "*") {
        methods.insert(methods.end(), {"DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"});
    } else {
        methods.push_back(endpoint.method);
    }
    if (endpoint.method == "GET") methods.emplace_back("HEAD");
    return false;
}

Match EndpointTable::find(std::string_view method, std::string_view path) const {
    Match found;
    if (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
    std::vector<std::string> methods;
    if (const auto plain = plain_.find(std::string(path)); plain != plain_.end())
        for (const auto endpoint : plain->second)
            if (take(endpoint, method, found, methods)) return found;
    const auto segments = split(path);
    const auto by_plain_paths = methods.size();
    for (const auto* patterns : {&tailed_patterns_, &patterns_}) {
        for (const auto& pattern : *patterns) {
            auto parameters = match(pattern.segments, segments);
            if (!parameters || !take(pattern.endpoint, method, found, methods)) continue;
            found.parameters = std::move(*parameters);
            return found;
        }
        if (methods.size() > by_plain_paths) break;  // `models/x:generateContent` is no model of that name, whatever the method
    }
    if (methods.empty()) {
        found.shape = guess_shape(path);
        return found;
    }
    methods.emplace_back("OPTIONS");
    std::sort(methods.begin(), methods.end());
    methods.erase(std::unique(methods.begin(), methods.end()), methods.end());
    for (const auto& each : methods) found.allowed += (found.allowed.empty() ? "" : ", ") + each;
    return found;
}

gateway::ErrorShape guess_shape(std::string_view path) noexcept {
    using gateway::ErrorShape;
    if (path.starts_with("/v1beta") || path.starts_with("/v1alpha") || path.starts_with("/gemini/")) return ErrorShape::gemini;
    if (path.starts_with("/v1/messages") || path.starts_with("/messages") || path.starts_with("/anthropic/")) return ErrorShape::anthropic;
    if (path.starts_with("/workers")) return ErrorShape::control_plane;
    return ErrorShape::openai;
}

}  // namespace smg::server
