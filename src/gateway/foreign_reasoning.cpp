#include "gateway/foreign_reasoning.hpp"

#include <algorithm>
#include <utility>

#include "base/ascii.hpp"
#include "base/word_search.hpp"
#include "codec/json_tree.hpp"
#include "codec/json_writer.hpp"
#include "codec/reasoning_envelope.hpp"

namespace smg::gateway {
namespace {

using codec::JsonNode;
using providers::ApiFormat;

constexpr std::string_view signature_member = "thought_signature";

/// Behind a Chat endpoint only a Gemini model issued such signatures and can read them: on a vendor's host, Gemini goes by its own name.
bool reads_thought_signatures(const Reader& reader) {
    if (reader.provider.origin == codec::Origin::gemini) return true;
    return !reader.provider.first_party && ascii_lower(reader.model).find("gemini") != std::string::npos;
}

class Cutter {
public:
    Cutter(std::string_view body, const RequestScan::Member& member, const Reader& reader)
        : body_(body), value_(member.value_begin), cuts_signatures_(!reads_thought_signatures(reader)), origin_(reader.provider.origin) {
        if (auto parsed = tree_.parse(value_text(member, body))) root_ = *parsed;
    }

    std::vector<Splice> chat() {
        for (const JsonNode message : root_) {
            if (message["role"].text() != "assistant") continue;
            Names whole;
            cut_details(message, whole);
            if (cuts_signatures_) cut_signature(message, whole);
            cut_members(message, whole);
            if (!cuts_signatures_) continue;
            for (const JsonNode call : message["tool_calls"]) {
                whole.clear();
                cut_signature(call, whole);
                cut_members(call, whole);
            }
        }
        return std::move(splices_);
    }

    std::vector<Splice> responses() {
        std::vector<ByteRange> items;
        std::vector<bool> gone;
        for (const JsonNode item : root_) {
            items.push_back(place(item));
            const auto sealed = item["encrypted_content"];
            const bool foreign = item["type"].text() == "reasoning" && codec::is_envelope(sealed.text());
            gone.push_back(foreign && !open(sealed));
        }
        add(remove_children(items, gone));
        return std::move(splices_);
    }

private:
    using Names = std::vector<std::string_view>;

    /// Values keep their text: their place in it is their place in the body.
    ByteRange place(JsonNode node) const {
        const auto begin = value_ + static_cast<std::size_t>(node.raw().data() - root_.raw().data());
        return {begin, begin + node.raw().size()};
    }

    void add(std::vector<Splice> more) {
        for (auto& each : more) splices_.push_back(std::move(each));
    }

    /// The provider's own, which came through a client of another format, as the provider wrote it.
    bool open(JsonNode sealed) {
        codec::ReasoningPart part;
        codec::open_reasoning(sealed.text(), codec::Origin::unknown, part);
        if (part.origin != origin_ || part.signature.empty()) return false;
        std::string own;
        codec::append_json_string(own, part.signature);
        splices_.push_back({place(sealed), std::move(own)});
        return true;
    }

    /// All at once: what goes with a comma depends on what else goes.
    void cut_members(JsonNode object, const Names& names) {
        if (names.empty()) return;
        const auto at = place(object);
        std::vector<codec::JsonMember> members;
        if (!codec::find_members(body_.substr(at.begin, at.end - at.begin), 0, members)) return;
        std::vector<ByteRange> ranges;
        std::vector<bool> gone;
        for (const auto& member : members) {
            ranges.push_back({at.begin + member.begin, at.begin + member.end});
            gone.push_back(std::find(names.begin(), names.end(), member.name) != names.end());
        }
        add(remove_children(ranges, gone));
    }

    static bool is_sealed(JsonNode detail) {
        return codec::is_envelope(detail["signature"].text()) || codec::is_envelope(detail["data"].text());
    }

    /// Members of which nothing would be left are added to `whole`.
    void cut_details(JsonNode message, Names& whole) {
        std::vector<ByteRange> details;
        std::vector<bool> gone;
        std::size_t sealed = 0;
        for (const JsonNode detail : message["reasoning_details"]) {
            details.push_back(place(detail));
            gone.push_back(is_sealed(detail));
            sealed += gone.back() ? 1 : 0;
        }
        if (sealed == 0) return;
        if (sealed < details.size()) return add(remove_children(details, gone));
        whole.push_back("reasoning_details");
        whole.push_back("reasoning_content");  // the same thoughts once more
    }

    void cut_signature(JsonNode holder, Names& whole) {
        const auto extra = holder["extra_content"], google = extra["google"];
        if (!google[signature_member]) return;
        if (google.size() > 1)
            cut_members(google, {signature_member});
        else if (extra.size() > 1)
            cut_members(extra, {"google"});
        else
            whole.push_back("extra_content");
    }

    std::string_view body_;
    std::size_t value_;
    bool cuts_signatures_;
    codec::Origin origin_;
    codec::JsonTree tree_;
    JsonNode root_;
    std::vector<Splice> splices_;
};

}  // namespace

bool may_hold_foreign_signature(ApiFormat format, std::string_view body, const Reader& reader) {
    return format == ApiFormat::openai_chat && !reads_thought_signatures(reader) && find_word(body, signature_member) != std::string_view::npos;
}

std::vector<Splice> cut_foreign_reasoning(ApiFormat format, const RequestScan& scan, std::string_view body, const Reader& reader) {
    const auto* const member = scan.member(format == ApiFormat::openai_chat ? "messages" : "input");
    if (member == nullptr) return {};
    if (format == ApiFormat::openai_chat) return Cutter(body, *member, reader).chat();
    if (format == ApiFormat::openai_responses) return Cutter(body, *member, reader).responses();
    return {};
}

}  // namespace smg::gateway
