#pragma once
/// What the gateway must know of a request body before it knows the provider, found without decoding the rest.
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "codec/json_members.hpp"

namespace smg::gateway {

/// Half-open range of bytes of the body.
struct ByteRange {
    std::size_t begin = 0;
    std::size_t end = 0;
};

struct RequestScan {
    std::string model;      ///< empty when the body has none
    ByteRange model_value;  ///< the member's value, quotes included
    bool stream = false;
    bool include_usage = false;      ///< Chat: `stream_options.include_usage` is true
    ByteRange stream_options_value;  ///< empty range: absent
    ByteRange include_usage_value;   ///< of the member inside `stream_options`; empty range: absent
    std::string affinity_key;        ///< `prompt_cache_key`, else `metadata.user_id`/`user`: what keeps a conversation on its worker
    std::size_t object_begin = 0;    ///< just behind the body's opening brace
    bool object_empty = false;
    using Member = codec::JsonMember;
    std::vector<Member> members;       ///< top-level ones, in order
    std::string previous_response_id;  ///< Responses: the state that the request continues; empty: none

    /// The top-level member of that name; null when there is none.
    [[nodiscard]] const Member* member(std::string_view name) const noexcept;
};

/// Reads a JSON object; `readable` as `codec::find_members` has it (0: no more than the body). What is below the first level is left to who decodes
/// it, or to the provider. Errors (invalid_request): no JSON, no object, two members named `model`, `model` no string, `stream` no boolean.
[[nodiscard]] Result<RequestScan> scan_request(std::string_view body, std::size_t readable = 0);

/// A member's value as it stands in the body, without white space around it.
[[nodiscard]] std::string_view value_text(const RequestScan::Member& member, std::string_view body) noexcept;

/// The `id` that stands at the beginning of an answer (`{"id":"resp_1",…`); empty when none does.
[[nodiscard]] std::string_view first_id(std::string_view front) noexcept;

/// One replacement of bytes. Later ones lie behind earlier ones.
struct Splice {
    ByteRange range;
    std::string replacement;
};

/// The body with the splices applied; all other bytes are as they were.
[[nodiscard]] std::string apply_splices(std::string_view body, std::vector<Splice> splices);

/// Replaces the model's name.
[[nodiscard]] Splice replace_model(const RequestScan& scan, std::string_view model);
/// Asks for the usage chunk at the stream's end. Nothing when the client asks for it already.
[[nodiscard]] std::optional<Splice> ask_for_usage(const RequestScan& scan, std::string_view body);
/// Takes children out of an object or an array, each with one of its commas. `children` are all of them, in order; `gone` says which.
[[nodiscard]] std::vector<Splice> remove_children(const std::vector<ByteRange>& children, const std::vector<bool>& gone);
/// Takes the named top-level members out, each with one of its commas.
[[nodiscard]] std::vector<Splice> remove_members(const RequestScan& scan, const std::vector<std::string_view>& names);

}  // namespace smg::gateway
