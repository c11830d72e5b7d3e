#pragma once
/// Token counts out of an answer that passes through undecoded. The codec of its format reads them, so there is one arithmetic.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "codec/codec.hpp"
#include "gateway/charges.hpp"
#include "gateway/output_text.hpp"
#include "providers/provider.hpp"
#include "telemetry/request_record.hpp"

namespace smg::gateway {

/// Lives as long as one answer.
class UsageReader {
public:
    explicit UsageReader(providers::ApiFormat format) : format_(format) {}

    /// A whole event of a stream that holds counts. Later counts replace earlier ones.
    void take_event(std::string_view name, std::string_view data);
    /// The value of a `usage` (Gemini: `usageMetadata`) member, an object.
    void take_counts(std::string_view object);
    /// The end of a unary body: the last such member in it is the answer's (an unescaped `"usage"` cannot stand inside a string).
    void take_tail(std::string_view tail);
    /// The end of a body, or of an event, whose answer stands `level` brackets deep: OpenAI's formats state charges beside the counts.
    void take_beside(std::string_view text, int level);

    [[nodiscard]] const codec::Usage& usage() const noexcept { return usage_; }
    [[nodiscard]] const Charges& charges() const noexcept { return charges_; }

private:
    providers::ApiFormat format_;
    std::unique_ptr<codec::StreamDecoder> decoder_;
    codec::StreamEvents events_;
    codec::Usage usage_;
    Charges charges_;
};

/// Replaces each known count of `usage`.
void merge_usage(codec::Usage& usage, const codec::Usage& update);

/// What the record keeps of it; `whole`: the answer came to its end.
[[nodiscard]] telemetry::TokenCounts token_counts(const codec::Usage& usage, const Charges& charges = {}, bool whole = true);
/// So many tokens a text of so many bytes takes, about: English and code have 3.6 bytes a token.
[[nodiscard]] double estimated_tokens(std::size_t bytes) noexcept;
/// Estimates what the counts of an answer that was cut short leave out, by the request's bytes and by the output that was `seen`. Its provider's word
/// on the output stands where it was the larger one, or was told (`counted`) when half of the output at least had been sent.
void estimate_missing(telemetry::TokenCounts& counts, std::size_t request_bytes, const OutputSeen& seen, const OutputSeen& counted);

/// Less the white space of JSON at its front.
[[nodiscard]] std::string_view skip_space(std::string_view text) noexcept;
/// The balanced JSON object that begins at `text[0] == '{'`; empty when it does not end in `text`.
[[nodiscard]] std::string_view balanced_object(std::string_view text) noexcept;

}  // namespace smg::gateway
