#include "codec/setting_names.hpp"

namespace smg::codec {
namespace {

struct Name {
    std::string_view chat, own;
};

constexpr Name messages_names[] = {
    {"stop", "stop_sequences"},
    {"user", "metadata.user_id"},
    {"safety_identifier", "metadata.user_id"},
    {"response_format", "output_config.format"},
    {"response_format.json_schema.schema", "output_config.format.schema"},
    {"parallel_tool_calls", "tool_choice.disable_parallel_tool_use"},
    {"tools.function.strict", "tools.strict"},
    {"tools.function.parameters", "tools.input_schema"},
};

constexpr Name responses_names[] = {
    {"max_tokens", "max_output_tokens"},
    {"reasoning_effort", "reasoning.effort"},
    {"response_format", "text.format"},
    {"response_format.json_schema.schema", "text.format.schema"},
    {"verbosity", "text.verbosity"},
    {"tools.function.strict", "tools.strict"},
    {"tools.function.parameters", "tools.parameters"},
    {"tools.custom.format", "tools.format"},
    {"messages.name", "input.name"},
    {"image_url.detail", "input_image.detail"},
};

constexpr Name gemini_names[] = {
    {"temperature", "generationConfig.temperature"},
    {"top_p", "generationConfig.topP"},
    {"top_k", "generationConfig.topK"},
    {"max_tokens", "generationConfig.maxOutputTokens"},
    {"stop", "generationConfig.stopSequences"},
    {"seed", "generationConfig.seed"},
    {"n", "generationConfig.candidateCount"},
    {"presence_penalty", "generationConfig.presencePenalty"},
    {"frequency_penalty", "generationConfig.frequencyPenalty"},
    {"logprobs", "generationConfig.responseLogprobs"},
    {"top_logprobs", "generationConfig.logprobs"},
    {"response_format", "generationConfig.responseJsonSchema"},
    {"response_format.json_schema.schema", "generationConfig.responseJsonSchema"},
    {"reasoning_effort", "generationConfig.thinkingConfig"},
    {"modalities", "generationConfig.responseModalities"},
    {"tool_choice", "toolConfig"},
    {"safety_settings", "safetySettings"},
    {"service_tier", "serviceTier"},
    {"tools.function.parameters", "tools.functionDeclarations.parameters"},
};

template <std::size_t size>
std::string_view find(const Name (&names)[size], std::string_view chat_name) {
    for (const auto& name : names)
        if (name.chat == chat_name) return name.own;
    return chat_name;
}

}  // namespace

std::string client_setting(const Conversation& conversation, std::string_view chat_name) {
    if (conversation.format == "gemini") return std::string(find(gemini_names, chat_name));
    if (conversation.format == "openai_responses") return std::string(find(responses_names, chat_name));
    if (conversation.format == "anthropic_messages") {
        if (chat_name == "reasoning_effort") return conversation.reasoning_effort.empty() ? "thinking" : "output_config.effort";
        return std::string(find(messages_names, chat_name));
    }
    if (chat_name == "max_tokens" && !conversation.max_tokens_legacy) return "max_completion_tokens";
    return std::string(chat_name);
}

bool asks_for_nothing(std::string_view json) noexcept {
    if (json.empty() || json == "null") return true;
    if (json.front() != '{' && json.front() != '[') return false;
    return json.find_first_not_of(" \t\r\n", 1) == json.size() - 1;
}

bool is_essential(std::string_view unknown_member) noexcept {
    for (const std::string_view name : {"cachedContent", "cached_content", "continuationToken", "thread", "compaction"})
        if (unknown_member == name) return true;
    return false;
}

}  // namespace smg::codec
