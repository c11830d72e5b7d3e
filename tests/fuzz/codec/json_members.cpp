// Any bytes as a JSON object: the members found are those that a tree finds, where they stand, whether the text is read in place or from a copy.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "codec/json_members.hpp"
#include "codec/json_tree.hpp"
#include "fuzz/require.hpp"

namespace {

using smg::fuzzing::require;
using namespace smg::codec;

bool same(const std::vector<JsonMember>& a, const std::vector<JsonMember>& b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (a[i].name != b[i].name || a[i].begin != b[i].begin || a[i].value_begin != b[i].value_begin || a[i].end != b[i].end) return false;
    return true;
}

/// Each lies behind the one before, and is a name and a value and nothing else.
void check_places(std::string_view text, const std::vector<JsonMember>& members) {
    std::size_t at = 0;
    for (const auto& member : members) {
        require(at < member.begin && member.begin < member.value_begin && member.value_begin < member.end && member.end <= text.size());
        require(text[member.begin] == '"');
        at = member.end;
    }
}

void check_against_a_tree(std::string_view text, const std::vector<JsonMember>& members) {
    JsonTree tree;
    const auto root = tree.parse(text);
    if (!root) return;  // what is below the first level is checked by a tree alone
    require(root->is_object());
    std::size_t count = 0;
    for (const auto value : *root) {
        require(count < members.size() && members[count].name == value.name());
        require(text.substr(members[count].value_begin, members[count].end - members[count].value_begin) == value.raw());
        ++count;
    }
    require(count == members.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    std::vector<JsonMember> copied, in_place;
    const auto found = find_members(text, 0, copied);
    // In place, with bytes behind it that would be more members if they were taken for its own.
    std::string padded(text);
    padded.append(json_padding, ',');
    const auto found_in_place = find_members(std::string_view(padded).substr(0, size), padded.size(), in_place);
    require(found.has_value() == found_in_place.has_value());
    if (!found) {
        JsonTree tree;
        const auto root = tree.parse(text);
        require(!found.error().message.empty() && (!root || !root->is_object()));
        return 0;
    }
    require(same(copied, in_place));
    check_places(text, copied);
    check_against_a_tree(text, copied);
    return 0;
}
