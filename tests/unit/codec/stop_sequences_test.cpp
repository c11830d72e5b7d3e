#include "codec/stop_sequences.hpp"

#include <gmock/gmock.h>

#include "unit/codec/edge_case_testing.hpp"

namespace smg::codec {
namespace {

using namespace edge_testing;
using testing::ElementsAre;
using testing::IsEmpty;

using Strings = std::vector<std::string>;

/// The obvious reading, to judge by: the sequence that ends first, of two that end together the longer.
std::string cut_plainly(const std::string& text, const Strings& sequences) {
    std::size_t first_end = std::string::npos, begin = text.size();
    for (const auto& sequence : sequences) {
        const auto at = text.find(sequence);
        if (at == std::string::npos || sequence.empty()) continue;
        const auto end = at + sequence.size();
        if (end < first_end || (end == first_end && at < begin)) first_end = end, begin = at;
    }
    return text.substr(0, begin);
}

StreamEvents text_events(const Strings& pieces) {
    StreamEvents events{event::Started{}, event::BlockStarted{0, 0, TextPart{}}};
    for (const auto& piece : pieces) events.emplace_back(event::TextDelta{0, 0, piece});
    events.emplace_back(event::BlockFinished{0, 0});
    events.emplace_back(event::ChoiceFinished{0, StopReason::stop, "stop", "", ""});
    events.emplace_back(event::Completed{});
    return events;
}

StreamEvents scanned(const StreamEvents& events, const Strings& sequences, std::size_t answers = 1) {
    StopScanner scanner(sequences, answers);
    StreamEvents out;
    for (const auto& each : events) scanner.pass({each}, out);
    return out;
}

std::string text_in(const StreamEvents& events, std::int64_t choice = 0) {
    std::string text;
    for (const auto& each : events)
        if (const auto* delta = std::get_if<event::TextDelta>(&each); delta && delta->choice == choice) text += delta->text;
    return text;
}

const event::ChoiceFinished& finish_in(const StreamEvents& events, std::int64_t choice = 0) {
    for (const auto& each : events)
        if (const auto* finished = std::get_if<event::ChoiceFinished>(&each); finished && finished->choice == choice) return *finished;
    throw std::runtime_error("no end");
}

Answer answer_of(const std::string& text) {
    Answer answer;
    answer.choices.emplace_back();
    answer.choices.front().parts.emplace_back(TextPart{text, {}, {}, {}, false, {}});
    answer.choices.front().stop_reason = StopReason::stop;
    return answer;
}

TEST(StopSequences, OfEverySmallTextAtEverySplit) {
    const std::vector<Strings> sets = {{"aab"}, {"ab", "b"}, {"aba", "ba"}, {"abab", "bb"}, {"a"}, {"aa", "aaa"}};
    for (const auto& sequences : sets)
        for (unsigned bits = 0; bits < 256; ++bits) {
            std::string text;
            for (int i = 0; i < 8; ++i) text += (bits >> i) & 1U ? 'a' : 'b';
            const auto expected = cut_plainly(text, sequences);
            auto answer = answer_of(text);
            end_at_stop_sequence(answer, sequences);
            const auto& parts = answer.choices.front().parts;
            ASSERT_EQ(parts.empty() ? "" : std::get<TextPart>(parts.front()).text, expected) << text;
            for (std::size_t cut = 0; cut <= text.size(); ++cut) {
                const auto events = scanned(text_events({text.substr(0, cut), text.substr(cut)}), sequences);
                ASSERT_EQ(text_in(events), expected) << text << " at " << cut;
                ASSERT_EQ(finish_in(events).reason, expected == text ? StopReason::stop : StopReason::stop_sequence);
                ASSERT_EQ(finish_in(events).stop_sequence, answer.choices.front().stop_sequence);
            }
        }
}

TEST(StopSequences, AStreamHoldsBackNoMoreThanWhatMayBecomeOne) {
    StopScanner scanner({"END", "\n\n"}, 1);
    const auto told = [&](const std::string& piece) {
        StreamEvents out;
        scanner.pass({event::TextDelta{0, 0, piece}}, out);
        return text_in(out);
    };
    EXPECT_EQ(told("one E"), "one ");
    EXPECT_EQ(told("N"), "");
    EXPECT_EQ(told("Eglish\n"), "ENEglish");
    EXPECT_EQ(told("x"), "\nx");
    EXPECT_FALSE(scanner.over());
    EXPECT_EQ(told("y\n\nz"), "y");
    EXPECT_TRUE(scanner.over());
    EXPECT_EQ(told("more"), "");
}

TEST(StopSequences, AStreamEndsWithItsBlockClosedAndTheSequenceNamed) {
    const auto events = scanned(text_events({"Hi EN", "D there"}), {"END"});
    ASSERT_EQ(events.size(), 6U);
    EXPECT_EQ(std::get<event::TextDelta>(events[2]).text, "Hi ");
    EXPECT_TRUE(std::holds_alternative<event::BlockFinished>(events[3]));
    EXPECT_EQ(finish_in(events).stop_sequence, "END");
    EXPECT_TRUE(std::holds_alternative<event::Completed>(events[5]));
}

TEST(StopSequences, WhatIsHeldBackIsToldWhereTheTextEndsWithoutOne) {
    EXPECT_EQ(text_in(scanned(text_events({"half an EN"}), {"END"})), "half an EN");
    StopScanner scanner({"END"}, 1);
    StreamEvents out;
    scanner.pass({event::TextDelta{0, 0, "half an EN"}, event::Failed{}}, out);
    ASSERT_EQ(out.size(), 3U);
    EXPECT_EQ(std::get<event::TextDelta>(out[1]).text, "EN");
    EXPECT_TRUE(std::holds_alternative<event::Failed>(out[2])) << "the words come before the error";
}

TEST(StopSequences, ReasoningArgumentsAndRefusalsAreNotRead) {
    ToolCallPart call;
    call.name = "END";
    const StreamEvents events{event::BlockStarted{0, 0, ReasoningPart{}}, event::ReasoningDelta{0, 0, "END"},  event::BlockFinished{0, 0},
                              event::BlockStarted{0, 1, TextPart{}},      event::RefusalDelta{0, 1, "END"},    event::BlockFinished{0, 1},
                              event::BlockStarted{0, 2, call},            event::ArgumentsDelta{0, 2, "\"END"}, event::BlockFinished{0, 2}};
    EXPECT_EQ(scanned(events, {"END"}).size(), events.size());
    auto answer = answer_of("Hi END");
    auto& parts = answer.choices.front().parts;
    parts.insert(parts.begin(), ReasoningPart{"END", {}, {}, {}, Origin::openai, {}});
    parts.push_back(call);
    end_at_stop_sequence(answer, {"END"});
    ASSERT_EQ(parts.size(), 2U) << "the call would have come after the sequence";
    EXPECT_EQ(std::get<ReasoningPart>(parts[0]).text, "END");
    EXPECT_EQ(std::get<TextPart>(parts[1]).text, "Hi ");
}

TEST(StopSequences, ASequenceDoesNotReachAcrossACall) {
    const StreamEvents events{event::BlockStarted{0, 0, TextPart{}}, event::TextDelta{0, 0, "E"},  event::BlockFinished{0, 0},
                              event::BlockStarted{0, 1, ToolCallPart{}}, event::BlockFinished{0, 1}, event::BlockStarted{0, 2, TextPart{}},
                              event::TextDelta{0, 2, "ND"},          event::BlockFinished{0, 2}};
    EXPECT_EQ(text_in(scanned(events, {"END"})), "END");
}

TEST(StopSequences, EachOfSeveralAnswersEndsByItself) {
    StopScanner scanner({"END"}, 2);
    StreamEvents out;
    scanner.pass({event::TextDelta{0, 0, "aEND"}, event::TextDelta{1, 0, "b"}, event::TextDelta{0, 0, "more"}}, out);
    EXPECT_FALSE(scanner.over());
    EXPECT_EQ(text_in(out, 0), "a");
    scanner.pass({event::TextDelta{1, 0, "cEND"}}, out);
    EXPECT_TRUE(scanner.over());
    EXPECT_EQ(text_in(out, 1), "bc");
    EXPECT_TRUE(std::holds_alternative<event::Completed>(out.back()));
}

/// What each target's API takes is told to it; the rest is left to the gateway, and nothing was adjusted.
TEST(StopSequences, AreSharedBetweenProviderAndGateway) {
    const auto sent = [](const Codec& to, const Target& aim, const std::string& stop) {
        auto conversation = openai_chat().decode_request(R"({"model":"m","messages":[{"role":"user","content":"x"}],"stop":)" + stop + "}");
        auto strict = aim;
        strict.strict = true;
        if (to.name() == "openai_chat") conversation->format = "anthropic_messages";  // whose client is no Chat client
        auto encoded = to.encode_request(*conversation, strict);
        EXPECT_TRUE(encoded) << encoded.error().message;
        return std::pair(Json::parse(encoded->body), encoded->memo.stop);
    };
    const std::string six = R"(["1","2","","3","4","5","6"])";
    EXPECT_THAT(sent(openai_chat(), target("gpt-4o"), six).second, ElementsAre("5", "6"));
    EXPECT_EQ(sent(openai_chat(), target("gpt-4o"), six).first["stop"], Json::parse(R"(["1","2","3","4"])"));
    EXPECT_THAT(sent(gemini(), target(), six).second, ElementsAre("6"));
    EXPECT_EQ(sent(gemini(), target(), six).first["generationConfig"]["stopSequences"].size(), 5U);
    for (const auto* model : {"o3", "gpt-5", "gpt-5.6-mini"}) {
        EXPECT_THAT(sent(openai_chat(), target(model), R"(["1"])").second, ElementsAre("1")) << model;
        EXPECT_FALSE(sent(openai_chat(), target(model), R"(["1"])").first.contains("stop")) << model;
    }
    auto refusing = target("grok-4");
    refusing.capabilities.stop_sequences = false;
    EXPECT_THAT(sent(openai_chat(), refusing, R"(["1"])").second, ElementsAre("1"));
    EXPECT_THAT(sent(openai_responses(), target("gpt-5.6"), R"("1")").second, ElementsAre("1"));
    EXPECT_THAT(sent(anthropic_messages(), target(), R"(["\n","END"," "])").second, ElementsAre("\n", " "));
    EXPECT_EQ(sent(anthropic_messages(), target(), R"(["\n","END"])").first["stop_sequences"], Json::parse(R"(["END"])"));
    EXPECT_THAT(sent(anthropic_messages(), target(), R"(["END"])").second, IsEmpty());
}

TEST(StopSequences, ClientsAreToldInTheirOwnWords) {
    auto answer = answer_of("Hi END");
    end_at_stop_sequence(answer, {"END"});
    const auto message = Json::parse(anthropic_messages().encode_response(answer, view()));
    EXPECT_EQ(message["stop_reason"], "stop_sequence");
    EXPECT_EQ(message["stop_sequence"], "END");
    EXPECT_EQ(Json::parse(openai_chat().encode_response(answer, view()))["choices"][0]["finish_reason"], "stop");
    EXPECT_EQ(Json::parse(gemini().encode_response(answer, view()))["candidates"][0]["finishReason"], "STOP");
    const auto events = datas(stream_of(anthropic_messages(), scanned(text_events({"Hi END"}), {"END"})));
    const auto& delta = events.at(events.size() - 2);
    EXPECT_EQ(delta["delta"]["stop_reason"], "stop_sequence");
    EXPECT_EQ(delta["delta"]["stop_sequence"], "END");
    EXPECT_EQ(events.back()["type"], "message_stop");
}

}  // namespace
}  // namespace smg::codec
