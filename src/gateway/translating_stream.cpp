/// Two formats: the provider's events are decoded, and written anew in the client's.
#include <optional>
#include <variant>

#include "codec/stop_sequences.hpp"
#include "gateway/answer_stream.hpp"
#include "gateway/bare_json.hpp"
#include "gateway/error_reply.hpp"
#include "gateway/held_state.hpp"
#include "gateway/usage_reader.hpp"
#include "http/sse.hpp"

namespace smg::gateway {
namespace {

namespace event = codec::event;

template <typename... Types>
bool is_any(const codec::StreamEvent& candidate) {
    return (std::holds_alternative<Types>(candidate) || ...);
}

bool is_output(const codec::StreamEvent& candidate) {
    if (const auto* block = std::get_if<event::BlockStarted>(&candidate)) return std::holds_alternative<codec::ToolCallPart>(block->part);
    return is_any<event::TextDelta, event::RefusalDelta, event::ReasoningDelta, event::ArgumentsDelta>(candidate);
}

/// What every stream begins with, whatever becomes of it.
bool is_start_up(const codec::StreamEvent& candidate) {
    if (std::holds_alternative<event::BlockStarted>(candidate)) return !is_output(candidate);
    return is_any<event::Started, event::UsageUpdate, event::KeepAlive, event::Opaque, event::Failed>(candidate);
}

class TranslatingStream final : public AnswerStream {
public:
    TranslatingStream(const codec::Codec& upstream, const codec::RequestMemo& memo, const codec::Codec& client, const codec::ClientView& view)
        : upstream_(upstream), memo_(memo), decoder_(upstream.stream_decoder(memo)), encoder_(client.stream_encoder(view)) {
        seals_reasoning_ = &upstream == &codec::openai_responses();
        if (!memo.stop.empty()) stops_.emplace(memo.stop, memo.answers);
    }

    std::string_view feed(std::string_view bytes) override {
        out_.clear();
        if (bare_.take(bytes)) {
            tell_bare();
            return out_;
        }
        const auto on_event = [this](const http::SseEvent& sse) {
            if (complete_ || error_) return;
            events_.clear();
            decoder_->on_event(sse.name, sse.data, events_);
            write_events();
        };
        if (!reader_.feed(bytes, on_event) && !error_) write_failure(broken_answer("the provider sent an event that is too long"));
        return out_;
    }

    std::string_view end() override {
        out_.clear();
        if (complete_ || error_) return out_;
        events_.clear();
        decoder_->on_end(events_);
        write_events();
        if (!complete_ && !error_) write_failure(broken_answer("the provider's stream ended before its answer was complete"));
        return out_;
    }

    std::string_view fail(const codec::ProviderError& error) override {
        out_.clear();
        if (!error_) write_failure(error);
        return out_;
    }

    std::string_view keep_alive() const noexcept override { return encoder_->keep_alive(); }
    const codec::Usage& usage() const override { return usage_; }
    const std::vector<std::string>& reasoning_keys() const override { return reasoning_keys_; }
    const Charges& charges() const override { return charges_; }

private:
    void tell_bare() {
        if (complete_ || error_) return;
        if (bare_.too_long()) return write_failure(broken_answer("the provider's answer is too long"));
        if (!bare_.whole()) return;
        events_.clear();
        bare_.tell(upstream_, memo_, events_);
        write_events();
    }

    void write_events() {
        for (const auto& each : events_) output_.bytes += output_bytes(each);
        if (stops_) {
            unstopped_.swap(events_);
            events_.clear();
            stops_->pass(unstopped_, events_);
            ended_early_ = stops_->over();
        }
        bool counted = false;
        for (const auto& each : events_) {
            if (const auto* update = std::get_if<event::UsageUpdate>(&each)) {
                merge_usage(usage_, update->usage);
                take_charges(charges_, update->native);
                counted = true;
            }
            if (const auto* seal = std::get_if<event::SignatureDelta>(&each); seal && seals_reasoning_)
                reasoning_keys_.push_back(key_of_reasoning(seal->signature));
            if (const auto* failed = std::get_if<event::Failed>(&each)) error_ = std::make_unique<codec::ProviderError>(failed->error);
            if (const auto* completed = std::get_if<event::Completed>(&each)) {
                if (charges_.service_tier.empty()) take_service_tier(charges_, completed->service_tier);
                complete_ = terminated_ = true;
            }
            if (is_output(each)) ++output_.pieces;
            if (!is_start_up(each)) begun_ = true;
            encoder_->write(each, out_);
        }
        if (counted) counted_output_ = output_;
    }

    void write_failure(const codec::ProviderError& error) {
        if (stops_) {
            events_.clear();
            stops_->flush(events_);
            for (const auto& each : events_) encoder_->write(each, out_);
        }
        error_ = std::make_unique<codec::ProviderError>(error);
        encoder_->write(event::Failed{error}, out_);
    }

    const codec::Codec& upstream_;
    const codec::RequestMemo memo_;
    BareJson bare_;
    http::SseReader reader_;
    std::unique_ptr<codec::StreamDecoder> decoder_;
    std::unique_ptr<codec::StreamEncoder> encoder_;
    codec::StreamEvents events_;
    std::optional<codec::StopScanner> stops_;
    codec::StreamEvents unstopped_;  ///< events before `stops_` has seen them
    codec::Usage usage_;
    bool seals_reasoning_ = false;  ///< signatures are encrypted reasoning
    std::vector<std::string> reasoning_keys_;
    Charges charges_;
    std::string out_;
};

}  // namespace

std::unique_ptr<AnswerStream> translating_stream(const codec::Codec& upstream, const codec::RequestMemo& memo, const codec::Codec& client,
                                                 const codec::ClientView& view) {
    return std::make_unique<TranslatingStream>(upstream, memo, client, view);
}

}  // namespace smg::gateway
