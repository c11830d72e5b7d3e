#pragma once
/// One provider as a value: data, and the few functions in which providers differ. Nothing elsewhere asks *which* provider it is
/// dealing with; it asks the provider. Immutable once built, so shared by all threads.
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "codec/codec.hpp"
#include "http/fields.hpp"
#include "providers/models.hpp"
#include "providers/worker_url.hpp"

namespace smg::providers {

/// The API formats that chat can be spoken in.
enum class ApiFormat { openai_chat, openai_responses, anthropic_messages, gemini };

/// The codec of a format: a process-wide constant.
[[nodiscard]] const codec::Codec& codec_of(ApiFormat format);
/// `openai_chat`, `openai_responses`, `anthropic_messages`, `gemini`.
[[nodiscard]] std::string_view name_of(ApiFormat format) noexcept;

/// What is asked of a provider. Everything else is passed by path (`Provider::passthrough_target`).
enum class Operation {
    chat,         ///< in the provider's native format
    responses,    ///< OpenAI's Responses
    completions,  ///< OpenAI's legacy completions
    embeddings,
    count_tokens,
    list_models,
    get_model,
};
inline constexpr std::size_t operation_count = 7;
/// `chat`, `responses`, … as metrics and messages name it.
[[nodiscard]] std::string_view name_of(Operation operation) noexcept;

/// How a credential travels: `Authorization: Bearer KEY`, `x-api-key: KEY`.
struct CredentialRule {
    std::string header = "authorization";
    std::string scheme = "Bearer";  ///< empty: the bare key
    friend bool operator==(const CredentialRule&, const CredentialRule&) = default;
};

/// A header of the caller that the provider defines. Names may end in `*`.
struct RequestHeaderRule {
    std::string name;
    bool callers_key_only = false;  ///< it names an account: goes only with the caller's own key
    bool same_format_only = true;   ///< meaningless or harmful on a translated request
};

/// What the rest of the gateway must know of a provider's habits.
struct Quirks {
    bool stream_usage_option = false;    ///< understands `stream_options.include_usage`
    bool engine_sampling_fields = true;  ///< takes engines' sampling fields (`top_k`, `min_p`, …); the four providers refuse them
    bool responses = false;              ///< serves OpenAI's Responses, state included; others are spoken to in their own format
    bool string_errors = false;          ///< errors are `{"code","error":"text"}` and take the client's shape (xAI)
};

/// What an operation's path depends on.
struct Ask {
    Ask() = default;
    Ask(Operation what, std::string model_name, bool is_stream = false) : operation(what), model(std::move(model_name)), stream(is_stream) {}
    Operation operation = Operation::chat;
    std::string model;  ///< the provider's name; for chat, embeddings, count_tokens of Gemini and for get_model
    bool stream = false;
};

struct Provider {
    // --- identity
    std::string name;                               ///< `openai`, `anthropic`, `xai`, `gemini`, `openai-compatible`, a vendor's name
    std::vector<std::string> aliases;               ///< other spellings that operators use: `claude`, `grok`, `google`
    codec::Origin origin = codec::Origin::unknown;  ///< whose opaque state (signatures, ids) it issues and accepts
    std::string router_type = "openai";             ///< metric label: `openai`, `anthropic`, `gemini`, `http`
    bool local = false;                             ///< an engine that the operator runs (vLLM, SGLang); needs no credential
    bool first_party = false;                       ///< one of the four

    // --- detection
    std::vector<std::string> hosts;           ///< whole, or a dot-bounded suffix of the worker's host
    std::vector<std::string> model_patterns;  ///< `gpt-*`; `#` stands for one digit, `*` ends a prefix; compared without case
    std::vector<std::string> key_prefixes;    ///< forms of its keys
    std::vector<std::string> key_marks;       ///< substrings that only its keys have (`T3BlbkFJ`)

    // --- speech
    ApiFormat format = ApiFormat::openai_chat;
    std::string default_root = "/v1";
    CredentialRule credential;
    std::vector<std::string> bearer_key_prefixes;                      ///< keys that travel as `Authorization: Bearer` whatever `credential` says
    bool bearer_jwt = false;                                           ///< so do JWTs
    std::vector<std::pair<std::string, std::string>> version_headers;  ///< name and default: the caller's own value is kept
    std::vector<std::pair<std::string, std::string>> query;            ///< added to every request (Azure's `api-version`)
    std::array<std::string, operation_count> paths;                    ///< below the API root, `{model}` and `{method}` filled in; empty: not offered
    std::string models_first_query;                                    ///< query of the list's first page, without `?`

    // --- headers
    std::vector<RequestHeaderRule> request_headers;
    std::vector<std::string> private_response_headers;  ///< account ids that never reach a client; may end in `*`
    std::string request_id_header = "x-request-id";

    Quirks quirks;

    // --- the functions in which providers differ; all total and pure
    Result<ModelsPage> (*parse_models)(const Provider& self, std::string_view body) = nullptr;
    codec::ModelCapabilities (*table)(std::string_view model) = nullptr;  ///< the dated table, by name
    bool (*chat_refuses_tools)(std::string_view model) = nullptr;         ///< Chat with tools is a sure 400: speak Responses

    [[nodiscard]] const codec::Codec& codec() const { return codec_of(format); }
    [[nodiscard]] bool offers(Operation operation) const noexcept { return !paths[static_cast<std::size_t>(operation)].empty(); }

    /// Target (path and query) of an operation on a worker, e.g. `/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse`.
    /// `extra_query` are the worker's own. Errors: not_supported when the provider does not offer it; invalid_request for a model name
    /// that would leave its path.
    [[nodiscard]] Result<std::string> target(const WorkerUrl& url, const Ask& ask,
                                             const std::vector<std::pair<std::string, std::string>>& extra_query = {}) const;
    /// Target of one page of the models list: `page_query` is empty for the first, else `ModelsPage::next`.
    [[nodiscard]] Result<std::string> models_target(const WorkerUrl& url, std::string_view page_query,
                                                    const std::vector<std::pair<std::string, std::string>>& extra_query = {}) const;
    /// Target of what is not modelled: `below_root` (`/images/generations`, maybe with a query) under the API root.
    /// Errors: invalid_request for a path with dot segments, a fragment or control characters.
    [[nodiscard]] Result<std::string> passthrough_target(const WorkerUrl& url, std::string_view below_root,
                                                         const std::vector<std::pair<std::string, std::string>>& extra_query = {}) const;

    /// Reads one page of its models list.
    [[nodiscard]] Result<ModelsPage> read_models(std::string_view body) const { return parse_models(*this, body); }
    /// What a model can do, by the dated table; unknown names get the family's newest habits or "unknown".
    [[nodiscard]] codec::ModelCapabilities capabilities(std::string_view model) const { return table ? table(model) : codec::ModelCapabilities(); }
    [[nodiscard]] bool tools_need_responses(std::string_view model) const { return chat_refuses_tools && chat_refuses_tools(model); }
};

using ProviderPtr = std::shared_ptr<const Provider>;

/// Which of two equal providers: by name, since a reload may build the table anew.
[[nodiscard]] inline bool same_provider(const Provider& a, const Provider& b) noexcept { return a.name == b.name; }

/// The built-in ones, one file each.
[[nodiscard]] Provider openai();
[[nodiscard]] Provider anthropic();
[[nodiscard]] Provider xai();
[[nodiscard]] Provider gemini();
[[nodiscard]] Provider openai_compatible();

}  // namespace smg::providers
