#pragma once
/// One choice of a Chat stream, put into blocks. Chat's deltas name no blocks and may come interleaved (two calls in turn, text between
/// a call's arguments); the conversation's blocks are strictly one after another. A block is open while its deltas come; what belongs to
/// another block closes it, unless it is a call whose JSON is not whole yet: then the other waits in memory until it is.
#include <string>
#include <string_view>
#include <vector>

#include "codec/codec.hpp"
#include "codec/openai_chat/json_progress.hpp"

namespace smg::codec::chat {

class StreamBlocks {
public:
    StreamBlocks(std::int64_t choice, const RequestMemo& memo) : choice_(choice), memo_(&memo) {}

    [[nodiscard]] std::int64_t choice() const noexcept { return choice_; }

    void text(std::string_view piece, StreamEvents& out) { words(Kind::text, piece, out); }
    void refusal(std::string_view piece, StreamEvents& out) { words(Kind::refusal, piece, out); }
    void reasoning(std::string_view piece, StreamEvents& out) { words(Kind::reasoning, piece, out); }
    /// The signature of the thought that is open, else of one without text.
    void reasoning_signature(std::string_view signature, Origin origin, StreamEvents& out);
    void citation(std::string_view json, StreamEvents& out);
    /// Gemini's signature of the text that is open; of no use where none is.
    void text_signature(std::string_view signature, StreamEvents& out);
    /// A block that is whole at its start: redacted reasoning, an image.
    void whole(Part part, StreamEvents& out);

    /// A piece of a call. `key` is its `index`; absent in some vendors' streams: negative means "see the id, else the latest".
    struct CallPiece {
        std::int64_t key = -1;
        bool custom = false;
        std::string_view id, name, arguments, signature;
    };
    void call(const CallPiece& piece, std::string_view answer_id, StreamEvents& out);

    /// Hands out what waits and closes the last block.
    void close_all(StreamEvents& out);

    /// A call's arguments have begun and are not whole.
    [[nodiscard]] bool is_cut() const noexcept;
    [[nodiscard]] bool has_calls() const noexcept { return has_calls_; }
    [[nodiscard]] bool has_refusal() const noexcept { return has_refusal_; }
    [[nodiscard]] bool has_json_tool() const noexcept { return has_json_tool_; }

private:
    enum class Kind { none, text, refusal, reasoning, call, whole };
    struct Call {
        std::int64_t key = 0;
        std::string id, name, signature;
        bool custom = false;     ///< the provider knows it as a custom tool
        bool unwrap = false;     ///< the client does, the provider does not: its input is handed out when it is whole
        bool json_tool = false;  ///< its arguments are the content
        bool native_id = true;
        bool opened = false, closed = false;
        std::string held;  ///< arguments that came before it could be opened, or that must be unwrapped
        JsonProgress progress;
        std::size_t block = 0;
    };
    struct Waiting {
        Kind kind = Kind::none;
        std::string text;
        Part part;
        std::size_t call = 0;
    };

    void words(Kind kind, std::string_view piece, StreamEvents& out);
    void open(Kind kind, Part part, StreamEvents& out);
    void open_call(std::size_t index, StreamEvents& out);
    void close(StreamEvents& out);
    void arguments(Call& call, std::string_view piece, StreamEvents& out);
    void emit_words(Kind kind, std::string_view piece, StreamEvents& out);
    void let_in(Waiting& waiting, StreamEvents& out);
    void drain(StreamEvents& out);
    [[nodiscard]] bool is_busy() const noexcept;
    [[nodiscard]] std::size_t find_call(const CallPiece& piece) const noexcept;

    std::int64_t choice_;
    const RequestMemo* memo_;
    Kind open_ = Kind::none;
    std::size_t open_call_ = 0;
    std::size_t blocks_ = 0;  ///< how many were opened; the open one is the last
    std::vector<Call> calls_;
    std::vector<Waiting> waiting_;
    bool has_calls_ = false, has_refusal_ = false, has_json_tool_ = false;
};

}  // namespace smg::codec::chat
