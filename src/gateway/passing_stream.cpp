/// Same format on both sides: the bytes pass, and what the gateway must know is found beside them by plain search.
#include <charconv>
#include <utility>
#include <variant>

#include "base/word_search.hpp"
#include "codec/json_members.hpp"
#include "codec/openai_responses/interrupted.hpp"
#include "gateway/answer_stream.hpp"
#include "gateway/bare_json.hpp"
#include "gateway/error_reply.hpp"
#include "gateway/event_splitter.hpp"
#include "gateway/held_state.hpp"
#include "gateway/request_scan.hpp"
#include "gateway/start_up.hpp"
#include "gateway/usage_reader.hpp"

namespace smg::gateway {
namespace {

using providers::ApiFormat;

bool holds(std::string_view text, std::string_view word) noexcept { return find_word(text, word) != std::string_view::npos; }

/// A string member of that name that is not empty: `"content":"x`. White space behind the colon is allowed for.
bool holds_text(std::string_view event, std::string_view quoted_name) noexcept {
    for (auto at = find_word(event, quoted_name); at != std::string_view::npos; at = find_word(event, quoted_name)) {
        event.remove_prefix(at + quoted_name.size());
        auto rest = event;
        while (!rest.empty() && (rest.front() == ' ' || rest.front() == ':')) rest.remove_prefix(1);
        if (rest.size() > 1 && rest[0] == '"' && rest[1] != '"') return true;
    }
    return false;
}

bool carries_output(ApiFormat format, std::string_view event) noexcept {
    switch (format) {
        case ApiFormat::openai_chat:
            return holds_text(event, R"("content")") || holds(event, R"("tool_calls")") || holds_text(event, R"("reasoning_content")") ||
                   holds_text(event, R"("refusal")") || holds(event, R"("function_call")");
        case ApiFormat::anthropic_messages: return holds(event, "content_block_delta");
        case ApiFormat::openai_responses: return holds(event, ".delta\"");
        case ApiFormat::gemini: return holds_text(event, R"("text")") || holds(event, R"("functionCall")") || holds(event, R"("inlineData")");
    }
    return false;
}

/// Where the value of the first member of that name begins in `event`; npos when there is none.
std::size_t value_of(std::string_view event, std::string_view quoted_name) noexcept {
    const auto at = find_word(event, quoted_name);
    if (at == std::string_view::npos) return at;
    const auto colon = event.find_first_not_of(" \t", at + quoted_name.size());
    if (colon == std::string_view::npos || event[colon] != ':') return std::string_view::npos;
    return event.find_first_not_of(" \t", colon + 1);
}

/// Of the first member of that name; 0 when it is no number.
template <typename Number>
Number number_of(std::string_view event, std::string_view quoted_name) noexcept {
    Number number = 0;
    const auto at = value_of(event, quoted_name);
    if (at != std::string_view::npos) std::from_chars(event.data() + at, event.data() + event.size(), number);
    return number;
}

/// Of the first member of that name; empty when it is no string, or one with escapes.
std::string_view string_of(std::string_view event, std::string_view quoted_name) noexcept {
    const auto at = value_of(event, quoted_name);
    if (at == std::string_view::npos || event[at] != '"') return {};
    const auto end = event.find_first_of("\"\\", at + 1);
    return end == std::string_view::npos || event[end] != '"' ? std::string_view() : event.substr(at + 1, end - at - 1);
}

/// What kind of event it is: its name, or where it has none the `type` that its data repeats.
std::string_view kind_of(ApiFormat format, std::string_view event) {
    const auto name = name_of(event);
    if (!name.empty() || (format != ApiFormat::anthropic_messages && format != ApiFormat::openai_responses)) return name;
    const auto data = data_of(event);
    std::vector<codec::JsonMember> members;
    if (data.empty() || !codec::find_members(data, data.size(), members)) return {};
    for (const auto& member : members)
        if (member.name == "type" && data[member.value_begin] == '"') return data.substr(member.value_begin + 1, member.end - member.value_begin - 2);
    return {};
}

class PassingStream final : public AnswerStream {
public:
    PassingStream(ApiFormat format, codec::ClientView view, bool drop_usage)
        : format_(format), view_(std::move(view)), drop_usage_(drop_usage), usage_(format) {}

    std::string_view feed(std::string_view bytes) override {
        if (format_ == ApiFormat::openai_responses) reasoning_.read(bytes);
        if (bare_.take(bytes)) return tell_bare();
        auto events = splitter_.feed(bytes);
        if (splitter_.inside_event()) {
            note_long_event(events);
            return events;
        }
        kept_.clear();
        auto rest = events;
        while (!rest.empty()) {
            const auto length = event_length(rest);
            if (length == 0) break;  // the end of an event too long to be held
            const auto event = rest.substr(0, length);
            look_at(event);
            if (drop_usage_) keep_without_usage(event);
            rest.remove_prefix(length);
        }
        if (!drop_usage_) return events;
        kept_ += rest;
        return kept_;
    }

    std::string_view end() override {
        read_last_counts();
        if (complete_ || error_) return splitter_.held();
        return fail(broken_answer("the provider's stream ended before its answer was complete"));
    }

    std::string_view fail(const codec::ProviderError& error) override {
        read_last_counts();
        if (!error_) error_ = std::make_unique<codec::ProviderError>(error);
        kept_.clear();
        // Inside an event no other can be put: the connection's end has to say it.
        if (splitter_.inside_event()) return kept_;
        if (seen_.id.empty())
            providers::codec_of(format_).stream_encoder(view_)->write(codec::event::Failed{error}, kept_);
        else
            kept_ = codec::responses::interrupted_stream(seen_, error);
        return kept_;
    }

    std::string_view keep_alive() const noexcept override {
        if (splitter_.inside_event()) return {};
        if (!encoder_) encoder_ = providers::codec_of(format_).stream_encoder(view_);
        return encoder_->keep_alive();
    }

    const std::vector<std::string>& reasoning_keys() const override { return reasoning_.keys(); }

    const codec::Usage& usage() const override {
        read_last_counts();  // a stream may be left at any moment
        return usage_.usage();
    }

    const Charges& charges() const override {
        read_last_counts();
        return usage_.charges();
    }

private:
    /// The client asked for events, and gets what the JSON says as such.
    std::string_view tell_bare() {
        kept_.clear();
        if (complete_ || error_ || (!bare_.whole() && !bare_.too_long())) return kept_;
        codec::StreamEvents events;
        bare_.tell(providers::codec_of(format_), {}, events);
        usage_.take_tail(bare_.text());
        if (const auto* started = std::get_if<codec::event::Started>(&events.front()); started && format_ == ApiFormat::openai_responses)
            answer_id_ = started->id;
        const auto encoder = providers::codec_of(format_).stream_encoder(view_);
        for (const auto& each : events) encoder->write(each, kept_);
        if (const auto* failed = std::get_if<codec::event::Failed>(&events.back())) {
            error_ = std::make_unique<codec::ProviderError>(failed->error);
        } else {
            ++output_.pieces;
            begun_ = complete_ = terminated_ = true;
        }
        return kept_;
    }

    /// `events` ends inside an event that is too long to be held back: what it is stands at its beginning.
    void note_long_event(std::string_view events) {
        if (!long_name_.empty()) {
            if (long_text_) output_.bytes += events.size();
            return;
        }
        for (auto length = event_length(events); length != 0; length = event_length(events)) {
            look_at(events.substr(0, length));
            events.remove_prefix(length);
        }
        long_name_ = kind_of(format_, events);
        if (!seen_.id.empty()) note_sequence(events);
        if (long_name_.empty()) long_name_ = "unnamed";
        if (output_.pieces == 0 && carries_output(format_, events)) ++output_.pieces;
        const auto text = output_text(format_, long_name_, events);
        output_.bytes += text.bytes;
        long_text_ = text.goes_on;
        begun_ = true;  // part of it is on its way
    }

    void look_at(std::string_view event) {
        if (output_.pieces > 0 || carries_output(format_, event)) ++output_.pieces;
        // The end of an event that was too long to be held has lost its name.
        const auto long_name = std::exchange(long_name_, {});
        const auto kind = long_name.empty() ? kind_of(format_, event) : std::string_view(long_name);
        if (long_name.empty()) output_.bytes += output_text(format_, kind, event).bytes;
        switch (format_) {
            case ApiFormat::openai_chat: look_at_chat(event); break;
            case ApiFormat::anthropic_messages: look_at_messages(kind, event); break;
            case ApiFormat::gemini: look_at_gemini(event); break;
            case ApiFormat::openai_responses: look_at_responses(kind, event); break;
        }
        if (!begun_ && !error_) begun_ = !is_start_up(format_, kind, data_of(event));
    }

    /// What an end of the gateway's own would have to go on from.
    void note_created(std::string_view data) {
        const auto response = value_of(data, R"("response")");
        if (response == std::string_view::npos) return;
        const auto object = data.substr(response);
        answer_id_ = seen_.id = string_of(object, R"("id")");
        seen_.model = string_of(object, R"("model")");
        seen_.created = number_of<std::int64_t>(object, R"("created_at")");
    }

    void note_sequence(std::string_view event) {
        if (value_of(event, R"("sequence_number")") != std::string_view::npos)
            seen_.next_sequence = number_of<std::uint64_t>(event, R"("sequence_number")") + 1;
    }

    void look_at_responses(std::string_view name, std::string_view event) {
        if (name == "response.created") note_created(data_of(event));
        note_sequence(event);
        if (name == "response.completed" || name == "response.incomplete" || name == "response.failed" || name == "response.cancelled") {
            remember_counts(event, value_of(event, R"("usage")"));
            complete_ = terminated_ = true;
        }
        if (name == "response.failed" || name == "error") note_error(event, true);
    }

    void look_at_chat(std::string_view event) {
        usage_at_ = std::string_view::npos;
        if (event.size() < 32 && holds(event, "[DONE]")) {
            complete_ = terminated_ = true;
            return;
        }
        usage_at_ = value_of(event, R"("usage")");
        remember_counts(event, usage_at_);
        if (!complete_) complete_ = holds_text(event, R"("finish_reason")");
        note_error(event, data_of(event).starts_with(R"({"error")"));
    }

    void look_at_messages(std::string_view name, std::string_view event) {
        if (name == "message_start" || name == "message_delta") {
            usage_.take_event(name, data_of(event));
            counted_output_ = output_;
        }
        if (name == "message_stop") complete_ = terminated_ = true;
        note_error(event, name == "error");
    }

    void look_at_gemini(std::string_view event) {
        remember_counts(event, value_of(event, R"("usageMetadata")"));
        if (!complete_) complete_ = holds_text(event, R"("finishReason")") || holds_text(event, R"("blockReason")");
        note_error(event, data_of(event).starts_with(R"({"error")"));
    }

    /// Kept as text, read once at the end: some providers send cumulative counts with every chunk.
    void remember_counts(std::string_view event, std::size_t value) {
        if (value == std::string_view::npos || event[value] != '{') return;
        const auto object = balanced_object(event.substr(value));
        if (object.empty()) return;
        counts_.assign(object);
        counted_output_ = output_;
        usage_.take_beside(event, format_ == ApiFormat::openai_responses ? 2 : 1);
    }

    void read_last_counts() const {
        if (!counts_.empty()) usage_.take_counts(std::exchange(counts_, {}));
    }

    void note_error(std::string_view event, bool is_error) {
        if (!is_error || error_) return;
        error_ = std::make_unique<codec::ProviderError>(providers::codec_of(format_).decode_error(0, data_of(event)));
    }

    void keep_without_usage(std::string_view event) {
        const auto value = usage_at_;
        if (value == std::string_view::npos) {
            kept_ += event;
        } else if (event[value] == '{') {
            // The chunk that was asked for has no choices; counts beside choices are the provider's own doing and stay.
            const auto choices = value_of(event, R"("choices")");
            if (choices == std::string_view::npos || !event.substr(choices).starts_with("[]")) kept_ += event;
        } else if (event.substr(value).starts_with("null")) {
            append_without_member(event, find_word(event, R"("usage")"), value + 4);
        } else {
            kept_ += event;
        }
    }

    /// `event` less the member at [begin, end) and one of its commas.
    void append_without_member(std::string_view event, std::size_t begin, std::size_t end) {
        const auto before = event.find_last_not_of(" \t", begin - 1);
        if (before != std::string_view::npos && event[before] == ',') {
            begin = before;
        } else if (const auto after = event.find_first_not_of(" \t", end); after != std::string_view::npos && event[after] == ',') {
            end = after + 1;
        }
        kept_.append(event.substr(0, begin)).append(event.substr(end));
    }

    const ApiFormat format_;
    const codec::ClientView view_;
    const bool drop_usage_;
    BareJson bare_;
    ReasoningFinder reasoning_;
    EventSplitter splitter_;
    mutable UsageReader usage_;
    mutable std::unique_ptr<codec::StreamEncoder> encoder_;  ///< made when it is first silent
    std::size_t usage_at_ = std::string_view::npos;          ///< Chat: where the value stands in the event that is looked at
    std::string kept_;
    mutable std::string counts_;  ///< the last ones seen, not read yet
    std::string long_name_;       ///< of an event that is being let through in parts
    bool long_text_ = false;      ///< it is text
    codec::responses::Interrupted seen_;
};

}  // namespace

std::unique_ptr<AnswerStream> passing_stream(providers::ApiFormat format, codec::ClientView view, bool drop_usage) {
    return std::make_unique<PassingStream>(format, std::move(view), drop_usage);
}

}  // namespace smg::gateway
