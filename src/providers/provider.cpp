#include "providers/provider.hpp"

#include <algorithm>

#include "base/ascii.hpp"

namespace smg::providers {

namespace {

using Query = std::vector<std::pair<std::string, std::string>>;

/// Appends `name=value` pairs behind what the target has; a name of `overriding` hides the same one of `query`.
void append_query(std::string& target, const Query& query, const Query& overriding) {
    const auto append = [&target](const std::pair<std::string, std::string>& entry) {
        target += target.find('?') == std::string::npos ? '?' : '&';
        target += encode_query(entry.first) + "=" + encode_query(entry.second);
    };
    for (const auto& entry : query)
        if (std::none_of(overriding.begin(), overriding.end(), [&](const auto& other) { return other.first == entry.first; })) append(entry);
    for (const auto& entry : overriding) append(entry);
}

bool is_dot_segment(std::string_view segment) {
    std::string plain;
    for (std::size_t i = 0; i < segment.size(); ++i) {
        if (segment[i] == '%' && istarts_with(segment.substr(i), "%2e")) {
            plain += '.';
            i += 2;
        } else {
            plain += segment[i];
        }
    }
    return plain == "." || plain == "..";
}

/// Would some server on the way take this path for another one?
bool leaves_its_path(std::string_view path) {
    for (char c : path)
        if (static_cast<unsigned char>(c) <= ' ' || c == 0x7f || c == '\\' || c == '#') return true;
    for (std::size_t start = 0; start <= path.size();) {
        const auto end = std::min(path.find('/', start), path.size());
        if (is_dot_segment(path.substr(start, end - start))) return true;
        start = end + 1;
    }
    return false;
}

/// A model's name as it stands in a path: Gemini's resources keep their collection, other names their slashes.
std::string path_of_model(std::string_view model, bool resource) {
    if (!resource) return encode_path(model, true);
    for (std::string_view collection : {"models/", "tunedModels/"})
        if (model.starts_with(collection)) return std::string(collection) + encode_path(model.substr(collection.size()), false);
    return "models/" + encode_path(model, false);
}

std::string gemini_method(Operation operation, bool stream) {
    if (operation == Operation::chat) return stream ? "streamGenerateContent?alt=sse" : "generateContent";
    return operation == Operation::embeddings ? "batchEmbedContents" : "countTokens";
}

void replace(std::string& text, std::string_view mark, std::string_view value) {
    if (const auto at = text.find(mark); at != std::string::npos) text.replace(at, mark.size(), value);
}

/// The query without `key=`: it is a credential, and the caller's is set as a header.
std::string without_key(std::string_view query) {
    std::string kept;
    for (std::size_t start = 0; start < query.size();) {
        const auto end = std::min(query.find('&', start), query.size());
        const auto entry = query.substr(start, end - start);
        if (!entry.empty() && entry != "key" && !entry.starts_with("key=")) kept += (kept.empty() ? "" : "&") + std::string(entry);
        start = end + 1;
    }
    return kept;
}

}  // namespace

Result<std::string> Provider::target(const WorkerUrl& url, const Ask& ask, const Query& extra_query) const {
    if (!offers(ask.operation)) return fail(Failure::not_supported, name + " does not offer " + std::string(name_of(ask.operation)));
    std::string path = paths[static_cast<std::size_t>(ask.operation)];
    if (path.find('{') != std::string::npos) {
        if (ask.model.empty()) return fail(Failure::invalid_request, "model is required", "model");
        if (leaves_its_path(ask.model)) return fail(Failure::invalid_request, "model is not a name that " + name + " could have", "model");
        replace(path, "{model}", path_of_model(ask.model, false));
        replace(path, "{resource}", path_of_model(ask.model, true));
        replace(path, "{method}", gemini_method(ask.operation, ask.stream));
    }
    std::string target = url.api_root(default_root) + path;
    append_query(target, query, extra_query);
    return target;
}

Result<std::string> Provider::models_target(const WorkerUrl& url, std::string_view page_query, const Query& extra_query) const {
    if (!offers(Operation::list_models)) return fail(Failure::not_supported, name + " does not list its models");
    std::string target = url.api_root(default_root) + paths[static_cast<std::size_t>(Operation::list_models)];
    const auto page = page_query.empty() ? std::string_view(models_first_query) : page_query;
    if (!page.empty()) target += "?" + std::string(page);
    append_query(target, query, extra_query);
    return target;
}

Result<std::string> Provider::passthrough_target(const WorkerUrl& url, std::string_view below_root, const Query& extra_query) const {
    const auto mark = std::min(below_root.find('?'), below_root.size());
    std::string_view path = below_root.substr(0, mark);
    const auto caller_query = mark < below_root.size() ? without_key(below_root.substr(mark + 1)) : std::string();
    if (!path.empty() && path.front() != '/') return fail(Failure::invalid_request, "the path must begin with /");
    if (leaves_its_path(path) || leaves_its_path(caller_query)) return fail(Failure::invalid_request, "the path is malformed");
    // A path that brings its own version (`/v1/files`, `/upload/v1beta/files`) replaces the root's.
    auto head = path.empty() ? path : path.substr(1);
    if (head.starts_with("upload/")) head.remove_prefix(7);
    const bool versioned = is_version_segment(head.substr(0, head.find('/')));
    // A default root may have segments before its version (`/openai/v1`); they stay.
    const auto root = url.api_root(default_root);
    std::string target = versioned ? root.substr(0, root.rfind('/')) : root;
    target += path;
    if (!caller_query.empty()) target += "?" + caller_query;
    append_query(target, query, extra_query);
    return target;
}

}  // namespace smg::providers
