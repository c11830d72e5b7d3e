// Any bytes as the body of a request: what is spliced into it leaves an object that is read again, changed in what was to be changed alone.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "codec/json_tree.hpp"
#include "fuzz/require.hpp"
#include "gateway/request_scan.hpp"

namespace {

using smg::fuzzing::require;
using namespace smg::gateway;

constexpr std::string_view model = "a \"model\" \\ of another name";
const std::vector<std::string_view> unwanted = {"stream", "top_k", "a", "", "model"};

bool is_unwanted(const RequestScan::Member& member) {
    for (const auto name : unwanted)
        if (member.name == name) return true;
    return false;
}

/// The members of `after` are those of `before`, in order and with the values that they had, but for those that `may_differ` names.
template <typename Differs, typename Gone>
void check_rest(const RequestScan& before, std::string_view body, const RequestScan& after, std::string_view spliced, Differs may_differ,
                Gone is_gone) {
    std::size_t at = 0;
    for (const auto& member : before.members) {
        if (is_gone(member)) continue;
        require(at < after.members.size() && after.members[at].name == member.name);
        require(may_differ(member) || value_text(after.members[at], spliced) == value_text(member, body));
        ++at;
    }
    require(at == after.members.size());
}

bool no_member(const RequestScan::Member&) { return false; }

void rename(const RequestScan& scan, std::string_view body) {
    const auto renamed = apply_splices(body, {replace_model(scan, model)});
    const auto again = scan_request(renamed);
    require(again && again->model == model);
    check_rest(scan, body, *again, renamed, [](const auto& member) { return member.name == "model"; }, no_member);
}

void count_usage(const RequestScan& scan, std::string_view body) {
    const auto splice = ask_for_usage(scan, body);
    require(splice.has_value() != scan.include_usage);
    if (!splice) return;
    const bool had_options = scan.member("stream_options") != nullptr;
    const auto counted = apply_splices(body, {*splice});
    smg::codec::JsonTree tree;
    const auto options = scan.member("stream_options");
    if (options != nullptr && !tree.parse(value_text(*options, body))) return;  // broken below the first level: the provider says so
    const auto again = scan_request(counted);
    require(again && again->include_usage);
    if (had_options) check_rest(scan, body, *again, counted, [](const auto& member) { return member.name == "stream_options"; }, no_member);
}

void remove(const RequestScan& scan, std::string_view body) {
    const auto smaller = apply_splices(body, remove_members(scan, body, unwanted));
    const auto again = scan_request(smaller);
    require(again.has_value());
    check_rest(scan, body, *again, smaller, no_member, is_unwanted);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view body(reinterpret_cast<const char*>(data), size);
    (void)first_id(body);
    const auto scan = scan_request(body);
    if (!scan) return require(!scan.error().message.empty()), 0;
    remove(*scan, body);
    if (scan->model.empty()) return 0;
    rename(*scan, body);
    count_usage(*scan, body);
    return 0;
}
