#pragma once
/// What a provider's answer says that it used, read without any of the gateway's code: the other side's books.
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

namespace smg::test {

struct Book {
    std::uint64_t input = 0, output = 0, cached = 0, cache_write = 0, cache_write_1h = 0, reasoning = 0, picodollars = 0;
    bool any = false;

    Book& operator+=(const Book& more) {
        input += more.input, output += more.output, cached += more.cached, cache_write += more.cache_write;
        cache_write_1h += more.cache_write_1h, reasoning += more.reasoning, picodollars += more.picodollars;
        any = any || more.any;
        return *this;
    }
};

namespace detail {

inline std::uint64_t count(const nlohmann::json& object, const std::string& pointer) {
    const nlohmann::json::json_pointer at("/" + pointer);
    return object.contains(at) && object[at].is_number() ? object[at].get<std::uint64_t>() : 0;
}

}  // namespace detail

/// Of a `usage` or `usageMetadata` object. What a stream says later replaces what it said before, member by member: give it merged.
inline Book book_of(const std::string& provider, const nlohmann::json& usage) {
    using detail::count;
    Book book;
    if (!usage.is_object()) return book;
    book.any = true;
    if (provider == "anthropic") {
        book.cached = count(usage, "cache_read_input_tokens");
        book.cache_write = count(usage, "cache_creation_input_tokens");
        book.cache_write_1h = count(usage, "cache_creation/ephemeral_1h_input_tokens");
        book.input = count(usage, "input_tokens") + book.cached + book.cache_write;
        book.output = count(usage, "output_tokens");
        book.reasoning = count(usage, "output_tokens_details/thinking_tokens");
    } else if (provider == "gemini") {
        book.input = count(usage, "promptTokenCount") + count(usage, "toolUsePromptTokenCount");
        book.reasoning = count(usage, "thoughtsTokenCount");
        book.output = count(usage, "candidatesTokenCount") + book.reasoning;
        if (!usage.contains("candidatesTokenCount") && book.reasoning == 0) book.output = count(usage, "totalTokenCount") - book.input;
        book.cached = count(usage, "cachedContentTokenCount");
    } else {
        const bool chat = usage.contains("prompt_tokens");
        const std::string in = chat ? "prompt" : "input", out = chat ? "completion" : "output";
        book.input = count(usage, in + "_tokens");
        book.cached = count(usage, in + "_tokens_details/cached_tokens");
        book.cache_write = count(usage, in + "_tokens_details/cache_write_tokens");
        book.reasoning = count(usage, out + "_tokens_details/reasoning_tokens");
        // xAI's chat leaves reasoning out of the completion, OpenAI's has it in; the total tells.
        book.output = count(usage, "total_tokens") - book.input;
        book.picodollars = count(usage, "cost_in_usd_ticks") * 100;
    }
    return book;
}

/// Of a whole answer: JSON, a JSON array of chunks, or server-sent events.
inline Book book_of_answer(const std::string& provider, const std::string& body) {
    nlohmann::json usage;
    const auto take = [&](const nlohmann::json& data) {
        for (const auto* path : {"/usage", "/usageMetadata", "/message/usage", "/response/usage"}) {
            const nlohmann::json::json_pointer at(path);
            if (!data.is_object() || !data.contains(at) || !data[at].is_object()) continue;
            // Anthropic's last counts leave out what its first had; the others say everything anew.
            if (provider == "anthropic" && usage.is_object())
                usage.update(data[at]);
            else
                usage = data[at];
        }
    };
    const auto whole = nlohmann::json::parse(body, nullptr, false);
    if (whole.is_array())
        for (const auto& each : whole) take(each);
    if (!whole.is_discarded()) {
        take(whole);
        return book_of(provider, usage);
    }
    for (std::size_t at = 0; (at = body.find("data:", at)) != std::string::npos;) {
        const auto end = std::min(body.find('\n', at), body.size());
        take(nlohmann::json::parse(body.substr(at + 5, end - at - 5), nullptr, false));
        at = end;
    }
    return book_of(provider, usage);
}

}  // namespace smg::test
