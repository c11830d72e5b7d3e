#pragma once
/// Recorded provider traffic for the codecs' tests, read from the folder that the environment variable SMG_RECORDINGS names:
/// `index.json` lists the recordings, `<id>.request.json`, `<id>.response.json` or `<id>.response.sse` and `<id>.meta.json` hold them.
/// Without the variable a test reports itself skipped: begin it with `SMG_NEED_RECORDINGS();`.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace smg::codec::recordings {

enum class Endpoint {
    chat,          ///< `…/chat/completions`, also Gemini's compatible one
    responses,     ///< `/v1/responses` and below
    messages,      ///< `/v1/messages`, Anthropic's own and Vertex's `:rawPredict`
    count_tokens,  ///< Anthropic's and Gemini's
    generate,      ///< Gemini `:generateContent` and `:streamGenerateContent`
    embeddings,
    other,
};

/// One exchange. Texts are read when asked for; an exchange without a request or response answers with an empty text.
struct Recording {
    std::string id;        ///< `openai/chat-basic-1`; names the recording in a failure message
    std::string provider;  ///< the folder: openai, xai, openai-compat, anthropic, gemini, vertex
    std::string path;      ///< the endpoint's path and query
    Endpoint endpoint = Endpoint::other;
    int status = 0;
    bool streaming = false;  ///< asked for as a stream (Gemini without `alt=sse` answers one with a JSON array, `is_sse()` is false)
    std::vector<std::string> features;
    std::string provenance;
    std::filesystem::path stem;  ///< the path of its files without `.request.json` and so on

    [[nodiscard]] std::string request() const { return slurp(".request.json"); }
    [[nodiscard]] std::string response() const { return slurp(is_sse() ? ".response.sse" : ".response.json"); }
    [[nodiscard]] std::string meta() const { return slurp(".meta.json"); }
    [[nodiscard]] bool has_request() const { return exists(".request.json"); }
    [[nodiscard]] bool is_sse() const { return exists(".response.sse"); }
    [[nodiscard]] bool has_feature(std::string_view feature) const { return std::find(features.begin(), features.end(), feature) != features.end(); }

private:
    [[nodiscard]] std::filesystem::path file(std::string_view ending) const { return stem.string() + std::string(ending); }
    [[nodiscard]] bool exists(std::string_view ending) const { return std::filesystem::exists(file(ending)); }
    [[nodiscard]] std::string slurp(std::string_view ending) const {
        std::ifstream in(file(ending), std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
};

/// Whether SMG_RECORDINGS is set.
[[nodiscard]] inline bool available() {
    const char* folder = std::getenv("SMG_RECORDINGS");
    return folder && *folder;
}

[[nodiscard]] inline Endpoint endpoint_of(std::string_view path) {
    const auto holds = [&](std::string_view word) { return path.find(word) != std::string_view::npos; };
    if (holds("count_tokens") || holds("countTokens")) return Endpoint::count_tokens;
    if (holds("/chat/completions")) return Endpoint::chat;
    if (holds("/responses")) return Endpoint::responses;
    if (holds("/messages") || holds("awPredict")) return Endpoint::messages;
    if (holds("enerateContent")) return Endpoint::generate;
    if (holds("embed")) return Endpoint::embeddings;
    return Endpoint::other;
}

/// Every recording, in the order of the index. Throws when the variable names a folder without a readable index.
[[nodiscard]] inline const std::vector<Recording>& all() {
    static const std::vector<Recording> list = [] {
        std::vector<Recording> found;
        if (!available()) return found;
        const std::filesystem::path root = std::getenv("SMG_RECORDINGS");
        std::ifstream in(root / "index.json");
        if (!in) throw std::runtime_error("SMG_RECORDINGS: no index.json in " + root.string());
        for (const auto& entry : nlohmann::json::parse(in)) {
            Recording recording;
            recording.id = entry.at("id").get<std::string>();
            recording.provider = recording.id.substr(0, recording.id.find('/'));
            recording.path = entry.at("endpoint").get<std::string>();
            recording.endpoint = endpoint_of(recording.path);
            recording.status = entry.at("status").get<int>();
            recording.streaming = entry.at("streaming").get<bool>();
            recording.features = entry.at("features").get<std::vector<std::string>>();
            recording.provenance = entry.at("provenance").get<std::string>();
            recording.stem = root / recording.id;
            found.push_back(std::move(recording));
        }
        return found;
    }();
    return list;
}

/// Those of one provider folder (empty: of all) and one endpoint kind.
[[nodiscard]] inline std::vector<Recording> of(std::string_view provider, Endpoint endpoint) {
    std::vector<Recording> found;
    for (const auto& recording : all())
        if ((provider.empty() || recording.provider == provider) && recording.endpoint == endpoint) found.push_back(recording);
    return found;
}

}  // namespace smg::codec::recordings

/// Ends the test as skipped when there are no recordings to read.
#define SMG_NEED_RECORDINGS() \
    if (!::smg::codec::recordings::available()) GTEST_SKIP() << "SMG_RECORDINGS is not set"
