#include "simulator/models.hpp"

namespace smg::simulator {
namespace {

using Words = std::vector<std::string>;
const Words three{"low", "medium", "high"};

Model openai_model(std::string id, std::string snapshot, std::int64_t created, std::uint64_t context, std::uint64_t output) {
    Model model;
    model.id = std::move(id);
    model.snapshot = std::move(snapshot);
    model.created = created;
    model.context = context;
    model.output = output;
    return model;
}

Model openai_reasoner(std::string id, std::string snapshot, std::int64_t created, Words efforts) {
    auto model = openai_model(std::move(id), std::move(snapshot), created, 400'000, 128'000);
    model.reasons = model.always_reasons = model.fixed_sampling = true;
    model.efforts = std::move(efforts);
    return model;
}

/// Since 5.1 they do not reason unless they are told to; 5.6 does again.
Model quiet_reasoner(std::string id, std::string snapshot, std::int64_t created, Words efforts) {
    auto model = openai_reasoner(std::move(id), std::move(snapshot), created, std::move(efforts));
    model.default_effort = "none";
    return model;
}

/// From 5.4 on function tools belong to the Responses API.
Model responses_reasoner(std::string id, std::string snapshot, std::int64_t created, const std::string& default_effort) {
    auto model = openai_reasoner(std::move(id), std::move(snapshot), created, {"none", "low", "medium", "high", "xhigh"});
    model.context = 1'050'000;
    model.default_effort = default_effort;
    model.chat_tools = false;
    model.phases = true;
    return model;
}

Model openai_specialist(std::string id, std::int64_t created, std::string task) {
    auto model = openai_model(std::move(id), {}, created, 32'768, 0);
    model.only = std::move(task);
    return model;
}

Model openai_embedder(std::string id, std::int64_t created) {
    auto model = openai_model(std::move(id), {}, created, 8'192, 0);
    model.embeds = true;
    return model;
}

std::vector<Model> openai_models() {
    return {
        openai_model("gpt-4o", "gpt-4o-2024-08-06", 1715367049, 128'000, 16'384),
        openai_model("gpt-4o-mini", "gpt-4o-mini-2024-07-18", 1721172741, 128'000, 16'384),
        openai_model("gpt-4.1", "gpt-4.1-2025-04-14", 1744316542, 1'047'576, 32'768),
        openai_model("gpt-4.1-mini", "gpt-4.1-mini-2025-04-14", 1744318173, 1'047'576, 32'768),
        openai_model("gpt-4.1-nano", "gpt-4.1-nano-2025-04-14", 1744321707, 1'047'576, 32'768),
        openai_model("gpt-4-turbo", "gpt-4-turbo-2024-04-09", 1712361441, 128'000, 4'096),
        openai_model("gpt-3.5-turbo", "gpt-3.5-turbo-0125", 1677610602, 16'385, 4'096),
        openai_model("gpt-3.5-turbo-instruct", {}, 1692901427, 4'096, 4'096),
        openai_reasoner("o3-mini", "o3-mini-2025-01-31", 1737146383, three),
        openai_reasoner("o3", "o3-2025-04-16", 1744225308, three),
        openai_reasoner("o4-mini", "o4-mini-2025-04-16", 1744225351, three),
        openai_reasoner("gpt-5", "gpt-5-2025-08-07", 1754425777, {"minimal", "low", "medium", "high"}),
        openai_reasoner("gpt-5-mini", "gpt-5-mini-2025-08-07", 1754425928, {"minimal", "low", "medium", "high"}),
        openai_reasoner("gpt-5-nano", "gpt-5-nano-2025-08-07", 1754426384, {"minimal", "low", "medium", "high"}),
        quiet_reasoner("gpt-5.1", "gpt-5.1-2025-11-13", 1762800673, {"none", "low", "medium", "high"}),
        quiet_reasoner("gpt-5.2", "gpt-5.2-2025-12-11", 1765313051, {"none", "low", "medium", "high", "xhigh"}),
        responses_reasoner("gpt-5.4", "gpt-5.4-2026-03-05", 1772654062, "none"),
        responses_reasoner("gpt-5.4-mini", "gpt-5.4-mini-2026-03-17", 1773451200, "none"),
        responses_reasoner("gpt-5.5", "gpt-5.5-2026-04-23", 1776902400, "none"),
        responses_reasoner("gpt-5.6", {}, 1788220800, "medium"),
        openai_embedder("text-embedding-3-small", 1705948997),
        openai_embedder("text-embedding-3-large", 1705953180),
        openai_specialist("omni-moderation-latest", 1731689265, "moderations"),
        openai_specialist("gpt-image-1", 1745517030, "images"),
        openai_specialist("dall-e-3", 1698785189, "images"),
        openai_specialist("tts-1", 1681940951, "speech"),
        openai_specialist("gpt-4o-mini-tts", 1742403959, "speech"),
        openai_specialist("whisper-1", 1677532384, "transcriptions"),
        openai_specialist("gpt-4o-transcribe", 1742068463, "transcriptions"),
    };
}

Model claude(std::string id, std::string title, std::int64_t created, std::uint64_t output) {
    Model model;
    model.id = std::move(id);
    model.title = std::move(title);
    model.created = created;
    model.context = 200'000;
    model.output = output;
    model.reasons = model.budget = true;
    return model;
}

Model adaptive_claude(std::string id, std::string title, std::int64_t created, Words efforts, bool newest) {
    auto model = claude(std::move(id), std::move(title), created, 128'000);
    model.adaptive = model.structured = true;
    model.prefill = false;
    model.efforts = std::move(efforts);
    model.budget = !newest;
    model.fixed_sampling = model.mid_system = newest;
    return model;
}

/// A model that an undated name points to.
Model dated(Model model, std::string snapshot) {
    model.snapshot = std::move(snapshot);
    return model;
}

std::vector<Model> anthropic_models() {
    const Words four{"low", "medium", "high", "max"};
    const Words five{"low", "medium", "high", "xhigh", "max"};
    auto opus45 = claude("claude-opus-4-5", "Claude Opus 4.5", 1763942400, 64'000);
    opus45.efforts = three;
    opus45.structured = opus45.one_sampling = true;
    auto haiku45 = claude("claude-haiku-4-5", "Claude Haiku 4.5", 1759276800, 64'000);
    haiku45.structured = haiku45.one_sampling = true;
    auto sonnet45 = claude("claude-sonnet-4-5", "Claude Sonnet 4.5", 1758672000, 64'000);
    sonnet45.structured = sonnet45.one_sampling = true;
    auto opus41 = claude("claude-opus-4-1", "Claude Opus 4.1", 1754352000, 32'000);
    opus41.structured = opus41.one_sampling = true;
    return {
        adaptive_claude("claude-opus-4-8", "Claude Opus 4.8", 1782864000, five, true),
        adaptive_claude("claude-sonnet-4-6", "Claude Sonnet 4.6", 1771286400, four, false),
        adaptive_claude("claude-opus-4-6", "Claude Opus 4.6", 1770163200, four, false),
        dated(opus45, "claude-opus-4-5-20251101"),
        dated(haiku45, "claude-haiku-4-5-20251001"),
        dated(sonnet45, "claude-sonnet-4-5-20250929"),
        dated(opus41, "claude-opus-4-1-20250805"),
        dated(claude("claude-opus-4-0", "Claude Opus 4", 1747872000, 32'000), "claude-opus-4-20250514"),
        dated(claude("claude-sonnet-4-0", "Claude Sonnet 4", 1747872000, 64'000), "claude-sonnet-4-20250514"),
    };
}

Model grok(std::string id, std::int64_t created, bool reasons, Words efforts) {
    Model model;
    model.id = std::move(id);
    model.created = created;
    model.context = 256'000;
    model.output = 256'000;
    model.reasons = model.always_reasons = model.fixed_sampling = reasons;
    model.efforts = std::move(efforts);
    return model;
}

std::vector<Model> xai_models() {
    auto four = grok("grok-4", 1752019200, true, {});
    four.snapshot = "grok-4-0709";
    auto newest = grok("grok-4.3", 1775001600, true, {"none", "low", "medium", "high"});
    newest.default_effort = "low";
    return {newest, four, grok("grok-4-fast", 1758240000, true, {}), grok("grok-4-fast-non-reasoning", 1758240000, false, {}),
            grok("grok-3", 1743724800, false, {}), grok("grok-3-mini", 1743724800, true, {"low", "high"}),
            grok("grok-code-fast-1", 1756166400, true, {})};
}

Model gemini(std::string id, std::string title, bool always) {
    Model model;
    model.id = std::move(id);
    model.title = std::move(title);
    model.context = 1'048'576;
    model.output = 65'536;
    model.reasons = true;
    model.always_reasons = always;
    return model;
}

Model gemini2(std::string id, std::string title, bool always) {
    auto model = gemini(std::move(id), std::move(title), always);
    model.budget = true;
    return model;
}

Model gemini3(std::string id, std::string title, Words levels) {
    auto model = gemini(std::move(id), std::move(title), true);
    model.budget = model.signed_calls = true;  // 3.x still takes a budget, though not beside a level
    model.efforts = std::move(levels);
    return model;
}

std::vector<Model> gemini_models() {
    auto plain = gemini("gemini-2.0-flash", "Gemini 2.0 Flash", false);
    plain.reasons = false;
    plain.output = 8'192;
    auto embedder = plain;
    embedder.id = "gemini-embedding-001";
    embedder.title = "Gemini Embedding 001";
    embedder.context = 2'048;
    embedder.output = 1;
    embedder.embeds = true;
    return {gemini2("gemini-2.5-flash", "Gemini 2.5 Flash", false), gemini2("gemini-2.5-pro", "Gemini 2.5 Pro", true),
            gemini2("gemini-2.5-flash-lite", "Gemini 2.5 Flash-Lite", false), plain,
            gemini3("gemini-3-pro-preview", "Gemini 3 Pro Preview", {"low", "high"}),
            gemini3("gemini-3-flash-preview", "Gemini 3 Flash Preview", {"minimal", "low", "medium", "high"}), embedder};
}

}  // namespace

const std::vector<Model>& models_of(std::string_view provider) {
    static const auto openai = openai_models();
    static const auto anthropic = anthropic_models();
    static const auto xai = xai_models();
    static const auto google = gemini_models();
    if (provider == "anthropic") return anthropic;
    if (provider == "xai") return xai;
    return provider == "gemini" ? google : openai;
}

const Model* find_model(std::string_view provider, std::string_view id) {
    for (const auto& model : models_of(provider))
        if (model.id == id || (!model.snapshot.empty() && model.snapshot == id)) return &model;
    return nullptr;
}

}  // namespace smg::simulator
