/// Recorded answers of the real providers, replayed as upstream: the tokens that the gateway writes down are the recorded ones.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <set>

#include "support/books.hpp"
#include "support/request_log.hpp"
#include "support/running_gateway.hpp"
#include "support/scripted_upstream.hpp"
#include "unit/codec/recordings.hpp"

namespace smg::test {
namespace {

using codec::recordings::Endpoint;
using codec::recordings::Recording;

constexpr auto replayed_model = "replayed-model";

/// Answers whatever it is asked with the recording that is on.
class Replay {
public:
    Replay() {
        upstream_.script([this](const http::RequestHead&) {
            const std::lock_guard lock(mutex_);
            ScriptedReply reply(200, body_);
            reply.fields.add("content-type", type_);
            reply.fields.add("connection", "close");
            return reply;
        });
        loops_.start();
    }
    ~Replay() { loops_.stop(); }
    void play(const Recording& recording) {
        const std::lock_guard lock(mutex_);
        body_ = recording.response();
        type_ = recording.is_sse() ? "text/event-stream" : "application/json";
    }
    [[nodiscard]] std::string url() const { return upstream_.url(); }

private:
    std::mutex mutex_;
    std::string body_ = R"({"data":[]})";
    std::string type_ = "application/json";
    net::EventLoops loops_{1};
    ScriptedUpstream upstream_{loops_};
};

bool is_generation(const Recording& recording) {
    const std::set<std::string> known{"openai", "anthropic", "xai", "gemini"};
    const bool endpoint = recording.endpoint == Endpoint::chat || recording.endpoint == Endpoint::messages ||
                          (recording.endpoint == Endpoint::responses && recording.path.find("compact") == std::string::npos) ||
                          recording.endpoint == Endpoint::generate;
    return known.contains(recording.provider) && endpoint && recording.status == 200 && recording.path.find("/openai/") == std::string::npos;
}

class ReplayedUsage : public testing::Test {
protected:
    ReplayedUsage() {
        for (const std::string provider : {"openai", "anthropic", "xai", "gemini"})
            gateway_.add_worker({{"url", upstreams_[provider].url()},
                                 {"provider", provider},
                                 {"api_key", "key-0123456789"},
                                 {"models", {{{"id", provider + "-" + replayed_model}}}}});
    }

    /// What a provider once answered is answered once, and no worker is given up for it.
    static config::Config sent_once() {
        auto config = test_config();
        config.retry.enabled = false;
        config.breaker.enabled = false;
        return config;
    }

    /// The log line of the recording, asked for in its own format, or as a chat where `translated`.
    Json line_of(const Recording& recording, bool translated) {
        upstreams_[recording.provider].play(recording);
        const auto model = recording.provider + "-" + replayed_model;
        Json body = chat(model, "Hello", recording.streaming);
        std::string path = "/v1/chat/completions";
        if (translated || recording.endpoint == Endpoint::chat) {
            if (recording.streaming) body["stream_options"] = {{"include_usage", true}};
        } else if (recording.endpoint == Endpoint::messages) {
            path = "/v1/messages";
            body["max_tokens"] = 100;
        } else if (recording.endpoint == Endpoint::responses) {
            path = "/v1/responses";
            body.erase("messages");
            body["input"] = "Hello";
        } else {
            path = "/v1beta/models/" + model +
                   (!recording.streaming ? ":generateContent"
                    : recording.is_sse() ? ":streamGenerateContent?alt=sse"
                                         : ":streamGenerateContent");
            body = {{"contents", {{{"role", "user"}, {"parts", {{{"text", "Hello"}}}}}}}};
        }
        // With a key of the caller's own: a recorded limit would have the stored one rest.
        (void)gateway_.client().post(path, body.dump(), {{"Authorization", "Bearer key-of-the-caller"}});
        ++asked_;
        EXPECT_EQ(gateway_.metric("smg_router_requests_total", {}, asked_), asked_);
        // Scrapes are logged too.
        const auto lines = log_.lines();
        const auto last = std::find_if(lines.rbegin(), lines.rend(), [](const Json& line) { return line.contains("provider"); });
        return last == lines.rend() ? Json() : *last;
    }
    static void compare(const Recording& recording, const Json& line) {
        const auto book = book_of_answer(recording.provider, recording.response());
        if (!book.any) {
            EXPECT_FALSE(line.contains("input_tokens")) << recording.id << line;
            return;
        }
        EXPECT_EQ(line.value("input_tokens", 0ULL), book.input) << recording.id;
        EXPECT_EQ(line.value("output_tokens", 0ULL), book.output) << recording.id;
        EXPECT_EQ(line.value("cached_tokens", 0ULL), book.cached) << recording.id;
        EXPECT_EQ(line.value("cache_write_tokens", 0ULL), book.cache_write) << recording.id;
        EXPECT_EQ(line.value("reasoning_tokens", 0ULL), book.reasoning) << recording.id;
        EXPECT_EQ(static_cast<std::uint64_t>(std::llround(line.value("cost_usd", 0.0) * 1e12)), book.picodollars) << recording.id;
        EXPECT_EQ(line.value("cost_source", ""), book.picodollars > 0 ? "provider" : "unpriced") << recording.id;
    }

    RequestLog log_;
    std::map<std::string, Replay> upstreams_;
    RunningGateway gateway_{sent_once()};
    double asked_ = 0;
};

/// One recording holds two turns, one behind the other. An answer is over with its last word: what comes behind that counts if it came with it.
bool holds_one_answer(const Recording& recording) {
    constexpr std::string_view last_word = R"("type":"response.completed")";
    const auto text = recording.response();
    const auto first = text.find(last_word);
    return first == std::string::npos || text.find(last_word, first + 1) == std::string::npos;
}

TEST_F(ReplayedUsage, PassedThrough) {
    SMG_NEED_RECORDINGS();
    std::size_t replayed = 0;
    for (const auto& recording : codec::recordings::all()) {
        if (!is_generation(recording) || !holds_one_answer(recording)) continue;
        compare(recording, line_of(recording, false));
        ++replayed;
    }
    EXPECT_GT(replayed, 100U);
}

TEST_F(ReplayedUsage, Translated) {
    SMG_NEED_RECORDINGS();
    std::size_t replayed = 0;
    for (const auto& recording : codec::recordings::all()) {
        if (!is_generation(recording) || (recording.endpoint != Endpoint::messages && recording.endpoint != Endpoint::generate)) continue;
        if (recording.streaming != recording.is_sse()) continue;  // a JSON array is asked for by clients of the format alone
        compare(recording, line_of(recording, true));
        ++replayed;
    }
    EXPECT_GT(replayed, 60U);
}

}  // namespace
}  // namespace smg::test
