#include "providers/provider.hpp"

namespace smg::providers {

std::string_view name_of(ApiFormat format) noexcept {
    switch (format) {
        case ApiFormat::anthropic_messages: return "anthropic_messages";
        case ApiFormat::gemini: return "gemini";
        case ApiFormat::openai_responses: return "openai_responses";
        case ApiFormat::openai_chat: break;
    }
    return "openai_chat";
}

std::string_view name_of(Operation operation) noexcept {
    switch (operation) {
        case Operation::chat: return "chat";
        case Operation::responses: return "responses";
        case Operation::completions: return "completions";
        case Operation::embeddings: return "embeddings";
        case Operation::count_tokens: return "count_tokens";
        case Operation::list_models: return "list_models";
        case Operation::get_model: return "get_model";
    }
    return "chat";
}

}  // namespace smg::providers
