#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "unit/codec/loss_facts.hpp"

namespace smg::codec::loss {
namespace {

class Folder {
public:
    Answer answer;

    void on(const event::Started& e) {
        answer.id = e.id;
        answer.model = e.model;
        answer.created = e.created;
        answer.origin = e.origin;
    }
    void on(const event::BlockStarted& e) { part(e) = e.part; }
    void on(const event::TextDelta& e) { text(e) += e.text; }
    void on(const event::RefusalDelta& e) { text(e) += e.text; }
    void on(const event::ReasoningDelta& e) {
        if (auto* reasoning = std::get_if<ReasoningPart>(&part(e))) reasoning->text += e.text;
    }
    void on(const event::SignatureDelta& e) {
        auto& to = part(e);
        if (auto* reasoning = std::get_if<ReasoningPart>(&to)) {
            reasoning->signature = e.signature;
            if (e.origin != Origin::unknown) reasoning->origin = e.origin;
        } else if (auto* text = std::get_if<TextPart>(&to)) {
            text->signature = e.signature;
        } else if (auto* call = std::get_if<ToolCallPart>(&to)) {
            call->signature = e.signature;
        }
    }
    void on(const event::ArgumentsDelta& e) {
        if (auto* call = std::get_if<ToolCallPart>(&part(e))) call->arguments += e.text;
    }
    void on(const event::CitationDelta& e) {
        auto* text = std::get_if<TextPart>(&part(e));
        if (!text) return;
        auto list = text->citations.empty() ? nlohmann::ordered_json::array() : nlohmann::ordered_json::parse(text->citations);
        list.push_back(nlohmann::ordered_json::parse(e.citation));
        text->citations = list.dump();
        text->citations_origin = answer.origin == Origin::anthropic ? Origin::anthropic : Origin::openai;
    }
    void on(const event::BlockFinished&) {}
    void on(const event::Opaque& e) { answer.unknown.emplace_back(e.kind, e.json); }
    void on(const event::LogprobsDelta& e) {
        auto& logprobs = choice(e.choice).logprobs;
        if (logprobs.empty()) return static_cast<void>(logprobs = e.logprobs);
        auto all = nlohmann::ordered_json::parse(logprobs);
        const auto more = nlohmann::ordered_json::parse(e.logprobs);
        if (more.contains("content") && more["content"].is_array())
            for (const auto& token : more["content"]) all["content"].push_back(token);
        logprobs = all.dump();
    }
    void on(const event::UsageUpdate& e) {
        for (const auto member : {&Usage::input, &Usage::output, &Usage::cached, &Usage::cache_write, &Usage::reasoning, &Usage::total})
            if (e.usage.*member) answer.usage.*member = e.usage.*member;
        if (!e.native.empty()) answer.native_usage = e.native;
    }
    void on(const event::ChoiceFinished& e) {
        auto& to = choice(e.choice);
        to.stop_reason = e.reason;
        to.native_stop_reason = e.native_reason;
        to.stop_sequence = e.stop_sequence;
        to.refusal = e.refusal;
    }
    void on(const event::Completed& e) {
        answer.service_tier = e.service_tier;
        answer.system_fingerprint = e.system_fingerprint;
    }
    void on(const event::Failed& e) { answer.unknown.emplace_back("failed", e.error.message); }
    void on(const event::KeepAlive&) {}

    /// Blocks without anything in them are the stream's affair: an answer leaves them out.
    void finish() {
        for (auto& to : answer.choices)
            std::erase_if(to.parts, [](const Part& part) {
                const auto* text = std::get_if<TextPart>(&part);
                const auto* reasoning = std::get_if<ReasoningPart>(&part);
                return (text && text->text.empty() && text->signature.empty() && text->citations.empty()) ||
                       (reasoning && reasoning->text.empty() && reasoning->signature.empty() && reasoning->redacted.empty());
            });
    }

private:
    Choice& choice(std::int64_t index) {
        const auto found = std::find_if(answer.choices.begin(), answer.choices.end(), [&](const Choice& c) { return c.index == index; });
        if (found != answer.choices.end()) return *found;
        auto& made = answer.choices.emplace_back();
        made.index = index;
        return made;
    }
    template <typename Event>
    Part& part(const Event& e) {
        auto& parts = choice(e.choice).parts;
        if (parts.size() <= e.block) parts.resize(e.block + 1);
        return parts[e.block];
    }
    template <typename Event>
    std::string& text(const Event& e) {
        auto& to = part(e);
        if (!std::holds_alternative<TextPart>(to)) to = TextPart{};
        return std::get<TextPart>(to).text;
    }
};

}  // namespace

Answer folded(const StreamEvents& events) {
    Folder folder;
    for (const auto& event : events) std::visit([&](const auto& e) { folder.on(e); }, event);
    folder.finish();
    return std::move(folder.answer);
}

}  // namespace smg::codec::loss
