#pragma once
/// The table of providers: the built-in ones, the vendors that need no code, and those of the configuration.
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "providers/provider.hpp"

namespace smg::providers {

/// A vendor as data: `[providers.NAME]` of the configuration. Speaks one of the known formats with its own host and credential.
struct VendorSpec {
    std::string name;
    std::vector<std::string> aliases;
    std::vector<std::string> hosts;
    std::vector<std::string> models;  ///< name patterns, `acme-*`
    std::string api_root = "/v1";
    std::string header = "authorization";
    std::string scheme = "Bearer";  ///< empty: the bare key
    std::vector<std::pair<std::string, std::string>> query;
    std::string native = "chat";  ///< `chat`, `messages` or `gemini`
    std::vector<std::string> key_prefixes;
    std::vector<std::string> request_headers;  ///< of the caller's that go upstream
    bool stream_usage = false;                 ///< quirk: understands `stream_options.include_usage`
};

/// What a caller's key looks like.
struct KeyForm {
    enum class Kind {
        absent,  ///< empty, or a placeholder that SDKs force people to send
        known,   ///< only one provider issues such keys
        unknown,
    };
    Kind kind = Kind::absent;
    std::string provider;  ///< when known: the provider's name
};

/// Empty, or one of the placeholders (`EMPTY`, `none`, `sk-1234`, `x`, …), compared without case and surrounding blanks.
[[nodiscard]] bool is_placeholder_key(std::string_view key) noexcept;

/// Immutable; shared by all threads. Replaced whole on reload.
class Catalog {
public:
    /// The four providers, `openai-compatible`, `vllm`, `sglang`, and Groq, OpenRouter, DeepSeek, Mistral, Together, Ollama, Azure OpenAI.
    [[nodiscard]] static std::shared_ptr<const Catalog> built_in();
    /// These and the given ones; a vendor with a built-in vendor's name replaces it. Errors name the key (`providers.acme.native`).
    [[nodiscard]] static Result<std::shared_ptr<const Catalog>> with_vendors(const std::vector<VendorSpec>& vendors);

    /// By its name or an alias, without case; null when there is none.
    [[nodiscard]] ProviderPtr find(std::string_view spelled) const;
    /// The same as an error that lists what is allowed and suggests the nearest; `param` is put into it.
    [[nodiscard]] Result<ProviderPtr> named(std::string_view spelled, std::string_view param = "provider") const;
    /// Whose host it is: whole, or a dot-bounded suffix; null when nobody's. Loopback and plain addresses are nobody's.
    [[nodiscard]] ProviderPtr of_host(std::string_view host) const;
    /// Whom a model's name names, by the longest pattern; null when nobody. `models/` in front does not count.
    [[nodiscard]] ProviderPtr of_model(std::string_view model) const;
    /// A worker's provider: as spelled, else its host's, else `openai-compatible`. A spelled one that contradicts a known host is an error.
    [[nodiscard]] Result<ProviderPtr> of_worker(std::string_view spelled, const WorkerUrl& url) const;
    /// Whose form a caller's key has.
    [[nodiscard]] KeyForm classify_key(std::string_view key) const;

    [[nodiscard]] const std::vector<ProviderPtr>& all() const noexcept { return providers_; }
    [[nodiscard]] const ProviderPtr& compatible() const noexcept { return compatible_; }

private:
    Catalog() = default;
    void add(Provider provider);
    void index_patterns();
    std::vector<ProviderPtr> providers_;
    ProviderPtr compatible_;
    /// Model patterns by their first letter without case: a name is looked up on every request.
    std::array<std::vector<std::pair<std::string_view, const ProviderPtr*>>, 256> patterns_;
};

}  // namespace smg::providers
