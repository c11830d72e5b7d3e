#include "http/sse.hpp"
#include "simulator/responses.hpp"
#include "simulator/text.hpp"

namespace smg::simulator {
namespace {

/// Numbers and writes the events of one stream.
class Events {
public:
    Events(const ResponseAnswer& answer, std::size_t pieces) : answer_(answer), pieces_(pieces) {
        const auto& options = member(answer.request->body, "stream_options");
        const auto& wanted = member(options, "include_obfuscation");
        obfuscates_ = !answer.xai() && !(wanted.is_boolean() && !wanted.get<bool>());
    }

    void push(const std::string& type, const Json& members) {
        Json data{{"type", type}};
        data.update(members);
        data["sequence_number"] = events_.size();
        http::append_sse_event(events_.emplace_back(), type, dump(data));
    }
    /// `place` tells the item and the part of it.
    void deltas(const std::string& type, const Json& place, const std::string& text, bool in_one = false) {
        for (const auto& piece : cut_text(text, in_one ? 1 : pieces_)) {
            auto members = place;
            members["delta"] = piece;
            // OpenAI pads each delta, so that its length tells nothing of its text.
            if (obfuscates_) members["obfuscation"] = made_up(answer_.seed + events_.size(), 4 + (answer_.seed + events_.size()) % 11);
            push(type, members);
        }
    }
    void added(std::size_t index, const Json& item) { push("response.output_item.added", {{"output_index", index}, {"item", item}}); }
    void done(std::size_t index, const Json& item) { push("response.output_item.done", {{"output_index", index}, {"item", item}}); }
    [[nodiscard]] bool xai() const { return answer_.xai(); }
    [[nodiscard]] std::vector<std::string> take() { return std::move(events_); }

private:
    const ResponseAnswer& answer_;
    std::size_t pieces_;
    bool obfuscates_ = false;
    std::vector<std::string> events_;
};

Json with(Json place, const char* name, const Json& value) {
    place[name] = value;
    return place;
}

void write_reasoning(Events& events, std::size_t index, const Json& item) {
    auto begun = item;
    begun["summary"] = Json::array();
    if (events.xai()) begun["status"] = "in_progress";
    if (events.xai()) begun.erase("encrypted_content");
    events.added(index, begun);
    for (std::size_t i = 0; i < item["summary"].size(); ++i) {
        const auto& part = item["summary"][i];
        const auto text = text_member(part, "text");
        const Json place{{"item_id", item["id"]}, {"output_index", index}, {"summary_index", i}};
        events.push("response.reasoning_summary_part.added", with(place, "part", {{"type", "summary_text"}, {"text", ""}}));
        events.deltas("response.reasoning_summary_text.delta", place, text);
        events.push("response.reasoning_summary_text.done", with(place, "text", text));
        events.push("response.reasoning_summary_part.done", with(place, "part", part));
    }
    events.done(index, item);
}

void write_message(Events& events, std::size_t index, const Json& item) {
    auto begun = item;
    begun["status"] = "in_progress";
    begun["content"] = Json::array();
    events.added(index, begun);
    const auto& part = item["content"][0];
    const bool refuses = text_member(part, "type") == "refusal";
    const auto* name = refuses ? "refusal" : "text";
    const auto text = text_member(part, name);
    const std::string kind = refuses ? "response.refusal" : "response.output_text";
    const Json place{{"item_id", item["id"]}, {"output_index", index}, {"content_index", 0}};
    events.push("response.content_part.added", with(place, "part", with(part, name, "")));
    const auto logged = refuses ? place : with(place, "logprobs", Json::array());
    events.deltas(kind + ".delta", logged, text);
    events.push(kind + ".done", with(logged, name, text));
    events.push("response.content_part.done", with(place, "part", part));
    events.done(index, item);
}

void write_call(Events& events, std::size_t index, const Json& item) {
    const bool custom = text_member(item, "type") == "custom_tool_call";
    const auto* name = custom ? "input" : "arguments";
    const std::string kind = custom ? "response.custom_tool_call_input" : "response.function_call_arguments";
    const Json place{{"item_id", item["id"]}, {"output_index", index}};
    auto begun = item;
    begun["status"] = "in_progress";
    begun[name] = "";
    events.added(index, begun);
    events.deltas(kind + ".delta", place, text_member(item, name), events.xai());
    events.push(kind + ".done", with(place, name, item[name]));
    events.done(index, item);
}

}  // namespace

std::vector<std::string> response_events(const ResponseAnswer& answer, const Plan& plan, std::size_t pieces) {
    Events events(answer, pieces);
    const auto begun = response_json(answer, "in_progress", Json::array(), nullptr);
    events.push("response.created", {{"response", begun}});
    events.push("response.in_progress", {{"response", begun}});
    const auto output = response_output(answer, plan);
    for (std::size_t i = 0; i < output.size(); ++i) {
        const auto type = text_member(output[i], "type");
        if (type == "reasoning") {
            write_reasoning(events, i, output[i]);
        } else if (type == "message") {
            write_message(events, i, output[i]);
        } else {
            write_call(events, i, output[i]);
        }
    }
    const auto status = final_status(plan);
    events.push("response." + status, {{"response", response_json(answer, status, output, &plan)}});
    return events.take();
}

std::string response_error_events(const ResponseAnswer& answer, std::size_t events_before) {
    const std::string message = "The server had an error while processing your request. Sorry about that!";
    const Json error{{"type", "server_error"}, {"code", "server_error"}, {"message", message}, {"param", nullptr}};
    auto failed = response_json(answer, "failed", Json::array(), nullptr);
    failed["error"] = {{"code", "server_error"}, {"message", message}};
    std::string text;
    http::append_sse_event(text, "error", dump({{"type", "error"}, {"sequence_number", events_before}, {"error", error}}));
    http::append_sse_event(text, "response.failed",
                           dump({{"type", "response.failed"}, {"sequence_number", events_before + 1}, {"response", failed}}));
    return text;
}

}  // namespace smg::simulator
