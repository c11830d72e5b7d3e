#include "unit/codec/recordings.hpp"
#include "unit/simulator/gemini_calls.hpp"

namespace smg::simulator {
namespace {

namespace recordings = codec::recordings;

/// The simulated model nearest to a recorded one.
std::string stand_in_for(const std::string& path) {
    if (path.find("embedding") != std::string::npos) return "gemini-embedding-001";
    if (path.find("gemini-2.0") != std::string::npos || path.find("gemini-1.5") != std::string::npos) return "gemini-2.0-flash";
    if (path.find("gemini-2.5-pro") != std::string::npos) return "gemini-2.5-pro";
    return path.find("gemini-2.5") != std::string::npos ? "gemini-2.5-flash" : "gemini-3-flash-preview";
}

/// Recorded signatures are the real provider's: in their place stands what it accepts from clients that lost theirs.
void replace_signatures(OrderedJson& value, const std::string& model) {
    if (value.is_object() && value.contains("thoughtSignature")) value["thoughtSignature"] = "skip_thought_signature_validator";
    if (value.is_structured())
        for (auto& each : value) replace_signatures(each, model);
    if (value.is_object() && value.contains("model")) value["model"] = "models/" + model;
}

TEST(GeminiRecordings, WhatTheProviderAcceptedIsAccepted) {
    SMG_NEED_RECORDINGS();
    std::size_t judged = 0;
    for (const auto& recording : recordings::all()) {
        const auto verb = recording.path.rfind(':');
        if (recording.provider != "gemini" || recording.status != 200 || verb == std::string::npos) continue;
        if (!recording.has_request()) continue;
        auto body = OrderedJson::parse(recording.request());
        replace_signatures(body, stand_in_for(recording.path));
        const auto answer = Gemini().post("/v1beta/models/" + stand_in_for(recording.path) + recording.path.substr(verb), body);
        EXPECT_EQ(answer.status, 200) << recording.id << ": " << answer.body.dump();
        ++judged;
    }
    EXPECT_GT(judged, 30U);
}

}  // namespace
}  // namespace smg::simulator
