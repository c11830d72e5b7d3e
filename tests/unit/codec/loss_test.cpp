/// Every recording that has a format of ours, told in every other format and read back: what is no longer the same must stand in the
/// table of that pair, `loss/<from>_to_<to>.txt`, with its reason. A loss that is not there fails, and so does an entry that never occurs.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <set>

#include "http/sse.hpp"
#include "unit/codec/loss_facts.hpp"
#include "unit/codec/recordings.hpp"

namespace smg::codec {
namespace {

using recordings::Endpoint;
using recordings::Recording;

/// The formats. One line each: the recordings of its endpoint are told in all the others, and the others' in it.
struct Format {
    const Codec& codec;
    Endpoint endpoint;
    const char* model;  ///< whose API takes the most; what models lack is tested elsewhere
};
const std::vector<Format>& formats() {
    static const std::vector<Format> all{
        {openai_chat(), Endpoint::chat, "gpt-4.1"},
        {openai_responses(), Endpoint::responses, "gpt-4.1"},
        {anthropic_messages(), Endpoint::messages, "claude-opus-4-6"},
        {gemini(), Endpoint::generate, "gemini-3-pro-preview"},
    };
    return all;
}

Target target_of(const Format& format) {
    Target target;
    target.model = format.model;
    auto& can = target.capabilities;
    can.thinking = ModelCapabilities::Thinking::adaptive;
    can.efforts = {"none", "minimal", "low", "medium", "high", "xhigh", "max"};
    can.mid_conversation_system = can.native_tool_ids = can.gemini_thinking_level = true;
    can.max_output_tokens = 128000;
    return target;
}

ClientView view() {
    ClientView view;
    view.model = "a-model";
    view.request_id = "req_1";
    view.now = 1;
    view.include_usage = true;
    return view;
}

/// Entry → the recordings that it was found in.
using Losses = std::map<std::string, std::set<std::string>>;

std::filesystem::path table_path(const Format& from, const Format& to) {
    return std::filesystem::path(__FILE__).parent_path() / "loss" / (std::string(from.codec.name()) + "_to_" + std::string(to.codec.name()) + ".txt");
}

/// The entries of a table: `entry | reason`. An entry may end in `*`. Lines that begin with `#` say something about the table.
std::map<std::string, std::string> table_of(const std::filesystem::path& path) {
    std::map<std::string, std::string> out;
    std::ifstream in(path);
    for (std::string line; std::getline(in, line);) {
        if (line.empty() || line.front() == '#') continue;
        const auto bar = line.find(" | ");
        EXPECT_NE(bar, std::string::npos) << path << ": " << line;
        if (bar == std::string::npos) continue;
        EXPECT_GT(line.size(), bar + 8) << path << ": a reason is missing: " << line;
        EXPECT_TRUE(out.emplace(line.substr(0, bar), line.substr(bar + 3)).second) << path << ": twice: " << line;
    }
    return out;
}

bool covers(const std::string& entry, const std::string& loss) {
    if (!entry.ends_with('*')) return entry == loss;
    return loss.starts_with(entry.substr(0, entry.size() - 1));
}

void expect_table(const Format& from, const Format& to, const Losses& losses) {
    const auto path = table_path(from, to);
    const auto table = table_of(path);
    std::set<std::string> used;
    for (const auto& [loss, where] : losses) {
        const auto found = std::find_if(table.begin(), table.end(), [&](const auto& entry) { return covers(entry.first, loss); });
        if (found == table.end())
            ADD_FAILURE() << path.filename().string() << " lacks: " << loss << "\n  first in " << *where.begin() << ", in " << where.size();
        else
            used.insert(found->first);
    }
    for (const auto& [entry, reason] : table) EXPECT_TRUE(used.contains(entry)) << path.filename().string() << ": never occurs: " << entry;
}

/// `messages[3].content[0]` → `messages[].content[]`
std::string without_numbers(std::string field) {
    std::erase_if(field, [](unsigned char c) { return std::isdigit(c) != 0; });
    return field;
}

/// With SMG_PRINT_LOSSES, what was found is told on standard output: for writing a table.
bool is_told() { return std::getenv("SMG_PRINT_LOSSES") != nullptr; }

void note(Losses& losses, const std::set<std::string>& found, const std::string& where) {
    for (const auto& loss : found) losses[loss].insert(where);
}

void note(Losses& losses, const loss::Facts& before, const loss::Facts& after, const std::string& where) {
    const auto found = loss::differences(before, after);
    note(losses, found, where);
    if (!is_told()) return;
    const auto values = [](const loss::Facts& facts, const std::string& path) {
        std::string out;
        if (const auto at = facts.find(path); at != facts.end())
            for (const auto& value : at->second) out += value.substr(0, 2000) + " ; ";
        return out;
    };
    for (const auto& loss : found)
        if (const auto path = loss.substr(loss.find(' ') + 1); !loss.starts_with("added"))
            std::cout << "# " << where << " " << loss << "\n#   - " << values(before, path) << "\n#   + " << values(after, path) << "\n";
}

void compare_request(const Format& from, const Format& to, const Recording& recording, Losses& losses) {
    const auto before = from.codec.decode_request(recording.request());
    if (!before) {
        // What the provider refused too, and Vertex, which names the model in the path.
        if (recording.status >= 400 || recording.provider == "vertex") return;
        return note(losses, {"unread " + without_numbers(before.error().param)}, recording.id);
    }
    const auto encoded = to.codec.encode_request(*before, target_of(to));
    if (!encoded) {
        EXPECT_FALSE(encoded.error().message.empty());
        if (is_told()) std::cout << "# " << recording.id << " refused: " << encoded.error().message << "\n";
        return note(losses, {"refused " + without_numbers(encoded.error().param)}, recording.id);
    }
    const auto after = to.codec.decode_request(encoded->body);
    ASSERT_TRUE(after) << after.error().message << "\n" << encoded->body;
    note(losses, loss::facts_of(*before, "request"), loss::facts_of(*after, "request"), recording.id);
}

void compare_answer(const Format& to, const Answer& before, const std::string& where, Losses& losses) {
    const auto after = to.codec.decode_response(to.codec.encode_response(before, view()), {});
    ASSERT_TRUE(after) << after.error().message;
    note(losses, loss::facts_of(before, "answer"), loss::facts_of(*after, "answer"), where);
}

/// Generations alone: the same path also leads to stored answers.
std::vector<Recording> of(const Format& format) {
    auto all = recordings::of("", format.endpoint);
    std::erase_if(all, [](const Recording& r) { return r.endpoint == Endpoint::responses && !r.path.ends_with("/responses"); });
    return all;
}

// ---- streams

StreamEvents events_of(const Codec& codec, std::string_view bytes) {
    StreamEvents out;
    const auto decoder = codec.stream_decoder({});
    http::SseReader reader;
    const auto take = [&](const http::SseEvent& event) { decoder->on_event(event.name, event.data, out); };
    EXPECT_TRUE(reader.feed(bytes, take));
    reader.finish(take);
    decoder->on_end(out);
    return out;
}

std::string stream_of(const Codec& codec, const StreamEvents& events) {
    std::string out;
    const auto encoder = codec.stream_encoder(view());
    for (const auto& event : events) encoder->write(event, out);
    return out;
}

bool is_whole(const StreamEvents& events) { return !events.empty() && std::holds_alternative<event::Completed>(events.back()); }

/// A stream, told on as a stream and folded, says what the same answer says that was told on as one.
void compare_stream(const Format& to, const StreamEvents& events, const std::string& where, Losses& losses) {
    const auto before = loss::folded(events);
    compare_answer(to, before, where, losses);
    const auto unary = to.codec.decode_response(to.codec.encode_response(before, view()), {});
    const auto streamed = loss::folded(events_of(to.codec, stream_of(to.codec, events)));
    ASSERT_TRUE(unary);
    note(losses, loss::facts_of(*unary, "stream"), loss::facts_of(streamed, "stream"), where);
}

void compare_response(const Format& from, const Format& to, const Recording& recording, Losses& losses) {
    if (recording.status != 200) return;
    const auto body = recording.response();
    if (recording.is_sse()) {
        const auto events = events_of(from.codec, body);
        if (is_whole(events)) compare_stream(to, events, recording.id, losses);
        return;
    }
    auto before = from.codec.decode_response(body, {});
    if (before) compare_answer(to, *before, recording.id, losses);
}

class LossTest : public testing::TestWithParam<std::pair<std::size_t, std::size_t>> {};

TEST_P(LossTest, IsWhatTheTableSays) {
    SMG_NEED_RECORDINGS();
    const auto& from = formats()[GetParam().first];
    const auto& to = formats()[GetParam().second];
    Losses losses;
    for (const auto& recording : of(from)) {
        SCOPED_TRACE(recording.id + " to " + std::string(to.codec.name()));
        if (recording.has_request()) compare_request(from, to, recording, losses);
        compare_response(from, to, recording, losses);
    }
    if (is_told())
        for (const auto& [loss, where] : losses)
            std::cout << table_path(from, to).filename().string() << ": " << loss << " | " << *where.begin() << "\n";
    expect_table(from, to, losses);
}

std::vector<std::pair<std::size_t, std::size_t>> pairs() {
    std::vector<std::pair<std::size_t, std::size_t>> out;
    for (std::size_t from = 0; from < formats().size(); ++from)
        for (std::size_t to = 0; to < formats().size(); ++to)
            if (from != to) out.emplace_back(from, to);
    return out;
}

INSTANTIATE_TEST_SUITE_P(Pairs, LossTest, testing::ValuesIn(pairs()), [](const auto& pair) {
    return std::string(formats()[pair.param.first].codec.name()) + "_to_" + std::string(formats()[pair.param.second].codec.name());
});

/// The decoder sees whole events, so the same events at every split are the same answer. An event is cut at every byte together with its
/// neighbours: between two events the reader remembers nothing.
void expect_same_at_every_split(const std::string& bytes, std::string_view ending) {
    const std::string end = std::string(ending) + std::string(ending);
    std::vector<std::size_t> starts{0};
    for (auto at = bytes.find(end); at != std::string::npos; at = bytes.find(end, at + 1)) starts.push_back(at + end.size());
    const auto told = [&](std::string_view window, std::size_t split) {
        std::string out;
        http::SseReader reader;
        const auto take = [&](const http::SseEvent& event) { out.append(event.name).append("\n").append(event.data).append("\n"); };
        EXPECT_TRUE(reader.feed(window.substr(0, split), take));
        EXPECT_TRUE(reader.feed(window.substr(split), take));
        reader.finish(take);
        return out;
    };
    for (std::size_t i = 0; i + 1 < starts.size(); ++i) {
        const auto last = starts[std::min(i + 2, starts.size() - 1)];
        const auto window = std::string_view(bytes).substr(starts[i], last - starts[i]);
        const auto whole = told(window, 0);
        const auto first = starts[i + 1] - starts[i];
        for (std::size_t split = 1; split <= std::min(first, window.size()); ++split) ASSERT_EQ(told(window, split), whole) << "split " << split;
    }
}

class StreamSplits : public testing::TestWithParam<std::size_t> {};

TEST_P(StreamSplits, AndLineEndsMakeNoDifference) {
    SMG_NEED_RECORDINGS();
    const auto& format = formats()[GetParam()];
    std::size_t seen = 0;
    for (const auto& recording : of(format)) {
        if (!recording.is_sse() || recording.status != 200) continue;
        SCOPED_TRACE(recording.id);
        std::string lf = recording.response(), crlf;
        std::erase(lf, '\r');
        for (const char c : lf) crlf.append(c == '\n' ? "\r\n" : std::string(1, c));
        expect_same_at_every_split(lf, "\n");
        expect_same_at_every_split(crlf, "\r\n");
        const auto whole = stream_of(format.codec, events_of(format.codec, lf));
        EXPECT_EQ(stream_of(format.codec, events_of(format.codec, crlf)), whole);
        ++seen;
    }
    EXPECT_GT(seen, 3U);
}

INSTANTIATE_TEST_SUITE_P(Formats, StreamSplits, testing::Range<std::size_t>(0, formats().size()),
                         [](const auto& format) { return std::string(formats()[format.param].codec.name()); });

}  // namespace
}  // namespace smg::codec
