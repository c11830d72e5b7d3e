#include "codec/reasoning_envelope.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace smg::codec {
namespace {

TEST(ReasoningEnvelope, IsOneWordThatHoldsEveryByte) {
    std::string bytes;
    for (int byte = 0; byte < 256; ++byte) {
        bytes += static_cast<char>(byte);
        const auto word = wrap_reasoning(Origin::openai, bytes);
        EXPECT_EQ(word.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"), std::string::npos) << word;
        const auto opened = unwrap_reasoning(word);
        ASSERT_TRUE(opened) << word;
        EXPECT_EQ(opened->origin, Origin::openai);
        EXPECT_EQ(opened->payload, bytes);
    }
    EXPECT_EQ(wrap_reasoning(Origin::gemini, "s:abc"), "smg1.gemini.czphYmM");
}

TEST(ReasoningEnvelope, NamesItsOrigin) {
    for (const auto origin : {Origin::unknown, Origin::openai, Origin::anthropic, Origin::gemini, Origin::xai}) {
        const auto opened = unwrap_reasoning(wrap_reasoning(origin, "s:x"));
        ASSERT_TRUE(opened);
        EXPECT_EQ(opened->origin, origin);
    }
}

TEST(ReasoningEnvelope, WhatIsNoneOrIsDamagedIsNotOpened) {
    for (const auto* text : {"", "smg1", "smg1.", "smg1.openai", "smg1.nobody.czp4", "smg1.openai.czp4=", "smg1.openai.c zp", "smg1.openai.A",
                             "smg2.openai.czp4", "EpAB+native/signature=="})
        EXPECT_FALSE(unwrap_reasoning(text)) << text;
    EXPECT_TRUE(is_envelope("smg1.nobody.czp4"));
    EXPECT_FALSE(is_envelope("EpAB"));
}

TEST(ReasoningEnvelope, CarriesASignatureAndItsId) {
    ReasoningPart part;
    part.origin = Origin::openai;
    part.id = "rs_1";
    part.signature = "gAAAA";
    part.text = "a summary is not in it";
    ReasoningPart back;
    open_reasoning(seal_reasoning(part), Origin::anthropic, back);
    EXPECT_EQ(back.origin, Origin::openai);
    EXPECT_EQ(back.id, "rs_1");
    EXPECT_EQ(back.signature, "gAAAA");
    EXPECT_TRUE(back.text.empty());
    EXPECT_TRUE(back.redacted.empty());
}

TEST(ReasoningEnvelope, CarriesRedactedData) {
    ReasoningPart part, back;
    part.origin = Origin::anthropic;
    part.redacted = "s:looks like a signature";
    open_reasoning(seal_reasoning(part), Origin::openai, back);
    EXPECT_EQ(back.origin, Origin::anthropic);
    EXPECT_EQ(back.redacted, part.redacted);
    EXPECT_TRUE(back.signature.empty());
}

TEST(ReasoningEnvelope, WithoutAPrefixASignatureIsTheFormatsOwn) {
    ReasoningPart part;
    open_reasoning("EpAB", Origin::anthropic, part);
    EXPECT_EQ(part.origin, Origin::anthropic);
    EXPECT_EQ(part.signature, "EpAB");
}

TEST(ReasoningEnvelope, ADamagedOneLeavesThePartUnsigned) {
    ReasoningPart part;
    open_reasoning("smg1.openai.!", Origin::anthropic, part);
    EXPECT_TRUE(part.signature.empty());
    EXPECT_TRUE(part.redacted.empty());
}

TEST(ReasoningEnvelope, NothingToSealIsNothing) {
    ReasoningPart part;
    part.text = "words alone";
    EXPECT_EQ(seal_reasoning(part), "");
}

TEST(ReasoningEnvelope, ACallsSignatureIsForTheNextCall) {
    EXPECT_EQ(open_call(seal_call("SIG")), "SIG");
    EXPECT_FALSE(open_call("SIG"));
    EXPECT_FALSE(open_call(wrap_reasoning(Origin::gemini, "s:SIG")));
    EXPECT_FALSE(open_call(wrap_reasoning(Origin::openai, "c:SIG")));
}

/// Gemini's SDKs check that a signature is base64, and one of them re-encodes it in the other alphabet.
TEST(ReasoningEnvelope, ArmourIsBase64AndComesOffAgain) {
    for (const auto origin : {Origin::openai, Origin::anthropic, Origin::xai, Origin::unknown})
        for (std::size_t length = 0; length < 12; ++length) {
            const auto word = wrap_reasoning(origin, "s:" + std::string(length, '\xFB'));
            const auto armour = armoured(word);
            EXPECT_EQ(armour.size() % 4, 0U);
            EXPECT_EQ(armour.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="), std::string::npos);
            EXPECT_EQ(unarmoured(armour), word);
            auto other = armour;
            std::replace(other.begin(), other.end(), '+', '-');
            std::replace(other.begin(), other.end(), '/', '_');
            EXPECT_EQ(unarmoured(other), word);
            EXPECT_TRUE(may_hold_envelope("{\"thoughtSignature\":\"" + armour + "\"}"));
            EXPECT_TRUE(may_hold_envelope("{\"signature\":\"" + word + "\"}"));
        }
    for (const std::string native : {"", "CiQB==", "c21nMS5!", "smg1.openai.czp4"}) EXPECT_EQ(unarmoured(native), native);
    EXPECT_FALSE(may_hold_envelope(R"({"text":"smg1 and smg1.x"})"));
}

/// A user's text may look like an envelope: it must not have a request rewritten that would pass byte for byte.
TEST(ReasoningEnvelope, CountsWhereAFormatKeepsReasoningAlone) {
    const auto word = wrap_reasoning(Origin::openai, "s:state");
    struct Case {
        const char* format;
        std::string kept;   ///< the word where it belongs
        std::string loose;  ///< the word where anybody may write
    };
    const auto messages = [](const std::string& content) { return R"({"messages":[{"role":"assistant","content":[)" + content + "]}]}"; };
    const std::vector<Case> cases = {
        {"anthropic_messages", messages(R"({"type":"thinking","thinking":"","signature":")" + word + R"("})"),
         messages(R"({"type":"tool_use","id":"t","name":"f","input":{"signature":")" + word + R"(","data":")" + word + R"("}})")},
        {"anthropic_messages", messages(R"({"type":"redacted_thinking","data":")" + word + R"("})"),
         messages(R"({"type":"text","text":")" + word + R"("})")},
        {"openai_chat", R"({"messages":[{"role":"assistant","reasoning_details":[{"type":"thinking","signature" : ")" + word + R"("}]}]})",
         R"({"messages":[{"role":"user","content":")" + word + R"("},{"role":"user","content":"{\"signature\":\")" + word + R"(\"}"}]})"},
        {"openai_responses", R"({"input":[{"type":"reasoning","encrypted_content":")" + word + R"("}]})",
         R"({"input":")" + word + R"(","metadata":{"encrypted_content":")" + word + R"("}})"},
        {"gemini", R"({"contents":{"parts":[{"thought_signature":")" + armoured(word) + R"("}]}})",
         R"({"contents":[{"parts":[{"text":")" + armoured(word) + R"("},{"functionCall":{"name":"f","args":{"thoughtSignature":")" + armoured(word) +
             R"("}}}]}]})"},
    };
    for (const auto& [format, kept, loose] : cases) {
        EXPECT_TRUE(holds_envelope(kept, format)) << kept;
        EXPECT_FALSE(holds_envelope(loose, format)) << loose;
        EXPECT_TRUE(may_hold_envelope(loose)) << loose;
        EXPECT_FALSE(holds_envelope(kept + "}", format)) << "no JSON";
        EXPECT_FALSE(holds_envelope(kept, "another"));
    }
}

}  // namespace
}  // namespace smg::codec
