#include "gateway/model_list.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <utility>

#include "codec/json_writer.hpp"

namespace smg::gateway {
namespace {

using codec::JsonWriter;

std::string rfc3339(std::int64_t seconds) {
    const auto when = static_cast<std::time_t>(seconds);
    std::tm parts{};
    gmtime_r(&when, &parts);
    std::array<char, 32> text{};
    return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

const std::string& shown_name(const workers::KnownModel& model) { return model.display_name.empty() ? model.id : model.display_name; }

/// platform.openai.com/docs/api-reference/models/object
void write_openai(JsonWriter& out, const workers::KnownModel& model) {
    out.begin_object().member("id", model.id).member("object", "model").number_member("created", model.created);
    out.member("owned_by", model.owned_by.empty() ? model.provider : model.owned_by).end_object();
}

void write_count_or_null(JsonWriter& out, std::string_view name, std::uint64_t count) {
    if (count > 0)
        out.number_member(name, count);
    else
        out.key(name).null();
}

/// docs.anthropic.com/en/api/models-list. What Anthropic says of its own models stands as it said it; of others it is not known whether it holds,
/// but that they are in service.
void write_anthropic(JsonWriter& out, const workers::KnownModel& model) {
    out.begin_object().member("type", "model").member("id", model.id).member("display_name", shown_name(model));
    out.member("created_at", rfc3339(model.created));
    write_count_or_null(out, "max_input_tokens", model.context_length);
    write_count_or_null(out, "max_tokens", model.max_output_tokens);
    const bool own = model.origin == codec::Origin::anthropic;
    for (const auto& [name, unknown] : {std::pair<std::string_view, std::string_view>("lifecycle", "\"active\""),
                                        {"line", "null"},
                                        {"deprecated_at", "null"},
                                        {"retires_at", "null"},
                                        {"capabilities", "null"}}) {
        const auto stated = std::find_if(model.stated.begin(), model.stated.end(), [&](const auto& member) { return member.first == name; });
        out.raw_member(name, own && stated != model.stated.end() ? std::string_view(stated->second) : unknown);
    }
    out.end_object();
}

/// ai.google.dev/api/models
void write_gemini(JsonWriter& out, const workers::KnownModel& model) {
    out.begin_object().member("name", "models/" + model.id).member("displayName", shown_name(model));
    if (model.context_length > 0) out.number_member("inputTokenLimit", model.context_length);
    if (model.max_output_tokens > 0) out.number_member("outputTokenLimit", model.max_output_tokens);
    out.key("supportedGenerationMethods").begin_array();
    if (model.methods.empty()) out.string("generateContent").string("streamGenerateContent");
    for (const auto& method : model.methods) out.string(method);
    out.end_array();
    if (model.origin == codec::Origin::gemini)
        for (const auto& [name, json] : model.stated) out.raw_member(name, json);
    out.end_object();
}

void write(JsonWriter& out, ListShape shape, const workers::KnownModel& model) {
    switch (shape) {
        case ListShape::openai: return write_openai(out, model);
        case ListShape::anthropic: return write_anthropic(out, model);
        case ListShape::gemini: return write_gemini(out, model);
    }
}

void write_end(JsonWriter& out, ListShape shape, const std::vector<workers::KnownModel>& models) {
    if (shape == ListShape::openai) out.member("object", "list");
    if (shape == ListShape::anthropic) {
        out.bool_member("has_more", false);
        if (models.empty()) {
            out.raw_member("first_id", "null").raw_member("last_id", "null");
        } else {
            out.member("first_id", models.front().id).member("last_id", models.back().id);
        }
    }
}

}  // namespace

std::string write_model_list(ListShape shape, const std::vector<workers::KnownModel>& models) {
    std::string text;
    JsonWriter out(text);
    out.begin_object().key(shape == ListShape::gemini ? "models" : "data").begin_array();
    for (const auto& model : models) write(out, shape, model);
    out.end_array();
    write_end(out, shape, models);
    out.end_object();
    return text;
}

std::string write_model(ListShape shape, const workers::KnownModel& model) {
    std::string text;
    JsonWriter out(text);
    write(out, shape, model);
    return text;
}

std::vector<workers::KnownModel> as_known(const std::vector<providers::ListedModel>& listed, const providers::Provider& provider) {
    std::vector<workers::KnownModel> known;
    known.reserve(listed.size());
    for (const auto& each : listed) known.push_back(workers::known_from(provider, each));
    return known;
}

}  // namespace smg::gateway
