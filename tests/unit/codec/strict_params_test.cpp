/// `X-SMG-Strict-Params`, whichever format the client and the provider speak.
#include "unit/codec/edge_case_testing.hpp"

namespace smg::codec {
namespace {

TEST(StrictParams, WhatAsksForNothingIsNoLoss) {
    struct Asked {
        const Codec& client;
        std::string body;
    };
    const std::vector<Asked> all = {
        {gemini(), R"({"systemInstruction":{"role":"user","parts":[{"text":"s"}]},"contents":[{"role":"user","parts":[{"text":"x"}]}],"labels":{},
            "safetySettings":[]})"},
        {anthropic_messages(), R"({"model":"m","max_tokens":16,"messages":[{"role":"user","content":"x"}],"stop_sequences":[],"metadata":{},
            "mcp_servers":[ ],"context_management":null})"},
        {openai_chat(), R"({"model":"m","messages":[{"role":"user","content":"x"}],"logit_bias":{},"metadata":{},"stop":[],"tools":[]})"},
        {openai_responses(), R"({"model":"m","input":"x","metadata":{ },"context_management":[],"include":[]})"}};
    for (const auto& [client, body] : all)
        for (const auto* provider : {&openai_chat(), &openai_responses(), &anthropic_messages(), &gemini()}) {
            if (provider == &client) continue;
            const auto conversation = client.decode_request(body);
            ASSERT_TRUE(conversation) << body << conversation.error().message;
            auto to = edge_testing::target();
            to.strict = true;
            const auto encoded = provider->encode_request(*conversation, to);
            EXPECT_TRUE(encoded) << client.name() << " to " << provider->name() << ": " << encoded.error().message;
        }
}

}  // namespace
}  // namespace smg::codec
