// Any bytes in any split: nothing is lost, added or reordered, and what passes ends where an event ends.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "fuzz/require.hpp"
#include "gateway/event_splitter.hpp"

namespace {

using smg::fuzzing::require;
using smg::gateway::EventSplitter;

bool ends_an_event(std::string_view text) { return text.ends_with("\n\n") || text.ends_with("\n\r\n"); }

/// What passed, in pieces of `size` bytes.
std::string passed(std::string_view text, std::size_t size) {
    EventSplitter splitter;
    std::string out;
    for (std::size_t at = 0; at < text.size(); at += size) {
        out += splitter.feed(text.substr(at, size));
        require(out.empty() || splitter.inside_event() || ends_an_event(out));
        require(out.size() + splitter.held().size() == std::min(at + size, text.size()));
    }
    require(out + std::string(splitter.held()) == text);
    return out;
}

/// One more empty line behind an event, which says nothing, passes with it or waits for the next, as the split has it.
bool agree(std::string_view one, std::string_view other) {
    if (one.size() > other.size()) std::swap(one, other);
    return other.starts_with(one) && other.find_first_not_of("\r\n", one.size()) == std::string_view::npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const std::size_t split = 1 + data[0] % 64U;
    auto text = std::string_view(reinterpret_cast<const char*>(data) + 1, size - 1);
    require(agree(passed(text, text.size()), passed(text, split)));
    const auto beginning = text.substr(0, 2000);  // byte by byte takes long
    require(agree(passed(beginning, 1), passed(beginning, beginning.size())));
    for (std::size_t length = 0; (length = smg::gateway::event_length(text)) > 0; text.remove_prefix(length)) {
        const auto event = text.substr(0, length);
        require(ends_an_event(event));
        for (const auto field : {smg::gateway::data_of(event), smg::gateway::name_of(event)})
            require(field.find('\n') == std::string_view::npos && field.size() <= event.size());
    }
    return 0;
}
