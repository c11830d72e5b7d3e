/// Every client format to every provider, whole and streamed, to each kind of end. What is in the answers is the codecs' tests' business.
#include <gtest/gtest.h>

#include "support/running_gateway.hpp"

namespace smg::test {
namespace {

enum class Format { openai, responses, anthropic, gemini };

struct Pair {
    Format client;
    std::string provider;
};

class Conversions : public testing::TestWithParam<Pair> {
protected:
    Conversions() {
        const std::map<std::string, std::string> keys = {
            {"openai", "sk-proj-stored"}, {"anthropic", "sk-ant-api03-stored"}, {"xai", "xai-stored"}, {"gemini", "AIza-stored-0123456789"}};
        const auto& provider = GetParam().provider;
        gateway.add_worker({{"url", providers[provider].url()}, {"provider", provider}, {"api_key", keys.at(provider)}});
    }
    static std::string model() {
        if (GetParam().provider == "anthropic") return "claude-sonnet-4-5";
        if (GetParam().provider == "gemini") return "gemini-2.5-flash";
        return GetParam().provider == "xai" ? "grok-3" : "gpt-4o";
    }
    Answer ask(const std::string& text, bool stream) {
        auto body = chat(model(), text, stream);
        std::string path = "/v1/chat/completions";
        if (GetParam().client == Format::anthropic) {
            path = "/v1/messages";
            body["max_tokens"] = 200;
        } else if (GetParam().client == Format::responses) {
            path = "/v1/responses";
            body = {{"model", model()}, {"input", text}, {"stream", stream}};
        } else if (GetParam().client == Format::gemini) {
            path = "/v1beta/models/" + model() + (stream ? ":streamGenerateContent?alt=sse" : ":generateContent");
            body = {{"contents", {{{"role", "user"}, {"parts", {{{"text", text}}}}}}}};
        }
        auto client = gateway.client();
        client.send_request("POST", path, body.dump());
        auto answer = client.read();
        broken = client.broken();
        return answer;
    }
    /// Client and provider speak the same format: the provider's own head passes.
    static bool passes() {
        const auto& [client, provider] = GetParam();
        if (provider == "anthropic" || provider == "gemini") return client == (provider == "gemini" ? Format::gemini : Format::anthropic);
        return client == Format::openai || client == Format::responses;
    }
    /// The data of each event, in order.
    static std::vector<std::string> data_of(const std::string& stream) {
        std::vector<std::string> all;
        for (std::size_t at = 0; at < stream.size();) {
            const auto end = std::min(stream.find('\n', at), stream.size());
            auto line = stream.substr(at, end - at);
            if (line.ends_with('\r')) line.pop_back();
            if (line.starts_with("data: ")) all.push_back(line.substr(6));
            at = end + 1;
        }
        return all;
    }
    static std::string text_in(const Json& body) {
        const auto joined = [](const Json& parts) {
            std::string text;
            for (const auto& part : parts) text += part.value("text", "");
            return text;
        };
        switch (GetParam().client) {
            case Format::openai: return body.at("choices").at(0).at("message").at("content");
            case Format::anthropic: return joined(body.at("content"));
            case Format::responses: {
                std::string text;
                for (const auto& item : body.at("output"))
                    if (item.at("type") == "message") text += joined(item.at("content"));
                return text;
            }
            case Format::gemini: return joined(body.at("candidates").at(0).at("content").at("parts"));
        }
        return {};
    }
    static std::string text_in_event(const Json& body) {
        switch (GetParam().client) {
            case Format::openai:
                if (body.at("choices").empty()) return {};
                return body["choices"][0]["delta"].contains("content") && body["choices"][0]["delta"]["content"].is_string()
                           ? body["choices"][0]["delta"]["content"].get<std::string>()
                           : std::string();
            case Format::anthropic: return body.contains("delta") ? body["delta"].value("text", "") : std::string();
            case Format::responses: return body.value("type", "") == "response.output_text.delta" ? body.value("delta", "") : std::string();
            case Format::gemini:
                if (!body.contains("candidates") || !body["candidates"][0].contains("content")) return {};
                return body["candidates"][0]["content"].contains("parts") ? text_in(body) : std::string();
        }
        return {};
    }
    /// Whether the stream claims to have come to its end.
    static bool claims_completion(const std::vector<std::string>& events) {
        for (const auto& event : events) {
            if (event == "[DONE]" || event.find("\"message_stop\"") != std::string::npos) return true;
            if (event.find(R"("type":"response.completed")") != std::string::npos) return true;
            if (GetParam().client == Format::gemini && event.find("\"finishReason\":\"") != std::string::npos) return true;
        }
        return false;
    }
    Providers providers;
    RunningGateway gateway;
    bool broken = false;
};

TEST_P(Conversions, Unary) {
    const auto answer = ask("Hello there", false);
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_NE(text_in(Json::parse(answer.body)).find("You said: Hello there"), std::string::npos) << answer.body;
}

TEST_P(Conversions, Streamed) {
    const auto answer = ask("Hello there", true);
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_TRUE(answer.field("content-type").starts_with("text/event-stream"));
    if (!passes()) {
        EXPECT_EQ(answer.field("content-type"), "text/event-stream; charset=utf-8");
        EXPECT_EQ(answer.field("x-accel-buffering"), "no");
        EXPECT_EQ(answer.field("cache-control"), "no-cache");
    }
    const auto events = data_of(answer.body);
    std::string text;
    for (const auto& event : events)
        if (event != "[DONE]") text += text_in_event(Json::parse(event));
    EXPECT_NE(text.find("You said: Hello there"), std::string::npos) << answer.body;
    EXPECT_TRUE(claims_completion(events)) << answer.body;
    EXPECT_FALSE(broken);
}

TEST_P(Conversions, AStreamThatBreaksOffNeverClaimsToBeWhole) {
    for (const std::string steering : {"cut", "error-event"}) {
        const auto answer = ask("simulate:" + steering, true);
        ASSERT_EQ(answer.status, 200) << answer.body;
        const auto events = data_of(answer.body);
        EXPECT_FALSE(claims_completion(events)) << steering << ": " << answer.body;
        ASSERT_FALSE(events.empty());
        const auto last = Json::parse(events.back());
        EXPECT_TRUE(last.contains("error") || last.value("type", "") == "response.failed") << steering << ": " << answer.body;
        EXPECT_FALSE(broken) << "an error event, then a proper last chunk";
    }
}

TEST_P(Conversions, AUnaryAnswerThatBreaksOffIsAnErrorOrABrokenConnection) {
    const auto answer = ask("simulate:cut", false);
    if (answer.status == 200) {
        EXPECT_TRUE(broken) << "a sized body that passes can only be cut";
    } else {
        EXPECT_EQ(answer.status, 502);
        EXPECT_EQ(answer.field("x-smg-error-code"), "upstream_error");
    }
}

TEST_P(Conversions, ManyTokensArriveInOrderAndWhole) {
    const auto answer = ask("simulate:tokens=150 simulate:chunks=100", true);
    std::string text;
    for (const auto& event : data_of(answer.body))
        if (event != "[DONE]") text += text_in_event(Json::parse(event));
    std::string expected;
    for (int n = 0; n < 150; ++n) expected += std::vector<std::string>{"one ", "two ", "six ", "ten "}[static_cast<std::size_t>(n) % 4];
    EXPECT_EQ(text, expected);
}

std::vector<Pair> all_pairs() {
    std::vector<Pair> all;
    for (const auto client : {Format::openai, Format::responses, Format::anthropic, Format::gemini})
        for (const auto* provider : {"openai", "anthropic", "xai", "gemini"}) all.push_back({client, provider});
    return all;
}

std::string name_of(Format format) {
    switch (format) {
        case Format::openai: return "OpenAi";
        case Format::responses: return "Responses";
        case Format::anthropic: return "Anthropic";
        case Format::gemini: return "Gemini";
    }
    return {};
}

INSTANTIATE_TEST_SUITE_P(Each, Conversions, testing::ValuesIn(all_pairs()),
                         [](const auto& test) { return name_of(test.param.client) + "To_" + test.param.provider; });

}  // namespace
}  // namespace smg::test
