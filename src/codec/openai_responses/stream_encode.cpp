#include "codec/openai_responses/interrupted.hpp"
#include "codec/openai_responses/openai_responses.hpp"
#include "codec/openai_responses/output_assembly.hpp"
#include "codec/openai_responses/response_object.hpp"
#include "codec/openai_responses/usage.hpp"

namespace smg::codec::responses {
namespace {

/// Only the first choice is told of: this format knows no others.
class ResponsesStreamEncoder final : public StreamEncoder {
public:
    explicit ResponsesStreamEncoder(const ClientView& view)
        : view_(view), settings_(one_line(settings_of(view.request, nullptr))), ids_({}, view, false), output_(ids_, Origin::unknown) {
        view_.request = nullptr;  // which need not live as long as this
    }

    void write(const StreamEvent& event, std::string& out) override {
        if (over_) return;
        out_ = &out;
        output_.tell(&out);
        std::visit([this](const auto& e) { on(e); }, event);
    }
    std::string_view keep_alive() const noexcept override { return ": keep-alive\n"; }

    /// The client has the beginning of this response from elsewhere.
    void continue_after(const Interrupted& seen) {
        started_ = true;
        ids_ = Ids(seen.id, view_, true);
        created_ = seen.created;
        model_ = seen.model;
        output_.count_from(seen.next_sequence);
    }

private:
    void on(const event::Started& started) {
        if (started_) return;
        started_ = true;
        origin_ = started.origin;
        ids_ = Ids(started.id, view_, false);
        output_ = OutputAssembly(ids_, origin_);
        output_.tell(out_);
        created_ = started.created != 0 ? started.created : view_.now;
        model_ = started.model.empty() ? view_.model : started.model;
        for (const auto* type : {"response.created", "response.in_progress"}) send(type, {"in_progress", {}}, nullptr);
    }

    /// An event that holds the response as it is now.
    void send(std::string_view type, const End& state, const ProviderError* error) {
        ResponseHead head;
        head.id = ids_.response();
        head.model = model_;
        head.created = created_;
        head.status = state.status;
        head.incomplete_reason = state.incomplete_reason;
        head.error = error;
        head.output = output_.items();
        std::string usage = "null";
        if (state.status != "in_progress") {
            usage.clear();
            JsonWriter json(usage);
            write_usage(json, usage_, native_usage_);
        }
        head.usage = usage;
        head.service_tier = service_tier_;
        output_.send(type, [&](JsonWriter& json) { json.raw_member("response", response_object(head, settings_)); });
    }

    /// Whether the event is of the first choice; begins the stream if nothing has.
    bool is_ours(std::int64_t choice) {
        if (!started_) on(event::Started{});
        return choice == 0;
    }

    void on(const event::BlockStarted& started) {
        if (is_ours(started.choice)) output_.begin(started.part);
    }
    void on(const event::TextDelta& delta) {
        if (is_ours(delta.choice)) output_.text(delta.text, false);
    }
    void on(const event::RefusalDelta& delta) {
        if (is_ours(delta.choice)) output_.text(delta.text, true);
    }
    void on(const event::ReasoningDelta& delta) {
        if (is_ours(delta.choice)) output_.reasoning(delta.text);
    }
    void on(const event::SignatureDelta& delta) {
        if (is_ours(delta.choice)) output_.signature(delta.signature, delta.origin);
    }
    void on(const event::ArgumentsDelta& delta) {
        if (is_ours(delta.choice)) output_.arguments(delta.text);
    }
    void on(const event::CitationDelta& delta) {
        if (is_ours(delta.choice)) output_.citation(delta.citation, origin_);
    }
    void on(const event::BlockFinished& finished) {
        if (is_ours(finished.choice)) output_.end();
    }
    void on(const event::LogprobsDelta& delta) {
        if (is_ours(delta.choice)) output_.logprobs(delta.logprobs);
    }
    void on(const event::Opaque&) {}

    void on(const event::UsageUpdate& update) {
        merge_usage(usage_, update.usage);
        native_usage_ = origin_ == Origin::anthropic || origin_ == Origin::gemini ? RawJson() : one_line(update.native);
    }

    void on(const event::ChoiceFinished& finished) {
        if (is_ours(finished.choice)) end_ = output_.finish(finished.reason, finished.refusal);
    }

    void on(const event::Completed& completed) {
        is_ours(0);
        output_.abandon();
        service_tier_ = completed.service_tier;
        send(end_.status == "incomplete" ? "response.incomplete" : "response.completed", end_, nullptr);
        over_ = true;
    }

    /// Some clients know one of the two events only.
    void on(const event::Failed& failure) {
        is_ours(0);
        const auto& error = failure.error;
        output_.send("error", [&](JsonWriter& json) {
            json.key("error").begin_object().member("type", error.type.empty() ? std::string_view("server_error") : error.type);
            text_or_null(json, "code", error.code);
            json.member("message", error.message);
            text_or_null(json, "param", error.param);
            json.end_object();
        });
        send("response.failed", {"failed", {}}, &error);
        over_ = true;
    }

    static void text_or_null(JsonWriter& json, std::string_view name, const std::string& value) {
        if (value.empty())
            json.key(name).null();
        else
            json.member(name, value);
    }

    void on(const event::KeepAlive&) { *out_ += keep_alive(); }

    ClientView view_;
    std::string settings_;
    Ids ids_;
    OutputAssembly output_;
    std::string* out_ = nullptr;
    Origin origin_ = Origin::unknown;
    std::int64_t created_ = 0;
    std::string model_, service_tier_;
    Usage usage_;
    RawJson native_usage_;
    End end_;
    bool started_ = false, over_ = false;
};

}  // namespace

std::unique_ptr<StreamEncoder> make_stream_encoder(const ClientView& view) { return std::make_unique<ResponsesStreamEncoder>(view); }

std::string interrupted_stream(const Interrupted& seen, const ProviderError& error) {
    ResponsesStreamEncoder encoder{ClientView()};
    encoder.continue_after(seen);
    std::string out;
    encoder.write(event::Failed{error}, out);
    return out;
}

}  // namespace smg::codec::responses
