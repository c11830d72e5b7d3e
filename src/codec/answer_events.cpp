#include "codec/answer_events.hpp"

#include <utility>
#include <variant>

#include "codec/json_tree.hpp"

namespace smg::codec {
namespace {

/// One alternative's blocks, in order.
class Teller {
public:
    Teller(const Choice& choice, StreamEvents& out) : choice_(choice), out_(out) {}

    void tell() {
        for (const auto& part : choice_.parts) {
            std::visit([this](const auto& each) { block(each); }, part);
            out_.emplace_back(event::BlockFinished{choice_.index, number_++});
        }
        if (!choice_.logprobs.empty()) out_.emplace_back(event::LogprobsDelta{choice_.index, choice_.logprobs});
        out_.emplace_back(
            event::ChoiceFinished{choice_.index, choice_.stop_reason, choice_.native_stop_reason, choice_.stop_sequence, choice_.refusal});
    }

private:
    void begin(Part part) { out_.emplace_back(event::BlockStarted{choice_.index, number_, std::move(part)}); }
    void sign(const std::string& signature, Origin origin) {
        if (!signature.empty()) out_.emplace_back(event::SignatureDelta{choice_.index, number_, signature, origin});
    }

    void block(const TextPart& part) {
        auto empty = part;
        for (auto* text : {&empty.text, &empty.citations, &empty.signature}) text->clear();
        begin(std::move(empty));
        if (part.refusal)
            out_.emplace_back(event::RefusalDelta{choice_.index, number_, part.text});
        else if (!part.text.empty())
            out_.emplace_back(event::TextDelta{choice_.index, number_, part.text});
        cite(part);
        sign(part.signature, Origin::unknown);
    }

    /// Anthropic's streams bring citations one by one, Chat's as a list.
    void cite(const TextPart& part) {
        if (part.citations.empty()) return;
        JsonTree tree;
        const auto list = tree.parse(part.citations);
        if (part.citations_origin != Origin::anthropic || !list || !list->is_array())
            return static_cast<void>(out_.emplace_back(event::CitationDelta{choice_.index, number_, part.citations}));
        for (JsonNode citation : *list) out_.emplace_back(event::CitationDelta{choice_.index, number_, std::string(citation.raw())});
    }

    void block(const ReasoningPart& part) {
        auto empty = part;
        empty.text.clear();
        empty.signature.clear();
        begin(std::move(empty));
        if (!part.text.empty()) out_.emplace_back(event::ReasoningDelta{choice_.index, number_, part.text});
        sign(part.signature, part.origin);
    }

    void block(const ToolCallPart& part) {
        auto empty = part;
        empty.arguments.clear();
        begin(std::move(empty));
        if (!part.arguments.empty()) out_.emplace_back(event::ArgumentsDelta{choice_.index, number_, part.arguments});
    }

    template <typename Whole>
    void block(const Whole& part) {
        begin(part);
    }

    const Choice& choice_;
    StreamEvents& out_;
    std::size_t number_ = 0;
};

}  // namespace

void append_events(const Answer& answer, StreamEvents& out) {
    out.emplace_back(event::Started{answer.id, answer.model, answer.created, answer.origin});
    for (const auto& choice : answer.choices) Teller(choice, out).tell();
    if (answer.usage.any()) out.emplace_back(event::UsageUpdate{answer.usage, answer.native_usage});
    out.emplace_back(event::Completed{answer.service_tier, answer.system_fingerprint});
}

}  // namespace smg::codec
