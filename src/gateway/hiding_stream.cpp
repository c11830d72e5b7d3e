/// A stream whose error events lose the worker's secrets. Everything else passes as it comes.
#include <utility>

#include "gateway/answer_stream.hpp"
#include "gateway/worker_words.hpp"

namespace smg::gateway {
namespace {

class HidingStream final : public AnswerStream {
public:
    HidingStream(std::unique_ptr<AnswerStream> events, fleet::WorkerSecrets secrets) : events_(std::move(events)), secrets_(std::move(secrets)) {}

    std::string_view feed(std::string_view bytes) override { return hidden(events_->feed(bytes)); }
    std::string_view end() override { return hidden(events_->end()); }
    std::string_view fail(const codec::ProviderError& error) override { return hidden(events_->fail(error)); }
    std::string_view keep_alive() const noexcept override { return events_->keep_alive(); }
    const codec::Usage& usage() const override { return events_->usage(); }
    const std::vector<std::string>& reasoning_keys() const override { return events_->reasoning_keys(); }
    const Charges& charges() const override { return events_->charges(); }

private:
    std::string_view hidden(std::string_view text) {
        output_ = events_->output();
        counted_output_ = events_->counted_output();
        begun_ = events_->begun();
        complete_ = events_->complete();
        terminated_ = events_->terminated();
        ended_early_ = events_->ended_early();
        if (answer_id_.empty()) answer_id_ = events_->answer_id();
        if (events_->error() && !error_) {
            error_ = std::make_unique<codec::ProviderError>(*events_->error());
            hide(secrets_, *error_);
        }
        return hide_in_errors(secrets_, text, out_);
    }

    std::unique_ptr<AnswerStream> events_;
    const fleet::WorkerSecrets secrets_;
    std::string out_;
};

}  // namespace

std::unique_ptr<AnswerStream> hiding_stream(std::unique_ptr<AnswerStream> events, fleet::WorkerSecrets secrets) {
    return std::make_unique<HidingStream>(std::move(events), std::move(secrets));
}

}  // namespace smg::gateway
