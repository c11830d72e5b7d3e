#include "gateway/request_scan.hpp"

#include <algorithm>
#include <utility>

#include "codec/json_tree.hpp"
#include "codec/json_writer.hpp"

namespace smg::gateway {
namespace {

using codec::JsonNode;

/// Kept between requests, so that a scan allocates nothing; dropped after a large body, so that one does not hold memory for good.
codec::JsonTree& scratch_tree() {
    thread_local codec::JsonTree tree;
    return tree;
}
constexpr std::size_t keep_tree_below = 1024 * 1024;

constexpr std::string_view white_space = " \t\r\n";

class Offsets {
public:
    Offsets(std::string_view body, std::string_view root) : shift_(body.find_first_not_of(white_space)), start_(root.data()) {}
    [[nodiscard]] ByteRange of(std::string_view raw) const {
        const auto begin = shift_ + static_cast<std::size_t>(raw.data() - start_);
        return {begin, begin + raw.size()};
    }

private:
    std::size_t shift_;
    const char* start_;
};

/// Where the name of the value at `value_begin` starts: back over the colon, the closing quote and the (maybe escaped) name.
std::size_t name_begin(std::string_view body, std::size_t value_begin) {
    auto at = body.find_last_of(':', value_begin - 1);
    at = body.find_last_of('"', at);
    for (;;) {
        at = body.find_last_of('"', at - 1);
        std::size_t backslashes = 0;
        while (at > backslashes && body[at - 1 - backslashes] == '\\') ++backslashes;
        if (backslashes % 2 == 0) return at;
    }
}

Result<void> read_member(RequestScan& scan, const JsonNode& member, const Offsets& offsets) {
    const auto name = member.name();
    if (name == "model") {
        if (!scan.model.empty()) return fail(Failure::invalid_request, "'model' is given twice", "model");
        if (!member.is_string() || member.text().empty()) return fail(Failure::invalid_request, "'model' must be a non-empty string", "model");
        scan.model = member.text();
        scan.model_value = offsets.of(member.raw());
    } else if (name == "stream") {
        if (!member.boolean() && !member.is_null()) return fail(Failure::invalid_request, "'stream' must be a boolean", "stream");
        scan.stream = member.boolean().value_or(false);
    } else if (name == "stream_options") {
        if (!member.is_object() && !member.is_null()) return fail(Failure::invalid_request, "'stream_options' must be an object", "stream_options");
        scan.stream_options_value = offsets.of(member.raw());
        if (const auto wanted = member["include_usage"]) {
            scan.include_usage = wanted.boolean().value_or(false);
            scan.include_usage_value = offsets.of(wanted.raw());
        }
    } else if (name == "previous_response_id") {
        scan.previous_response_id = member.text();
    }
    return {};
}

std::string affinity_of(const JsonNode& root) {
    for (const auto& node : {root["prompt_cache_key"], root["metadata"]["user_id"]})
        if (node.is_string() && !node.text().empty()) return std::string(node.text());
    return {};
}

}  // namespace

Result<RequestScan> scan_request(std::string_view body) {
    auto& tree = scratch_tree();
    const auto root = tree.parse(body);
    if (!root) return fail(Failure::invalid_request, "the body is not JSON: " + root.error().message);
    if (!root->is_object()) return fail(Failure::invalid_request, "the body must be a JSON object");
    const Offsets offsets(body, root->raw());
    RequestScan scan;
    scan.object_begin = offsets.of(root->raw()).begin + 1;
    scan.object_empty = root->size() == 0;
    scan.members.reserve(root->size());
    for (const JsonNode member : *root) {
        if (auto read = read_member(scan, member, offsets); !read) return tl::unexpected(read.error());
        const auto value = offsets.of(member.raw());
        scan.members.push_back({std::string(member.name()), {name_begin(body, value.begin), value.end}});
    }
    scan.affinity_key = affinity_of(*root);
    if (body.size() > keep_tree_below) tree = codec::JsonTree();
    return scan;
}

const RequestScan::Member* RequestScan::member(std::string_view name) const noexcept {
    const auto found = std::find_if(members.begin(), members.end(), [&](const Member& each) { return each.name == name; });
    return found == members.end() ? nullptr : &*found;
}

std::string_view value_text(const RequestScan::Member& member, std::string_view body) noexcept {
    auto text = body.substr(member.range.begin, member.range.end - member.range.begin);
    std::size_t at = 1;  // behind the name's opening quote
    while (at < text.size() && text[at] != '"') at += text[at] == '\\' ? 2 : 1;
    const auto colon = text.find(':', at);
    const auto begin = colon == std::string_view::npos ? colon : text.find_first_not_of(white_space, colon + 1);
    return begin == std::string_view::npos ? std::string_view() : text.substr(begin);
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

std::vector<Splice> remove_members(const RequestScan& scan, std::string_view body, const std::vector<std::string_view>& names) {
    std::vector<Splice> splices;
    const auto wanted = [&](const RequestScan::Member& member) { return std::find(names.begin(), names.end(), member.name) != names.end(); };
    std::size_t kept_before = 0;
    for (std::size_t i = 0; i < scan.members.size(); ++i) {
        const auto& member = scan.members[i];
        if (!wanted(member)) {
            ++kept_before;
            continue;
        }
        // The comma before it goes with it when something that stays precedes; else the one behind.
        auto range = member.range;
        if (kept_before > 0) {
            range.begin = scan.members[i - 1].range.end;
        } else if (i + 1 < scan.members.size()) {
            range.end = body.find_first_not_of(white_space, body.find(',', range.end) + 1);
        }
        splices.push_back({range, {}});
    }
    return splices;
}

}  // namespace smg::gateway
