#include "gateway/foreign_reasoning.hpp"

#include <gtest/gtest.h>

#include "codec/reasoning_envelope.hpp"
#include "providers/catalog.hpp"

namespace smg::gateway {
namespace {

using providers::ApiFormat;

std::string sealed(codec::Origin origin, std::string_view payload = "s:ENC==") { return codec::wrap_reasoning(origin, payload); }

std::string cut(ApiFormat format, const std::string& body, const std::string& provider = "openai", const std::string& model = "gpt-4o") {
    const auto found = providers::Catalog::built_in()->find(provider);
    EXPECT_TRUE(found) << provider;
    const Reader reader{*found, model};
    if (!codec::may_hold_envelope(body) && !may_hold_foreign_signature(format, body, reader)) return body;
    const auto scan = scan_request(body);
    EXPECT_TRUE(scan);
    return apply_splices(body, cut_foreign_reasoning(format, *scan, body, reader));
}

std::string chat(const std::string& message) { return R"({ "model":"gpt-4o","x":1e-3,"messages":[)" + message + R"(, {"role":"user"}] })"; }

TEST(ForeignReasoning, IsCutOutOfChatAndNothingElseIsTouched) {
    const auto detail = R"({"type":"thinking","text":"hm","signature":")" + sealed(codec::Origin::anthropic) + R"("})";
    const auto hidden = R"({"type":"redacted","data":")" + sealed(codec::Origin::openai, "r:x") + R"("})";
    const std::string theirs = R"({"type":"reasoning.text","text":"b"})";
    const auto of = [&](const std::string& message) { return cut(ApiFormat::openai_chat, chat(message)); };
    EXPECT_EQ(of(R"({"role":"assistant", "reasoning_content":"hm","content":"b","reasoning_details":[)" + detail + "," + hidden + R"(], "z":0.70})"),
              chat(R"({"role":"assistant","content":"b", "z":0.70})"));
    EXPECT_EQ(of(R"({"reasoning_details":[)" + detail + R"(],"reasoning_content":"hm","role":"assistant","content":"b"})"),
              chat(R"({"role":"assistant","content":"b"})"));
    EXPECT_EQ(of(R"({"role":"assistant","content":"b","reasoning_details":[)" + theirs + " , " + detail + "]}"),
              chat(R"({"role":"assistant","content":"b","reasoning_details":[)" + theirs + "]}"));
    EXPECT_EQ(of(R"({"role":"assistant","content":"b","reasoning_details":[)" + detail + ", " + theirs + "]}"),
              chat(R"({"role":"assistant","content":"b","reasoning_details":[)" + theirs + "]}"));
}

TEST(ForeignReasoning, GeminisSignaturesGoToGeminiModelsAlone) {
    const std::string signature = R"("extra_content":{"google":{"thought_signature":"SIG"}})";
    const auto body = chat(R"({"role":"assistant","content":"b",)" + signature + R"(,"tool_calls":[{"id":"a",)" + signature +
                           R"(,"type":"function"},{"id":"b","extra_content":{"google":{"thought_signature":"S","k":1},"y":2}},
                           {"extra_content":{"google":{"thought_signature":"S"},"y":2},"id":"c"}]})");
    const auto plain = chat(R"({"role":"assistant","content":"b","tool_calls":[{"id":"a","type":"function"},)"
                            R"({"id":"b","extra_content":{"google":{"k":1},"y":2}},
                           {"extra_content":{"y":2},"id":"c"}]})");
    EXPECT_EQ(cut(ApiFormat::openai_chat, body), plain);
    EXPECT_EQ(cut(ApiFormat::openai_chat, body, "xai", "grok-4"), plain);
    EXPECT_EQ(cut(ApiFormat::openai_chat, body, "openai-compatible", "qwen3"), plain);
    EXPECT_EQ(cut(ApiFormat::openai_chat, body, "openai-compatible", "google/Gemini-3-pro"), body);
    const auto told = chat(R"({"role":"user","content":"what is thought_signature?"})");
    EXPECT_EQ(cut(ApiFormat::openai_chat, told), told);
}

TEST(ForeignReasoning, OfAResponsesInputGoesWithItsItemOrIsOpenedForItsProvider) {
    const auto item = [](const std::string& state) { return R"({"type":"reasoning","summary":[], "encrypted_content":")" + state + R"("})"; };
    const std::string message = R"({"role":"user","content":"c"})";
    const auto body = [&](const std::string& items) { return R"({"model":"gpt-5.4","prompt":{"id":"p"},"input":[)" + items + "]}"; };
    const auto of = [&](const std::string& items) { return cut(ApiFormat::openai_responses, body(items)); };
    const auto foreign = item(sealed(codec::Origin::anthropic)), call = item(codec::seal_call("SIG"));
    EXPECT_EQ(of(foreign + ", " + message + "," + call), body(message));
    EXPECT_EQ(of(item("NATIVE") + "," + foreign + "," + message), body(item("NATIVE") + "," + message));
    EXPECT_EQ(of(item(sealed(codec::Origin::openai)) + "," + message), body(item("ENC==") + "," + message));
    EXPECT_EQ(of(item(sealed(codec::Origin::openai, "?")) + "," + message), body(message)) << "damaged";
    const auto text = R"({"model":"gpt-5.4","input":"about \"smg1.x"})";
    EXPECT_EQ(cut(ApiFormat::openai_responses, text), text);
}

}  // namespace
}  // namespace smg::gateway
