#include "codec/openai_responses/output_assembly.hpp"

#include <utility>

#include "codec/json_tree.hpp"
#include "codec/openai_responses/annotations.hpp"
#include "codec/openai_responses/item_decode.hpp"
#include "codec/openai_responses/signature.hpp"
#include "codec/reasoning_envelope.hpp"

namespace smg::codec::responses {
namespace {

/// A JSON string's contents.
std::string text_of(std::string_view json) {
    JsonTree tree;
    const auto parsed = tree.parse(json);
    return parsed ? std::string(parsed->text()) : std::string();
}

/// The items of a JSON array, without brackets.
std::string entries(JsonNode list) {
    std::string out;
    for (JsonNode entry : list) out.append(out.empty() ? "" : ",").append(one_line(entry.raw()));
    return out;
}

void add_entries(std::string& to, std::string_view more) {
    if (!more.empty()) to.append(to.empty() ? "" : ",").append(more);
}

}  // namespace

void OutputAssembly::at_item(JsonWriter& json) const { json.member("item_id", item_.id).number_member("output_index", index_); }

void OutputAssembly::at_text(JsonWriter& json) const {
    at_item(json);
    json.number_member("content_index", item_.content.size() - 1);
}

// --- items ---

void OutputAssembly::open(OutputItem item, std::string_view prefix) {
    close("completed");
    item_ = std::move(item);
    for (auto& member : item_.framing) member.second = one_line(member.second);
    if (item_.id.empty()) item_.id = next_id(prefix);
    send("response.output_item.added", [&](JsonWriter& json) { json.number_member("output_index", index_).raw_member("item", announced(item_)); });
}

void OutputAssembly::close(std::string_view status) {
    if (item_.kind == Kind::none) return;
    if (item_.kind == Kind::message) close_text();
    if (item_.kind == Kind::reasoning) close_thought();
    if (item_.kind == Kind::function || item_.kind == Kind::custom) close_call();
    const auto json_text = whole(std::exchange(item_, {}), status);
    send("response.output_item.done", [&](JsonWriter& json) { json.number_member("output_index", index_).raw_member("item", json_text); });
    add_entries(items_, json_text);
    ++index_;
    if (!sign_before_.empty()) add_whole(state_item(next_id("rs_"), seal_previous(std::exchange(sign_before_, {}))));
}

void OutputAssembly::add_whole(std::string json_text) {
    close("completed");
    for (const auto* type : {"response.output_item.added", "response.output_item.done"})
        send(type, [&](JsonWriter& json) { json.number_member("output_index", index_).raw_member("item", json_text); });
    add_entries(items_, json_text);
    ++index_;
}

void OutputAssembly::begin(const Part& part) {
    in_thought_ = false;
    std::visit([this](const auto& p) { begin_part(p); }, part);
}

void OutputAssembly::end() {
    if (item_.kind == Kind::message) close_text();
    if (!std::exchange(in_thought_, false)) return;
    // Without words there still may be something to send back.
    if (item_.kind != Kind::reasoning && (!thought_.id.empty() || !state_of(thought_, origin_).empty())) open_thought();
    if (item_.kind == Kind::reasoning) item_.state = state_of(thought_, origin_);
}

End OutputAssembly::finish(StopReason reason, std::string_view explanation) {
    const bool stopped = reason == StopReason::refusal || reason == StopReason::content_filter;
    if (stopped && !explanation.empty() && !refused_) text(explanation, true);
    auto how = end_of(reason, refused_);
    close(how.status);
    return how;
}

// --- messages ---

void OutputAssembly::begin_part(const TextPart& part) {
    if (begins_message(part.extras)) {
        OutputItem item;
        item.kind = Kind::message;
        item.id = text_of(framed(part.extras, "id"));
        item.framing = part.extras.framing;
        open(std::move(item), "msg_");
        if (framed(part.extras, "part.content") != "[]") open_text(part.refusal);
    }
    if (const auto known = framed(part.extras, "part.logprobs"); !known.empty()) {
        JsonTree tree;
        if (const auto list = tree.parse(known)) logprobs_ = entries(*list);
    }
    text(part.text, part.refusal);
    if (!part.citations.empty()) citation(part.citations, part.citations_origin);
    if (!part.signature.empty()) sign_before_ = part.signature;
}

void OutputAssembly::open_text(bool refusal) {
    if (item_.kind != Kind::message) {
        OutputItem item;
        item.kind = Kind::message;
        open(std::move(item), "msg_");
    }
    if (text_open_ && item_.content.back().refusal == refusal) return;
    close_text();
    text_open_ = true;
    refused_ = refused_ || refusal;
    item_.content.emplace_back().refusal = refusal;
    send("response.content_part.added", [&](JsonWriter& json) {
        at_text(json);
        json.raw_member("part", whole(item_.content.back()));
    });
}

void OutputAssembly::text(std::string_view piece, bool refusal) {
    if (piece.empty()) return;
    open_text(refusal);
    auto& content = item_.content.back();
    content.text += piece;
    if (refusal) {
        send("response.refusal.delta", [&](JsonWriter& json) {
            at_text(json);
            json.member("delta", piece);
        });
        return;
    }
    const auto entries_now = std::exchange(logprobs_, {});
    add_entries(content.logprobs, entries_now);
    send("response.output_text.delta", [&](JsonWriter& json) {
        at_text(json);
        json.member("delta", piece).raw_member("logprobs", "[" + entries_now + "]");
    });
}

void OutputAssembly::close_text() {
    if (text_open_) add_citations();
    if (!std::exchange(text_open_, false)) return;
    auto& content = item_.content.back();
    add_entries(content.logprobs, std::exchange(logprobs_, {}));
    send(content.refusal ? "response.refusal.done" : "response.output_text.done", [&](JsonWriter& json) {
        at_text(json);
        json.member(content.refusal ? "refusal" : "text", content.text);
        if (!content.refusal) json.raw_member("logprobs", "[" + content.logprobs + "]");
    });
    send("response.content_part.done", [&](JsonWriter& json) {
        at_text(json);
        json.raw_member("part", whole(content));
    });
}

void OutputAssembly::citation(std::string_view json_text, Origin origin) {
    open_text(false);
    citations_origin_ = origin == Origin::unknown ? origin_ : origin;
    add_entries(citations_, json_text);
    // Those of OpenAI say themselves where they stand.
    if (citations_origin_ == Origin::openai || citations_origin_ == Origin::xai) add_citations();
}

void OutputAssembly::add_citations() {
    if (citations_.empty()) return;
    auto list = std::exchange(citations_, {});
    if (!list.starts_with('[')) list = "[" + list + "]";
    auto& content = item_.content.back();
    for (auto& annotation : wire_annotations(list, citations_origin_, code_points(content.text))) {
        content.annotations.push_back(one_line(annotation));
        send("response.output_text.annotation.added", [&](JsonWriter& json) {
            at_text(json);
            json.number_member("annotation_index", content.annotations.size() - 1).raw_member("annotation", content.annotations.back());
        });
    }
}

void OutputAssembly::logprobs(std::string_view json_text) {
    JsonTree tree;
    if (const auto parsed = tree.parse(json_text)) add_entries(logprobs_, entries((*parsed)["content"]));
}

// --- thoughts ---

void OutputAssembly::begin_part(const ReasoningPart& part) {
    close("completed");
    in_thought_ = true;
    thought_ = part;
    thought_.text.clear();
    reasoning(part.text);
}

void OutputAssembly::open_thought() {
    OutputItem item;
    item.kind = Kind::reasoning;
    item.id = thought_.origin == Origin::anthropic || thought_.origin == Origin::gemini ? std::string() : thought_.id;
    item.framing = thought_.extras.framing;
    open(std::move(item), "rs_");
}

void OutputAssembly::reasoning(std::string_view piece) {
    if (piece.empty()) return;
    if (item_.kind != Kind::reasoning) open_thought();
    const auto at_summary = [&](JsonWriter& json) {
        at_item(json);
        json.number_member("summary_index", 0);
    };
    if (!std::exchange(summary_open_, true))
        send("response.reasoning_summary_part.added", [&](JsonWriter& json) {
            at_summary(json);
            json.raw_member("part", R"({"type":"summary_text","text":""})");
        });
    item_.text += piece;
    send("response.reasoning_summary_text.delta", [&](JsonWriter& json) {
        at_summary(json);
        json.member("delta", piece);
    });
}

void OutputAssembly::close_thought() {
    item_.state = state_of(thought_, origin_);
    if (!std::exchange(summary_open_, false)) return;
    send("response.reasoning_summary_text.done", [&](JsonWriter& json) {
        at_item(json);
        json.number_member("summary_index", 0).member("text", item_.text);
    });
    send("response.reasoning_summary_part.done", [&](JsonWriter& json) {
        at_item(json);
        json.number_member("summary_index", 0).key("part").begin_object();
        json.member("type", "summary_text").member("text", item_.text).end_object();
    });
}

void OutputAssembly::signature(std::string_view signature, Origin origin) {
    if (!in_thought_) {
        sign_before_ = signature;
        return;
    }
    thought_.signature = signature;
    if (origin != Origin::unknown) thought_.origin = origin;
}

// --- calls and the rest ---

void OutputAssembly::begin_part(const ToolCallPart& part) {
    close("completed");
    if (!part.signature.empty()) add_whole(state_item(next_id("rs_"), seal_call(part.signature)));
    OutputItem item;
    const bool custom = part.kind == ToolCallPart::Kind::custom;
    item.kind = custom ? Kind::custom : Kind::function;
    item.id = text_of(framed(part.extras, "id"));
    item.framing = part.extras.framing;
    item.call_id = part.id;
    item.name = part.name;
    open(std::move(item), custom ? "ctc_" : "fc_");
    arguments(part.arguments);
}

void OutputAssembly::arguments(std::string_view piece) {
    if (piece.empty() || (item_.kind != Kind::function && item_.kind != Kind::custom)) return;
    item_.text += piece;
    send(item_.kind == Kind::custom ? "response.custom_tool_call_input.delta" : "response.function_call_arguments.delta", [&](JsonWriter& json) {
        at_item(json);
        json.member("delta", piece);
    });
}

void OutputAssembly::close_call() {
    const bool custom = item_.kind == Kind::custom;
    // A call without arguments must still be JSON.
    if (!custom && item_.text.find_first_not_of(" \t\r\n") == std::string::npos) arguments("{}");
    send(custom ? "response.custom_tool_call_input.done" : "response.function_call_arguments.done", [&](JsonWriter& json) {
        at_item(json);
        if (!custom) json.member("name", item_.name);
        json.member(custom ? "input" : "arguments", item_.text);
    });
}

void OutputAssembly::begin_part(const MediaPart& part) {
    if (part.kind != MediaPart::Kind::image || part.source != MediaPart::Source::base64) return;
    close("completed");
    add_whole(image_item(next_id("ig_"), part.data));
}

void OutputAssembly::begin_part(const OpaquePart& part) {
    if (part.origin != Origin::openai) return;
    JsonTree tree;
    const auto parsed = tree.parse(part.json);
    if (!parsed) return;
    if (std::string_view(part.kind).starts_with(content_prefix) && item_.kind == Kind::message) {
        close_text();
        item_.content.emplace_back().raw = one_line(part.json);
        for (const auto* type : {"response.content_part.added", "response.content_part.done"})
            send(type, [&](JsonWriter& json) {
                at_text(json);
                json.raw_member("part", item_.content.back().raw);
            });
    } else if ((*parsed)["type"].text() == part.kind) {  // Chat's own opaque things have no type, or another
        add_whole(one_line(part.json));
    }
}

}  // namespace smg::codec::responses
