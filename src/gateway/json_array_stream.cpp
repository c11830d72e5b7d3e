/// Gemini's stream without `alt=sse`: the same answers as the elements of one JSON array (ai.google.dev/api/generate-content).
#include <utility>

#include "gateway/answer_stream.hpp"
#include "gateway/event_splitter.hpp"

namespace smg::gateway {
namespace {

class JsonArrayStream final : public AnswerStream {
public:
    explicit JsonArrayStream(std::unique_ptr<AnswerStream> events) : events_(std::move(events)) {}

    std::string_view feed(std::string_view bytes) override { return rewrite(events_->feed(bytes), false); }
    std::string_view end() override { return rewrite(events_->end(), true); }
    std::string_view fail(const codec::ProviderError& error) override {
        pending_.clear();
        const auto told = events_->fail(error);
        if (!told.empty()) return rewrite(told, true);
        // The events could not say it, being inside of one, of which the client has nothing yet.
        return rewrite("data: " + codec::gemini().encode_error(error, {}) + "\r\n\r\n", true);
    }
    /// White space is legal between two elements, and before the array.
    std::string_view keep_alive() const noexcept override { return "\r\n"; }
    const codec::Usage& usage() const override { return events_->usage(); }
    const std::vector<std::string>& reasoning_keys() const override { return events_->reasoning_keys(); }
    const Charges& charges() const override { return events_->charges(); }

private:
    std::string_view rewrite(std::string_view events, bool last) {
        out_.clear();
        if (!pending_.empty()) events = pending_.append(events);
        while (const auto length = event_length(events)) {
            if (const auto data = data_of(events.substr(0, length)); !data.empty()) {
                out_ += std::exchange(opened_, true) ? ",\r\n" : "[";
                out_ += data;
            }
            events.remove_prefix(length);
        }
        pending_ = std::string(events);
        ended_early_ = events_->ended_early();
        if ((last || ended_early_) && !std::exchange(closed_, true)) out_ += std::exchange(opened_, true) ? "\r\n]\r\n" : "[]\r\n";
        output_ = events_->output();
        counted_output_ = events_->counted_output();
        begun_ = events_->begun();
        complete_ = events_->complete();
        terminated_ = ended_early_;  // else the bracket is still to come
        if (events_->error() && !error_) error_ = std::make_unique<codec::ProviderError>(*events_->error());
        return out_;
    }

    std::unique_ptr<AnswerStream> events_;
    std::string out_;
    std::string pending_;  ///< the beginning of an event that passes in parts: an element goes out whole
    bool opened_ = false;  ///< the array
    bool closed_ = false;
};

}  // namespace

std::unique_ptr<AnswerStream> json_array_stream(std::unique_ptr<AnswerStream> events) { return std::make_unique<JsonArrayStream>(std::move(events)); }

}  // namespace smg::gateway
