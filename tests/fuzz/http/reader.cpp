// Any bytes, read whole and read in two other splits: all three must agree, and no step may leave what it was fed.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "fuzz/require.hpp"
#include "http/message.hpp"
#include "http/sse.hpp"

namespace {

using smg::fuzzing::require;
using smg::http::MessageReader;

/// All that one way of feeding `text` in pieces of `size` bytes brings to light, messages one after another.
template <bool is_request>
std::string read_messages(std::string_view text, std::size_t size) {
    std::string seen;
    MessageReader<is_request> reader;
    const auto describe_head = [&] {
        if constexpr (is_request)
            seen += reader.head().method + " " + reader.head().target;
        else
            seen += std::to_string(reader.head().status) + " " + reader.head().reason;
        for (const auto& field : reader.head().fields) seen.append("\n").append(field.name).append(": ").append(field.value);
        seen += "\n" + std::to_string(static_cast<int>(reader.framing().kind)) + (reader.framing().keep_alive ? " keep\n" : " close\n");
    };
    while (!text.empty()) {
        auto piece = text.substr(0, size);
        text.remove_prefix(piece.size());
        while (!piece.empty()) {
            const bool had_head = reader.head_complete();
            const auto step = reader.feed(piece);
            if (!step) return seen + "\nfailed";
            require(step->consumed > 0 && step->consumed <= piece.size());
            const auto* begin = step->body.data();
            require(step->body.empty() || (begin >= piece.data() && begin + step->body.size() <= piece.data() + step->consumed));
            piece.remove_prefix(step->consumed);
            if (!had_head && reader.head_complete()) describe_head();
            seen += step->body;
            if (!reader.complete()) continue;
            seen += "\ncomplete\n";
            reader.reset();
        }
    }
    // Whether the connection may end here is part of the answer too.
    const bool started = reader.started();
    seen += started && reader.feed_end() ? "\nended" : "\nopen";
    return seen;
}

std::string read_events(std::string_view text, std::size_t size) {
    std::string seen;
    smg::http::SseReader reader(1000);
    const auto note = [&](const smg::http::SseEvent& event) { seen.append(event.name).append(1, '|').append(event.data).append(1, '\n'); };
    for (std::size_t at = 0; at < text.size(); at += size)
        if (!reader.feed(text.substr(at, size), note)) return seen + "too large";
    reader.finish(note);
    return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    // The first byte chooses the split, so that the fuzzer finds the one that matters.
    const std::size_t split = 1 + data[0] % 64U;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto requests = read_messages<true>(text, text.size());
    require(requests == read_messages<true>(text, 1) && requests == read_messages<true>(text, split));
    const auto responses = read_messages<false>(text, text.size());
    require(responses == read_messages<false>(text, 1) && responses == read_messages<false>(text, split));
    const auto events = read_events(text, text.size());
    require(events == read_events(text, 1) && events == read_events(text, split));
    return 0;
}
