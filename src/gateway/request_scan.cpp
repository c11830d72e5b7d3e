#include "gateway/request_scan.hpp"

#include <algorithm>
#include <utility>

#include "codec/json_tree.hpp"
#include "codec/json_writer.hpp"

namespace smg::gateway {
namespace {

using codec::JsonNode;

constexpr std::string_view white_space = " \t\r\n";

/// One member's value as a tree, for the few that are looked into. Small, unless somebody plays a trick.
class Value {
public:
    Value(std::string_view body, const RequestScan::Member& member) {
        if (auto parsed = tree_.parse(value_text(member, body))) node_ = *parsed;
    }
    Value(const Value&) = delete;
    Value& operator=(const Value&) = delete;
    const JsonNode* operator->() const noexcept { return &node_; }
    JsonNode operator[](std::string_view name) const noexcept { return node_[name]; }

private:
    codec::JsonTree tree_;
    JsonNode node_;  ///< absent when the value is no JSON
};

Result<void> read_model(RequestScan& scan, std::string_view body, const RequestScan::Member& member) {
    if (!scan.model.empty()) return fail(Failure::invalid_request, "'model' is given twice", "model");
    const auto raw = value_text(member, body);
    if (raw.starts_with('"') && raw.find('\\') == std::string_view::npos) {
        scan.model = raw.substr(1, raw.size() - 2);
    } else {
        const Value value(body, member);
        scan.model = value->text();
    }
    if (scan.model.empty()) return fail(Failure::invalid_request, "'model' must be a non-empty string", "model");
    scan.model_value = {member.value_begin, member.end};
    return {};
}

Result<void> read_stream_options(RequestScan& scan, std::string_view body, const RequestScan::Member& member) {
    const Value options(body, member);
    if (!options->is_object() && !options->is_null()) return fail(Failure::invalid_request, "'stream_options' must be an object", "stream_options");
    scan.stream_options_value = {member.value_begin, member.end};
    const auto wanted = options["include_usage"];
    if (!wanted) return {};
    scan.include_usage = wanted.boolean().value_or(false);
    const auto begin = member.value_begin + static_cast<std::size_t>(wanted.raw().data() - options->raw().data());
    scan.include_usage_value = {begin, begin + wanted.raw().size()};
    return {};
}

Result<void> read_member(RequestScan& scan, std::string_view body, const RequestScan::Member& member) {
    if (member.name == "model") return read_model(scan, body, member);
    if (member.name == "stream") {
        const auto raw = value_text(member, body);
        if (raw != "true" && raw != "false" && raw != "null") return fail(Failure::invalid_request, "'stream' must be a boolean", "stream");
        scan.stream = raw == "true";
    } else if (member.name == "stream_options") {
        return read_stream_options(scan, body, member);
    } else if (member.name == "previous_response_id") {
        scan.previous_response_id = Value(body, member)->text();
    }
    return {};
}

std::string affinity_of(const RequestScan& scan, std::string_view body) {
    if (const auto* key = scan.member("prompt_cache_key"))
        if (const Value value(body, *key); !value->text().empty()) return std::string(value->text());
    if (const auto* metadata = scan.member("metadata")) return std::string(Value(body, *metadata)["user_id"].text());
    return {};
}

}  // namespace

Result<RequestScan> scan_request(std::string_view body, std::size_t readable) {
    RequestScan scan;
    scan.members.reserve(16);
    if (auto found = codec::find_members(body, readable, scan.members); !found)
        return fail(Failure::invalid_request, "the body is no JSON object: " + found.error().message);
    scan.object_begin = body.find_first_not_of(white_space) + 1;
    scan.object_empty = scan.members.empty();
    for (const auto& member : scan.members)
        if (auto read = read_member(scan, body, member); !read) return tl::unexpected(read.error());
    scan.affinity_key = affinity_of(scan, body);
    return scan;
}

const RequestScan::Member* RequestScan::member(std::string_view name) const noexcept {
    const auto found = std::find_if(members.begin(), members.end(), [&](const Member& each) { return each.name == name; });
    return found == members.end() ? nullptr : &*found;
}

std::string_view value_text(const RequestScan::Member& member, std::string_view body) noexcept {
    return body.substr(member.value_begin, member.end - member.value_begin);
}

std::string_view first_id(std::string_view front) noexcept {
    const auto skip = [&] { front.remove_prefix(std::min(front.find_first_not_of(white_space), front.size())); };
    const auto take = [&](std::string_view word) {
        skip();
        if (!front.starts_with(word)) return false;
        front.remove_prefix(word.size());
        return true;
    };
    if (!take("{") || !take(R"("id")") || !take(":") || !take("\"")) return {};
    const auto end = front.find_first_of("\"\\");
    return end == std::string_view::npos || front[end] != '"' ? std::string_view() : front.substr(0, end);
}

std::string apply_splices(std::string_view body, std::vector<Splice> splices) {
    std::sort(splices.begin(), splices.end(), [](const Splice& a, const Splice& b) {
        return std::pair(a.range.begin, a.range.end) < std::pair(b.range.begin, b.range.end);  // an insertion comes before what it precedes
    });
    std::size_t grown = body.size();
    for (const auto& splice : splices) grown += splice.replacement.size();
    std::string spliced;
    spliced.reserve(grown);
    std::size_t at = 0;
    for (const auto& splice : splices) {
        if (splice.range.begin < at) continue;  // inside one that was applied
        spliced.append(body.substr(at, splice.range.begin - at)).append(splice.replacement);
        at = splice.range.end;
    }
    return spliced.append(body.substr(at));
}

Splice replace_model(const RequestScan& scan, std::string_view model) {
    std::string value;
    codec::append_json_string(value, model);
    return {scan.model_value, std::move(value)};
}

std::optional<Splice> ask_for_usage(const RequestScan& scan, std::string_view body) {
    if (scan.include_usage) return std::nullopt;
    if (scan.include_usage_value.end != 0) return Splice{scan.include_usage_value, "true"};
    const auto& options = scan.stream_options_value;
    if (options.end == 0) return Splice{{scan.object_begin, scan.object_begin}, R"("stream_options":{"include_usage":true},)"};
    const auto text = body.substr(options.begin, options.end - options.begin);
    if (text == "null") return Splice{options, R"({"include_usage":true})"};
    const bool empty = text.find_first_not_of(white_space, 1) == text.size() - 1;
    return Splice{{options.begin + 1, options.begin + 1}, empty ? R"("include_usage":true)" : R"("include_usage":true,)"};
}

std::vector<Splice> remove_children(const std::vector<ByteRange>& children, const std::vector<bool>& gone) {
    std::vector<Splice> splices;
    bool kept_before = false;
    for (std::size_t i = 0; i < children.size(); ++i) {
        if (!gone[i]) {
            kept_before = true;
            continue;
        }
        // The comma before it goes with it when something that stays precedes; else the one behind.
        auto range = children[i];
        if (kept_before)
            range.begin = children[i - 1].end;
        else if (i + 1 < children.size())
            range.end = children[i + 1].begin;
        splices.push_back({range, {}});
    }
    return splices;
}

std::vector<Splice> remove_members(const RequestScan& scan, const std::vector<std::string_view>& names) {
    const auto wanted = [&](const RequestScan::Member& member) { return std::find(names.begin(), names.end(), member.name) != names.end(); };
    if (std::none_of(scan.members.begin(), scan.members.end(), wanted)) return {};
    std::vector<ByteRange> ranges;
    std::vector<bool> gone;
    for (const auto& member : scan.members) {
        ranges.push_back({member.begin, member.end});
        gone.push_back(wanted(member));
    }
    return remove_children(ranges, gone);
}

}  // namespace smg::gateway
