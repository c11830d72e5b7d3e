#include "gateway/held_state.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "base/word_search.hpp"
#include "codec/reasoning_envelope.hpp"

namespace smg::gateway {
namespace {

constexpr std::string_view encrypted_name = R"("encrypted_content")";
constexpr std::uint64_t seeds[2] = {0xcbf29ce484222325ULL, 0x9e3779b97f4a7c15ULL};
constexpr std::size_t longest_id = 256;

std::uint64_t mixed(std::uint64_t hash, char c) noexcept { return (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL; }  // FNV-1a

std::string key_of(const std::uint64_t (&hash)[2]) {
    std::string key = "reasoning:";
    for (const auto half : hash)
        for (int shift = 60; shift >= 0; shift -= 4) key += "0123456789abcdef"[(half >> shift) & 15];
    return key;
}

bool is_white(char c) noexcept { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

void skip_white(std::string_view& text) noexcept {
    while (!text.empty() && is_white(text.front())) text.remove_prefix(1);
}

/// The plain string value that follows a member's name; empty: another value does.
std::string_view string_behind(std::string_view rest) noexcept {
    skip_white(rest);
    if (!rest.starts_with(':')) return {};
    rest.remove_prefix(1);
    skip_white(rest);
    if (!rest.starts_with('"')) return {};
    const auto end = rest.find_first_of("\"\\", 1);
    return end == std::string_view::npos || rest[end] != '"' ? std::string_view() : rest.substr(1, end - 1);
}

std::string opened(std::string_view text) {
    codec::ReasoningPart part;
    codec::open_reasoning(text, codec::Origin::openai, part);
    return part.signature.empty() ? std::string() : key_of_reasoning(part.signature);
}

bool may_be_id(std::string_view text) noexcept { return !text.empty() && text.size() <= longest_id; }

/// Names of members that hold ids in the providers' answers about files, batches and their like.
bool holds_id(std::string_view name, std::string_view value) noexcept {
    constexpr std::array<std::string_view, 6> names{"id", "file_id", "input_file_id", "output_file_id", "error_file_id", "uri"};
    if (name == "name") return value.find('/') != std::string_view::npos && !value.starts_with("models/");  // Gemini's `files/abc`
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// Calls `use` with each string without escapes, and with what follows it.
template <typename Use>
bool each_string(std::string_view json, const Use& use) {
    for (std::size_t at = json.find('"'); at != std::string_view::npos; at = json.find('"', at)) {
        auto end = at + 1;
        bool plain = true;
        while (end < json.size() && json[end] != '"') {
            plain = plain && json[end] != '\\';
            end += json[end] == '\\' ? 2 : 1;
        }
        if (end >= json.size()) return false;
        if (plain && use(json.substr(at + 1, end - at - 1), json.substr(end + 1))) return true;
        at = end + 1;
    }
    return false;
}

}  // namespace

std::string key_of_reasoning(std::string_view encrypted) {
    std::uint64_t hash[2] = {seeds[0], seeds[1]};
    for (const char c : encrypted)
        for (auto& half : hash) half = mixed(half, c);
    return key_of(hash);
}

/// How many bytes lead up to the name's end; all of them, when it is not there.
std::size_t ReasoningFinder::find_name(std::string_view bytes) {
    const auto before = carried_.size();
    // A name that began in the piece before.
    carried_.append(bytes.substr(0, encrypted_name.size()));
    if (const auto at = carried_.find(encrypted_name); before > 0 && at != std::string::npos) {
        carried_.clear();
        at_ = At::behind_name;
        return at + encrypted_name.size() - before;
    }
    if (const auto at = find_word(bytes, encrypted_name); at != std::string_view::npos) {
        carried_.clear();
        at_ = At::behind_name;
        return at + encrypted_name.size();
    }
    if (bytes.size() >= encrypted_name.size()) carried_ = bytes.substr(bytes.size() - encrypted_name.size() + 1);
    if (carried_.size() >= encrypted_name.size()) carried_.erase(0, carried_.size() - encrypted_name.size() + 1);
    return bytes.size();
}

void ReasoningFinder::read(std::string_view bytes) {
    while (!bytes.empty()) {
        if (at_ == At::anywhere) {
            bytes.remove_prefix(find_name(bytes));
            continue;
        }
        const char c = bytes.front();
        bytes.remove_prefix(1);
        if (at_ == At::in_value) {
            if (c != '"') {
                for (auto& half : hash_) half = mixed(half, c);
                continue;
            }
            auto key = key_of(hash_);
            if (hash_[0] != seeds[0] && (keys_.empty() || keys_.back() != key)) keys_.push_back(std::move(key));
            at_ = At::anywhere;
        } else if (c == '"') {
            std::copy(std::begin(seeds), std::end(seeds), hash_);
            at_ = At::in_value;
        } else if (c != ':' && !is_white(c)) {
            at_ = At::anywhere;
        }
    }
}

std::string latest_reasoning(std::string_view responses_body) {
    std::string_view latest;
    for (auto rest = responses_body;;) {
        const auto at = find_word(rest, encrypted_name);
        if (at == std::string_view::npos) break;
        rest.remove_prefix(at + encrypted_name.size());
        if (const auto value = string_behind(rest); !value.empty()) latest = value;
    }
    return opened(latest);
}

std::string latest_reasoning(const codec::Conversation& conversation) {
    std::string_view latest;
    for (const auto& turn : conversation.turns)
        for (const auto& part : turn.parts)
            if (const auto* thought = std::get_if<codec::ReasoningPart>(&part);
                thought && (thought->origin == codec::Origin::openai || thought->origin == codec::Origin::xai) && !thought->signature.empty())
                latest = thought->signature;
    return latest.empty() ? std::string() : key_of_reasoning(latest);
}

std::vector<std::string> reasoning_keys(const codec::Answer& answer) {
    std::vector<std::string> keys;
    for (const auto& choice : answer.choices)
        for (const auto& part : choice.parts)
            if (const auto* thought = std::get_if<codec::ReasoningPart>(&part); thought && !thought->signature.empty())
                keys.push_back(key_of_reasoning(thought->signature));
    return keys;
}

bool each_file(std::string_view body, const UseId& use) {
    for (const std::string_view name : {R"("file_id")", R"("fileUri")", R"("file_uri")"})
        for (auto rest = body;;) {
            const auto at = find_word(rest, name);
            if (at == std::string_view::npos) break;
            rest.remove_prefix(at + name.size());
            if (const auto value = string_behind(rest); may_be_id(value) && use(value)) return true;
        }
    return false;
}

bool each_id_in_path(std::string_view path, const UseId& use) {
    std::vector<std::string_view> segments;
    path = path.substr(0, path.find('?'));
    for (std::size_t begin = 0; begin < path.size();) {
        const auto end = std::min(path.find('/', begin), path.size());
        if (end > begin) segments.push_back(path.substr(begin, end - begin));
        begin = end + 1;
    }
    if (std::find(segments.begin(), segments.end(), "models") != segments.end()) return false;
    for (auto i = segments.size(); i-- > 0;) {
        auto last = segments[i];
        if (i + 1 == segments.size()) last = last.substr(0, last.find(':'));  // Gemini's `files/abc:download`
        if (may_be_id(last) && use(last)) return true;
        if (i > 0 && use(std::string(segments[i - 1]) + "/" + std::string(last))) return true;
    }
    return false;
}

bool each_short_string(std::string_view json, const UseId& use) {
    return each_string(json, [&](std::string_view text, std::string_view) { return may_be_id(text) && use(text); });
}

bool each_issued_id(std::string_view json, const UseId& use) {
    return each_string(json, [&](std::string_view name, std::string_view rest) {
        const auto value = string_behind(rest);
        return may_be_id(value) && holds_id(name, value) && use(value);
    });
}

}  // namespace smg::gateway
