#pragma once
/// The object that every answer is, whole or in the events of a stream. Its SDK types make nearly all members required: what the answer
/// does not know, it repeats from the request, else says the default. Internal to this codec.
#include <string>
#include <string_view>

#include "codec/codec.hpp"

namespace smg::codec::responses {

/// Ids in this format's shape, made of the provider's id (else of the request's): the same answer always has the same ones.
class Ids {
public:
    /// `native`: the provider speaks this format, and its own id is the answer's.
    Ids(std::string_view answer_id, const ClientView& view, bool native);
    [[nodiscard]] const std::string& response() const noexcept { return response_; }
    /// `msg_…_2`
    [[nodiscard]] std::string item(std::string_view prefix, std::size_t index) const;

private:
    std::string response_, base_;
};

/// The settings of the request as members without braces: `"background":false,"instructions":null,…`. `native` (may be null) are those that
/// the provider itself gave; they stand first, verbatim.
[[nodiscard]] std::string settings_of(const Conversation* request, const std::vector<std::pair<std::string, RawJson>>* native);

/// How an answer ended.
struct End {
    std::string status = "completed";
    std::string incomplete_reason;  ///< empty: null
};
/// `refused`: a refusal was said in words, so that the answer is whole.
[[nodiscard]] End end_of(StopReason reason, bool refused);

/// What a response says beside the settings.
struct ResponseHead {
    std::string_view id, model;
    std::int64_t created = 0;
    std::string_view status, incomplete_reason;
    const ProviderError* error = nullptr;
    std::string_view output;  ///< items without brackets
    std::string_view usage = "null";
    std::string_view service_tier;  ///< empty: left out
};
[[nodiscard]] std::string response_object(const ResponseHead& head, std::string_view settings);

/// Valid JSON text as it may stand in a line of a stream: without line ends, and without what some clients take for one.
[[nodiscard]] std::string one_line(std::string_view json);

}  // namespace smg::codec::responses
