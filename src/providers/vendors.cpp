#include "providers/vendors.hpp"

#include "base/ascii.hpp"

namespace smg::providers {

namespace {

/// A bearer vendor: OpenAI's Chat at its own root.
Provider vendor(std::string name, std::vector<std::string> hosts, std::string root = "/v1") {
    auto provider = openai_compatible();
    provider.name = std::move(name);
    provider.aliases.clear();
    provider.hosts = std::move(hosts);
    provider.default_root = std::move(root);
    provider.quirks.stream_usage_option = true;
    return provider;
}

Provider engine(std::string name) {
    auto provider = vendor(std::move(name), {});
    provider.local = true;
    return provider;
}

bool is_name(std::string_view name) {
    if (name.empty() || name.size() > 64) return false;
    for (char c : name) {
        const char l = ascii_lower(c);
        if (!(l >= 'a' && l <= 'z') && !(c >= '0' && c <= '9') && c != '-' && c != '_' && c != '.') return false;
    }
    return true;
}

bool is_header_name(std::string_view name) {
    static constexpr std::string_view allowed = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz";
    if (name.empty()) return false;
    for (char c : name)
        if (allowed.find(ascii_lower(c)) == std::string_view::npos) return false;
    return true;
}

Result<Provider> base_of(const VendorSpec& spec) {
    if (spec.native == "chat") return openai_compatible();
    if (spec.native != "messages" && spec.native != "gemini")
        return fail(Failure::invalid_request, "native `" + spec.native + "` is not known; allowed: chat, messages, gemini", spec.name + ".native");
    auto base = spec.native == "messages" ? anthropic() : gemini();
    base.first_party = false;  // it speaks like them; it is not them
    base.origin = codec::Origin::unknown;
    base.bearer_key_prefixes.clear();
    base.bearer_jwt = false;
    return base;
}

}  // namespace

std::vector<Provider> built_in_vendors() {
    std::vector<Provider> all;
    all.push_back(vendor("groq", {"api.groq.com"}, "/openai/v1"));
    all.back().key_prefixes = {"gsk_"};
    all.push_back(vendor("openrouter", {"openrouter.ai"}, "/api/v1"));
    all.back().key_prefixes = {"sk-or-"};
    all.back().request_headers.push_back({"http-referer"});
    all.back().request_headers.push_back({"x-title"});
    all.push_back(vendor("deepseek", {"api.deepseek.com"}));
    all.push_back(vendor("mistral", {"api.mistral.ai"}));
    all.back().quirks.stream_usage_option = false;  // it always reports usage
    all.push_back(vendor("together", {"api.together.xyz", "api.together.ai"}));
    all.push_back(engine("ollama"));
    all.back().hosts = {"ollama.com"};
    all.push_back(vendor("azure-openai", {"openai.azure.com", "cognitiveservices.azure.com", "services.ai.azure.com"}, "/openai/v1"));
    all.back().aliases = {"azure"};
    all.back().credential = {"api-key", ""};
    all.back().bearer_jwt = true;  // Entra tokens
    all.back().request_id_header = "apim-request-id";
    all.push_back(engine("vllm"));
    all.push_back(engine("sglang"));
    return all;
}

Result<Provider> provider_of(const VendorSpec& spec) {
    if (!is_name(spec.name)) return fail(Failure::invalid_request, "a provider's name has letters, digits, `-`, `_` and `.` alone", spec.name);
    auto base = base_of(spec);
    if (!base) return base;
    if (!is_header_name(spec.header)) return fail(Failure::invalid_request, "header is not a header's name", spec.name + ".header");
    const auto root = parse_worker_url("https://host" + spec.api_root);
    if (!root || (!spec.api_root.empty() && spec.api_root.front() != '/'))
        return fail(Failure::invalid_request, "api_root must be a path such as /v1", spec.name + ".api_root");
    base->name = ascii_lower(spec.name);
    base->aliases = spec.aliases;
    base->hosts.clear();
    for (const auto& host : spec.hosts) base->hosts.push_back(ascii_lower(host));
    base->model_patterns = spec.models;
    base->key_prefixes = spec.key_prefixes;
    base->default_root = root->path;
    base->credential = {ascii_lower(spec.header), spec.scheme};
    base->query = spec.query;
    for (const auto& header : spec.request_headers) base->request_headers.push_back({ascii_lower(header)});
    base->quirks.stream_usage_option = spec.stream_usage;
    return base;
}

}  // namespace smg::providers
