#pragma once
/// State that only the worker which issued it can use, found in what passes: encrypted reasoning (of OpenAI's and xAI's Responses, readable for
/// the organisation that asked), and the ids of files, batches and their like. Signatures of Anthropic's and Gemini's reasoning are not of this
/// kind: they prove the model's words to whichever key asks. Pure; StateBindings remembers what is found here.
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "codec/conversation.hpp"

namespace smg::gateway {

/// What stands for encrypted reasoning, which is too long to be kept.
[[nodiscard]] std::string key_of_reasoning(std::string_view encrypted);

/// Finds the encrypted reasoning in an answer of Responses' format, a body or the events of a stream, however its bytes are split.
class ReasoningFinder {
public:
    void read(std::string_view bytes);
    /// The keys found so far, each once in a row.
    [[nodiscard]] const std::vector<std::string>& keys() const noexcept { return keys_; }

private:
    enum class At { anywhere, behind_name, in_value };
    [[nodiscard]] std::size_t find_name(std::string_view bytes);

    At at_ = At::anywhere;
    std::string carried_;  ///< the last bytes, while they may be the beginning of the member's name
    std::uint64_t hash_[2] = {};
    std::vector<std::string> keys_;
};

/// The key of the latest encrypted reasoning in a request's body of Responses' format, also in an envelope; empty: there is none.
[[nodiscard]] std::string latest_reasoning(std::string_view responses_body);
/// Likewise in a request of another format.
[[nodiscard]] std::string latest_reasoning(const codec::Conversation& conversation);

/// The keys of the encrypted reasoning in an answer of Responses' format.
[[nodiscard]] std::vector<std::string> reasoning_keys(const codec::Answer& answer);

/// Called with each id that may name state; true: that was it.
using UseId = std::function<bool(std::string_view id)>;

/// Offers the ids of uploaded files that a generation request of any format refers to (`file_id`, `fileUri`).
bool each_file(std::string_view body, const UseId& use);
/// Offers what a path that is passed raw may name: its segments, and two of them together (`files/abc`), the last first. Models are no state.
bool each_id_in_path(std::string_view path, const UseId& use);
/// Offers every short string of a JSON body, as that of a new batch, which names a file.
bool each_short_string(std::string_view json, const UseId& use);
/// Offers the ids in an answer to a request that was passed raw: of what it made or shows, and of the files that a batch has written.
bool each_issued_id(std::string_view json, const UseId& use);

}  // namespace smg::gateway
