// Any bytes as a stream of events, whole and in two other splits: the same events, and the same answer to whether one is unfinished. What was
// read is written and read again: the same events.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fuzz/require.hpp"
#include "http/sse.hpp"

namespace {

using smg::fuzzing::require;
using smg::http::SseEvent;
using smg::http::SseReader;

constexpr std::size_t most_bytes = 1000;

struct Read {
    std::vector<std::pair<std::string, std::string>> events;
    std::size_t before_the_end = 0;  ///< of them, those that the end of the stream did not have to bring out
    bool fits = true;
    bool at_boundary = false;
    friend bool operator==(const Read&, const Read&) = default;
};

Read read(std::string_view text, std::size_t size) {
    Read out;
    SseReader reader(most_bytes);
    const auto note = [&](const SseEvent& event) { out.events.emplace_back(event.name, event.data); };
    for (std::size_t at = 0; at < text.size() && out.fits; at += size) out.fits = reader.feed(text.substr(at, size), note);
    out.before_the_end = out.events.size();
    if (!out.fits) return out;
    out.at_boundary = reader.at_boundary();
    reader.finish(note);
    require(out.events.size() <= out.before_the_end + 1);
    require(!out.at_boundary || out.events.size() == out.before_the_end);
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const std::size_t split = 1 + data[0] % 64U;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto whole = read(text, text.size());
    require(whole == read(text, 1) && whole == read(text, split));
    std::string written;
    for (const auto& [name, event_data] : whole.events) smg::http::append_sse_event(written, name, event_data);
    SseReader again(written.size() + 1);
    std::vector<std::pair<std::string, std::string>> events;
    require(again.feed(written, [&](const SseEvent& event) { events.emplace_back(event.name, event.data); }));
    require(again.at_boundary() && events == whole.events);
    return 0;
}
