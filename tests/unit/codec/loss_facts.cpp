#include "unit/codec/loss_facts.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace smg::codec::loss {
namespace {

using Members = std::vector<std::pair<std::string, RawJson>>;
constexpr const char* origins[] = {"unknown", "openai", "anthropic", "gemini", "xai"};
constexpr const char* roles[] = {"system", "developer", "user", "assistant", "tool"};
constexpr const char* media_kinds[] = {"image", "audio", "document", "video"};

template <typename Enum>
std::string number_of(Enum value) {
    return std::to_string(static_cast<int>(value));
}
std::string word(bool value) { return value ? "true" : "false"; }

/// Structured bindings name every member of a struct: a new one does not compile until it is counted here.
class Collector {
public:
    explicit Collector(Facts& facts) : facts_(facts) {}

    void say(const std::string& path, std::string_view value) {
        if (!value.empty()) facts_[path].emplace_back(value);
    }
    void say(const std::string& path, const std::optional<bool>& value) {
        if (value) say(path, std::string_view(word(*value)));
    }
    void flag(const std::string& path, bool value) {
        if (value) say(path, std::string_view("true"));
    }
    void say(const std::string& path, const std::optional<std::uint64_t>& value) {
        if (value) say(path, std::string_view(std::to_string(*value)));
    }
    void origin(const std::string& path, Origin origin) {
        if (origin != Origin::unknown) say(path, std::string_view(origins[static_cast<int>(origin)]));
    }
    void members(const std::string& path, const Members& members) {
        for (const auto& [name, value] : members) say(path + "[" + name + "]", std::string_view(value));
    }

    void extras(const std::string& path, const PartExtras& extras) {
        say(path + ".cache_control", std::string_view(extras.cache_control));
        members(path + ".unknown", extras.unknown);  // `framing` is nobody else's business
    }

    // --- parts: each answers the word by which the order of parts is told

    std::string part(const std::string& parent, const TextPart& part) {
        const auto& [text, citations, citations_origin, signature, refusal, part_extras] = part;
        const auto path = parent + (refusal ? "[refusal]" : "[text]");
        say(path + ".text", std::string_view(text));
        say(path + ".citations", std::string_view(citations));
        origin(path + ".citations_origin", citations_origin);
        say(path + ".signature", std::string_view(signature));
        extras(path, part_extras);
        return text.empty() ? "" : refusal ? "refusal" : "text";
    }
    std::string part(const std::string& parent, const MediaPart& part) {
        const auto& [kind, source, media_type, data, media_origin, detail, filename, format, part_extras] = part;
        const std::string name = media_kinds[static_cast<int>(kind)];
        const auto path = parent + "[" + name + "]";
        say(path + ".source", std::string_view(number_of(source)));
        say(path + ".media_type", std::string_view(media_type));
        say(path + ".data", std::string_view(data));
        origin(path + ".origin", media_origin);
        say(path + ".detail", std::string_view(detail));
        say(path + ".filename", std::string_view(filename));
        say(path + ".format", std::string_view(format));
        extras(path, part_extras);
        return name;
    }
    std::string part(const std::string& parent, const ReasoningPart& part) {
        const auto& [text, signature, redacted, id, part_origin, part_extras] = part;
        const auto path = parent + (redacted.empty() ? "[reasoning]" : "[redacted]");
        say(path + ".text", std::string_view(text));
        say(path + ".signature", std::string_view(signature));
        say(path + ".redacted", std::string_view(redacted));
        say(path + ".id", std::string_view(id));
        if (!text.empty() || !signature.empty() || !redacted.empty()) origin(path + ".origin", part_origin);
        extras(path, part_extras);
        return text.empty() && signature.empty() && redacted.empty() ? "" : "reasoning";
    }
    std::string part(const std::string& parent, const ToolCallPart& part) {
        const auto& [kind, id, name, arguments, signature, native_id, part_extras] = part;
        const auto path = parent + (kind == ToolCallPart::Kind::custom ? "[custom_call]" : "[call]");
        say(path + (native_id ? ".id" : ".made_up_id"), std::string_view(id));
        say(path + ".name", std::string_view(name));
        say(path + ".arguments", std::string_view(arguments));
        say(path + ".signature", std::string_view(signature));
        extras(path, part_extras);
        return "call";
    }
    std::string part(const std::string& parent, const OpaquePart& part) {
        const auto& [kind, json, part_origin, field] = part;  // where it stands in its request is no part of what it says
        const auto path = parent + "[opaque " + kind + "]";
        say(path + ".json", std::string_view(json));
        origin(path + ".origin", part_origin);
        return kind;
    }
    std::string part(const std::string& parent, const ToolResultPart& part) {
        const auto& [call_id, name, content, content_is_string, structured, is_error, part_extras] = part;
        const auto path = parent + "[result]";
        say(path + ".call_id", std::string_view(call_id));
        say(path + ".name", std::string_view(name));
        flag(path + ".content_is_string", content_is_string);
        say(path + ".structured", std::string_view(structured));
        flag(path + ".is_error", is_error.value_or(false));
        for (const auto& item : content) std::visit([&](const auto& p) { this->part(path + ".content", p); }, item);
        extras(path, part_extras);
        return "result";
    }

    std::string parts(const std::string& path, const std::vector<Part>& parts) {
        std::string order;
        for (const auto& one : parts) {
            const auto said = std::visit([&](const auto& p) { return part(path, p); }, one);
            // Neighbouring texts are one text to most formats.
            if (!said.empty() && !(said == "text" && order.ends_with("text"))) order += (order.empty() ? "" : " ") + said;
        }
        return order;
    }

    void turn(const std::string& root, const Turn& turn, std::string& order) {
        const auto& [role, name, turn_parts, content_is_string, legacy_function, unknown] = turn;
        const std::string who = roles[static_cast<int>(role)];
        // Results belong to nobody: some formats let the user say them, others a tool. Instructions are instructions.
        const std::string said_by = role == Role::tool ? "user" : role == Role::developer ? "system" : who;
        const auto path = root + ".turns[" + said_by + "]";
        const auto said = parts(path + ".parts", turn_parts);
        // What one side says in two turns, it says in one.
        if (!said.empty() && said_by == last_)
            order += said == "text" && order.ends_with("text") ? "" : " " + said;
        else if (!said.empty())
            order += (order.empty() ? "" : " | ") + said_by + ": " + said;
        if (!said.empty()) last_ = said_by;
        say(path + ".name", std::string_view(name));
        if (role == Role::developer) flag(path + ".is_developer", true);
        flag(path + ".content_is_string", content_is_string);
        flag(path + ".legacy_function", legacy_function);
        members(path + ".unknown", unknown);
    }

    void tool(const std::string& root, const Tool& tool) {
        const auto& [kind, name, description, has_description, parameters, strict, format, cache_control, opaque, tool_origin, unknown] = tool;
        constexpr const char* kinds[] = {"function", "custom", "provider"};
        const auto path = root + ".tools[" + std::string(kinds[static_cast<int>(kind)]) + "]";
        say(path + ".name", std::string_view(name));
        say(path + ".description", std::string_view(description));
        if (description.empty()) flag(path + ".has_empty_description", has_description);
        say(path + ".parameters", std::string_view(parameters));
        say(path + ".strict", strict);
        say(path + ".format", std::string_view(format));
        say(path + ".cache_control", std::string_view(cache_control));
        say(path + ".opaque", std::string_view(opaque));
        origin(path + ".origin", tool_origin);
        members(path + ".unknown", unknown);
    }

    void choice(const std::string& path, const ToolChoice& choice) {
        const auto& [mode, allowed_required, custom, legacy, names] = choice;
        constexpr const char* modes[] = {"automatic", "none", "required", "named", "allowed"};
        say(path + ".mode", std::string_view(modes[static_cast<int>(mode)]));
        if (mode == ToolChoice::Mode::allowed) flag(path + ".allowed_required", allowed_required);
        flag(path + ".custom", custom);
        flag(path + ".legacy", legacy);
        for (const auto& name : names) say(path + ".names", std::string_view(name));
    }

    void format(const std::string& path, const ResponseFormat& format) {
        const auto& [kind, name, description, schema, strict] = format;
        constexpr const char* kinds[] = {"text", "json_object", "json_schema"};
        say(path + ".kind", std::string_view(kinds[static_cast<int>(kind)]));
        say(path + ".name", std::string_view(name));
        say(path + ".description", std::string_view(description));
        say(path + ".schema", std::string_view(schema));
        say(path + ".strict", strict);
    }

    void usage(const std::string& path, const Usage& usage) {
        // The last two are for the gateway's own books: no client is told them, so none can lose them.
        [[maybe_unused]] const auto& [input, output, cached, cache_write, reasoning, total, cache_write_1h, cost] = usage;
        say(path + ".input", input);
        say(path + ".output", output);
        // None and nothing are the same amount.
        if (cached.value_or(0) != 0) say(path + ".cached", cached);
        if (cache_write.value_or(0) != 0) say(path + ".cache_write", cache_write);
        if (reasoning.value_or(0) != 0) say(path + ".reasoning", reasoning);
        say(path + ".total", total);
    }

    void choice(const std::string& root, const Choice& choice) {
        const auto& [index, choice_parts, stop_reason, native_stop_reason, stop_sequence, refusal, logprobs, unknown] = choice;
        const auto path = root + ".choices";
        say(path + ".index", std::string_view(std::to_string(index)));
        say(path + ".order", std::string_view(parts(path + ".parts", choice_parts)));
        constexpr const char* reasons[] = {"none", "stop", "stop_sequence", "length", "tool_calls", "content_filter", "refusal", "pause", "unknown"};
        say(path + ".stop_reason", std::string_view(reasons[static_cast<int>(stop_reason)]));
        say(path + ".native_stop_reason", std::string_view(native_stop_reason));
        say(path + ".stop_sequence", std::string_view(stop_sequence));
        say(path + ".refusal", std::string_view(refusal));
        say(path + ".logprobs", std::string_view(logprobs));
        members(path + ".unknown", unknown);
    }

private:
    Facts& facts_;
    std::string last_;  ///< who spoke
};

std::string joined(const std::vector<std::string>& values) {
    std::string out;
    for (const auto& value : values) out += value;
    return out;
}

bool same_json(const std::vector<std::string>& a, const std::vector<std::string>& b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const auto left = nlohmann::json::parse(a[i], nullptr, false), right = nlohmann::json::parse(b[i], nullptr, false);
        if (left.is_discarded() || left != right) return false;
    }
    return true;
}

/// Whether `part` is what is left of `whole` when some of its values are taken away.
bool is_left_of(const std::vector<std::string>& part, const std::vector<std::string>& whole) {
    std::size_t found = 0;
    for (const auto& value : whole)
        if (found < part.size() && part[found] == value) ++found;
    return found == part.size();
}

}  // namespace

Facts facts_of(const Conversation& c, const std::string& root) {
    Facts facts;
    Collector to(facts);
    const auto at = [&](const char* name) { return root + "." + name; };
    std::string order;
    for (const auto& turn : c.turns) to.turn(root, turn, order);
    to.say(at("order"), std::string_view(order));
    for (const auto& tool : c.tools) to.tool(root, tool);
    to.flag(at("legacy_functions"), c.legacy_functions);
    if (c.tool_choice) to.choice(at("tool_choice"), *c.tool_choice);
    to.say(at("parallel_tool_calls"), c.parallel_tool_calls);
    to.flag(at("max_tokens_legacy"), c.max_tokens_legacy);
    const std::pair<const char*, const std::string&> texts[] = {{"max_tokens", c.max_tokens},
                                                                {"temperature", c.temperature},
                                                                {"top_p", c.top_p},
                                                                {"top_k", c.top_k},
                                                                {"frequency_penalty", c.frequency_penalty},
                                                                {"presence_penalty", c.presence_penalty},
                                                                {"seed", c.seed},
                                                                {"n", c.n},
                                                                {"top_logprobs", c.top_logprobs},
                                                                {"reasoning_effort", c.reasoning_effort},
                                                                {"thinking", c.thinking},
                                                                {"user", c.user},
                                                                {"safety_identifier", c.safety_identifier},
                                                                {"service_tier", c.service_tier},
                                                                {"metadata", c.metadata},
                                                                {"logit_bias", c.logit_bias},
                                                                {"cache_control", c.cache_control},
                                                                {"safety_settings", c.safety_settings},
                                                                {"modalities", c.modalities},
                                                                {"audio", c.audio},
                                                                {"prediction", c.prediction},
                                                                {"web_search_options", c.web_search_options},
                                                                {"prompt_cache_key", c.prompt_cache_key},
                                                                {"verbosity", c.verbosity}};
    for (const auto& [name, value] : texts) to.say(at(name), std::string_view(value));
    to.say(at("logprobs"), c.logprobs);
    for (const auto& stop : c.stop) to.say(at("stop"), std::string_view(stop));
    to.flag(at("stop_is_string"), c.stop_is_string);
    if (c.response_format) to.format(at("response_format"), *c.response_format);
    to.flag(at("include_reasoning_text"), c.include_reasoning_text);
    to.flag(at("stream"), c.stream);
    to.flag(at("include_usage"), c.include_usage);
    to.say(at("store"), c.store);
    to.members(at("unknown"), c.unknown);
    return facts;
}

Facts facts_of(const Answer& answer, const std::string& root) {
    const auto& [id, model, created, choices, usage, native_usage, service_tier, system_fingerprint, origin, unknown, format] = answer;
    Facts facts;
    Collector to(facts);
    to.say(root + ".id", std::string_view(id));
    to.say(root + ".model", std::string_view(model));
    if (created != 0) to.say(root + ".created", std::string_view(std::to_string(created)));
    for (const auto& choice : choices) to.choice(root, choice);
    to.usage(root + ".usage", usage);
    to.say(root + ".service_tier", std::string_view(service_tier));
    to.say(root + ".system_fingerprint", std::string_view(system_fingerprint));
    to.members(root + ".unknown", unknown);
    return facts;  // `native_usage`, `origin` and `format` tell where it was read, not what it says
}

std::set<std::string> differences(const Facts& before, const Facts& after) {
    std::set<std::string> out;
    for (const auto& [path, values] : before) {
        const auto found = after.find(path);
        if (found == after.end()) {
            out.insert("lost " + path);
        } else if (found->second == values) {
            continue;
        } else if (joined(found->second) == joined(values)) {
            out.insert("split " + path);
        } else if (same_json(values, found->second)) {
            out.insert("respelled " + path);
        } else if (is_left_of(found->second, values)) {
            out.insert("lost " + path);
        } else if (is_left_of(values, found->second)) {
            out.insert("added " + path);
        } else {
            out.insert("changed " + path);
        }
    }
    for (const auto& [path, values] : after)
        if (!before.contains(path)) out.insert("added " + path);
    return out;
}

}  // namespace smg::codec::loss
