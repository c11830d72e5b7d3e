#pragma once
/// The vocabulary that unary answers and streams share: stop reasons, service tiers, token counts, tools that travelled in disguise.
#include <string>
#include <string_view>

#include "codec/codec.hpp"
#include "codec/json_tree.hpp"
#include "codec/json_writer.hpp"

namespace smg::codec::messages {

/// `StopReason::unknown` for words of tomorrow, `none` for an empty one.
[[nodiscard]] StopReason stop_reason_of(std::string_view word);
/// A call always wins over a plain stop: agents go on only when they read `tool_use`.
[[nodiscard]] std::string_view stop_word(StopReason reason, bool has_calls);

/// `standard` and `batch` are what Chat calls `default`.
[[nodiscard]] std::string tier_of(std::string_view word);

/// Anthropic's counters. `input` excludes what was read from and written to the cache.
class Counters {
public:
    /// Each counter that is there replaces the earlier value: the ones in a stream are cumulative, and may even shrink.
    void take(JsonNode usage);
    [[nodiscard]] Usage usage() const;
    [[nodiscard]] const std::string& tier() const noexcept { return tier_; }

private:
    std::optional<std::uint64_t> input_, output_, cache_read_, cache_creation_, cache_creation_1h_, thinking_;
    std::string tier_;
};

void write_usage(JsonWriter& json, const Usage& usage);

/// What the memo of the request says about the calls in its answer.
class AnswerTools {
public:
    explicit AnswerTools(RequestMemo memo) : memo_(std::move(memo)) {}
    [[nodiscard]] bool is_json_tool(std::string_view name) const { return !memo_.json_tool.empty() && name == memo_.json_tool; }
    [[nodiscard]] bool is_custom(std::string_view name) const { return memo_.custom_tools.contains(name); }
    /// Gives a call its client's name and kind.
    void rename(ToolCallPart& call) const;
    /// The free-form input of a custom tool inside its arguments; they themselves when they have another shape.
    [[nodiscard]] static std::string unwrapped(std::string_view arguments);

private:
    RequestMemo memo_;
};

/// What the client reads as the id of a message: Anthropic's own, or one in its shape.
[[nodiscard]] std::string message_id(std::string_view id, Origin origin, const ClientView& view);

/// Arguments as the object that `input` has to be; `complete` is false when the answer was cut short.
[[nodiscard]] std::string input_of(const ToolCallPart& call, bool complete);

}  // namespace smg::codec::messages
