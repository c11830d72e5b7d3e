#pragma once
/// Stop sequences that a model's API does not take: an answer is ended at them here, where the provider would have ended it. Text alone is read,
/// never reasoning, refusals or tool arguments, and a sequence is found within one text only: not across a tool call. Pure; of one answer.
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "codec/codec.hpp"

namespace smg::codec {

/// Finds the sequence that is complete first, of two complete at once the longer, however the text is split: each sequence remembers how much of it
/// the text ends with (Knuth, Morris, Pratt), so that no byte is read twice.
class StopMatcher {
public:
    /// Empty sequences are none.
    explicit StopMatcher(const std::vector<std::string>& sequences);

    struct Hit {
        std::size_t end = 0;  ///< bytes of the piece up to the sequence's end
        std::string sequence;
    };
    /// Reads the text's next piece, as far as the first sequence's end.
    [[nodiscard]] std::optional<Hit> read(std::string_view piece);
    /// How many of the last bytes read may be the beginning of a sequence.
    [[nodiscard]] std::size_t undecided() const noexcept;
    /// Another text begins.
    void reset() noexcept;

private:
    struct Word {
        std::string text;
        std::vector<std::size_t> fallback;  ///< for each length: the longest shorter one that it ends with
        std::size_t matched = 0;
    };
    std::vector<Word> words_;
};

/// A stream that ends at the first sequence in its text. What may become a sequence is held back until it is decided.
class StopScanner {
public:
    /// `answers`: how many alternatives the client asked for. Each ends by itself.
    StopScanner(const std::vector<std::string>& sequences, std::size_t answers) : fresh_(sequences), answers_(answers) {}

    /// Appends what is left of the decoder's events. An answer that reaches a sequence is closed (`StopReason::stop_sequence`) and says no more.
    void pass(const StreamEvents& events, StreamEvents& out);
    /// The stream breaks off: appends what was held back.
    void flush(StreamEvents& out);
    /// All answers have ended at a sequence: `Completed` was appended, and nothing that the provider still says is wanted.
    [[nodiscard]] bool over() const noexcept { return stopped_ == answers_; }

private:
    struct Choice {
        explicit Choice(const StopMatcher& fresh) : matcher(fresh) {}
        StopMatcher matcher;
        std::string held;
        std::size_t block = 0;  ///< of the text that is read
        bool stopped = false;
    };
    Choice& choice(std::int64_t index) { return choices_.try_emplace(index, fresh_).first->second; }
    void take_text(std::int64_t index, Choice& choice, std::size_t block, std::string_view text, StreamEvents& out);
    void release(std::int64_t index, Choice& choice, StreamEvents& out);
    /// False: the event is swallowed.
    bool take(const StreamEvent& event, StreamEvents& out);

    StopMatcher fresh_;
    std::size_t answers_;
    std::size_t stopped_ = 0;
    std::map<std::int64_t, Choice> choices_;
};

/// The sequences that an encoder may tell its provider: the first `most` that `takes` allows. The others are left to `memo`, so that the answer will
/// be ended at them here. Empty ones mean nothing.
[[nodiscard]] std::vector<std::string_view> share_stop_sequences(const Conversation& conversation, std::size_t most, bool (*takes)(std::string_view),
                                                                 RequestMemo& memo);

/// As StopScanner does, of a whole answer: the text is cut before the sequence, and what came after it is taken out.
void end_at_stop_sequence(Answer& answer, const std::vector<std::string>& sequences);

}  // namespace smg::codec
