#include <unordered_map>

#include "base/ascii.hpp"
#include "codec/json_tree.hpp"
#include "codec/openai_responses/finish.hpp"
#include "codec/openai_responses/openai_responses.hpp"
#include "codec/openai_responses/response_error.hpp"
#include "codec/openai_responses/signature.hpp"
#include "codec/openai_responses/stream_items.hpp"
#include "codec/openai_responses/usage.hpp"

namespace smg::codec::responses {
namespace {

enum class Event {
    started,
    item_added,
    item_done,
    part_added,
    part_done,
    text,
    text_done,
    refusal,
    refusal_done,
    annotation,
    thought_part_added,
    thought,
    thought_done,
    arguments,
    arguments_done,
    finished,
    failed,
    error,
};

const std::unordered_map<std::string_view, Event>& events() {
    static const std::unordered_map<std::string_view, Event> table{
        {"response.created", Event::started},
        {"response.queued", Event::started},
        {"response.in_progress", Event::started},
        {"response.output_item.added", Event::item_added},
        {"response.output_item.done", Event::item_done},
        {"response.content_part.added", Event::part_added},
        {"response.content_part.done", Event::part_done},
        {"response.output_text.delta", Event::text},
        {"response.output_text.done", Event::text_done},
        {"response.refusal.delta", Event::refusal},
        {"response.refusal.done", Event::refusal_done},
        {"response.output_text.annotation.added", Event::annotation},
        {"response.reasoning_summary_part.added", Event::thought_part_added},
        {"response.reasoning_summary_text.delta", Event::thought},
        {"response.reasoning_summary_text.done", Event::thought_done},
        {"response.reasoning_text.delta", Event::thought},
        {"response.reasoning_text.done", Event::thought_done},
        {"response.function_call_arguments.delta", Event::arguments},
        {"response.function_call_arguments.done", Event::arguments_done},
        {"response.custom_tool_call_input.delta", Event::arguments},
        {"response.custom_tool_call_input.done", Event::arguments_done},
        {"response.completed", Event::finished},
        {"response.incomplete", Event::finished},
        {"response.failed", Event::failed},
        {"response.cancelled", Event::failed},
        {"error", Event::error},
    };
    return table;
}

class ResponsesStreamDecoder final : public StreamDecoder {
public:
    explicit ResponsesStreamDecoder(const RequestMemo& memo) : memo_(memo), items_(memo_, Origin::openai) {}

    void on_event(std::string_view name, std::string_view data, StreamEvents& out) override {
        if (over_) return;
        data = trim(data);
        if (data.empty() || data == "[DONE]") return;
        const auto parsed = tree_.parse(data);
        if (!parsed || !parsed->is_object()) return failed(malformed_error("The provider's stream holds an event that is no JSON object."), out);
        const auto root = *parsed;
        auto type = root["type"].text();
        if (type.empty()) type = name;
        const auto found = events().find(type);
        if (found != events().end()) return handle(found->second, root, out);
        // What a server that knows no such stream answers; other types are news of tools that run elsewhere, or of tomorrow.
        if (type.empty() && !root["error"].is_absent_or_null()) failed(read_error(root), out);
    }

    void on_end(StreamEvents& out) override {
        if (!over_) failed(truncated_error(), out);
    }

private:
    void handle(Event event, JsonNode root, StreamEvents& out) {
        const auto index = root["output_index"].integer().value_or(0);
        switch (event) {
            case Event::started: return start(root["response"], out);
            case Event::item_added: return items_.added(index, root["item"], out);
            case Event::item_done: return items_.done(index, root["item"], out);
            case Event::part_added: return items_.part_added(root, out);
            case Event::part_done: return items_.part_done(root, out);
            case Event::text: return items_.text(root, out, false);
            case Event::text_done: return items_.text_done(root, out, false);
            case Event::refusal: return items_.text(root, out, true);
            case Event::refusal_done: return items_.text_done(root, out, true);
            case Event::annotation: return items_.annotation(root, out);
            case Event::thought_part_added: return items_.thought_part_added(root, out);
            case Event::thought: return items_.thought(root, out);
            case Event::thought_done: return items_.thought_done(root, out);
            case Event::arguments: return items_.arguments(root, out);
            case Event::arguments_done: return items_.arguments_done(root, out);
            case Event::finished: return finish(root["response"], out);
            case Event::failed: return failed(read_error(root["response"]), out);
            case Event::error: return failed(read_error(root), out);
        }
    }

    void start(JsonNode response, StreamEvents& out) {
        if (started_) return;
        started_ = true;
        const auto model = response["model"].text();
        const auto origin = issuer_of(model);
        items_.set_issuer(origin);
        out.emplace_back(
            event::Started{std::string(response["id"].text()), std::string(model), response["created_at"].integer().value_or(0), origin});
    }

    void finish(JsonNode response, StreamEvents& out) {
        start(response, out);
        items_.finish(response["output"], out);
        over_ = true;
        if (response["usage"].is_object()) out.emplace_back(event::UsageUpdate{read_usage(response["usage"]), std::string(response["usage"].raw())});
        const auto how = read_finish(response, items_.has_calls(), items_.has_refusal());
        out.emplace_back(event::ChoiceFinished{0, how.reason, how.native, {}, {}});
        out.emplace_back(
            event::Completed{std::string(response["service_tier"].text()), std::string(response["metadata"]["system_fingerprint"].text())});
    }

    void failed(ProviderError error, StreamEvents& out) {
        over_ = true;
        out.emplace_back(event::Failed{std::move(error)});
    }

    const RequestMemo memo_;
    JsonTree tree_;
    StreamItems items_;
    bool started_ = false;
    bool over_ = false;
};

}  // namespace

std::unique_ptr<StreamDecoder> make_stream_decoder(const RequestMemo& memo) { return std::make_unique<ResponsesStreamDecoder>(memo); }

}  // namespace smg::codec::responses
