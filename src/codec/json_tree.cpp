#include "codec/json_tree.hpp"

#include <simdjson.h>

#include <charconv>
#include <cmath>
#include <cstring>
#include <utility>

#include "codec/json_unescape.hpp"

namespace smg::codec {

struct JsonTree::State {
    std::unique_ptr<simdjson::internal::dom_parser_implementation> parser;
    std::string padded;
    std::vector<Entry> entries;
    std::unique_ptr<char[]> unescaped;  ///< contents of the strings that have escapes, one behind the other
    std::size_t unescaped_size = 0;

    /// Memory of a tree before, or new: a parser's buffers are several times as large as the text, and dear to allocate.
    static std::unique_ptr<State> borrow();
    static void give_back(std::unique_ptr<State> state) noexcept;

    /// Copies the text and finds the beginning of each token.
    simdjson::error_code find_tokens(std::string_view text);
};

namespace {

constexpr std::size_t max_depth = 512;

/// States that a thread keeps for the next tree, and how large a text they may have held.
constexpr std::size_t most_kept = 4;
constexpr std::size_t longest_kept = 512 * 1024;

bool is_space(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

bool is_number(std::string_view raw) noexcept {
    // RFC 8259 section 6: [ minus ] int [ frac ] [ exp ]. How large it is does not matter: its text is what we keep.
    std::size_t i = 0;
    const auto digits = [&] {
        const auto from = i;
        while (i < raw.size() && raw[i] >= '0' && raw[i] <= '9') ++i;
        return i > from;
    };
    if (i < raw.size() && raw[i] == '-') ++i;
    const auto first = i;
    if (!digits() || (raw[first] == '0' && i > first + 1)) return false;
    if (i < raw.size() && raw[i] == '.' && (++i, !digits())) return false;
    if (i < raw.size() && (raw[i] == 'e' || raw[i] == 'E')) {
        ++i;
        if (i < raw.size() && (raw[i] == '+' || raw[i] == '-')) ++i;
        if (!digits()) return false;
    }
    return i == raw.size();
}

}  // namespace

/// Walks the tokens once. simdjson's first stage has checked UTF-8, that strings end, and that they hold no control characters; all else is
/// checked here. It gives the place of each bracket, colon and comma, and of the first byte of each other value.
class JsonTree::Builder {
public:
    Builder(State& state, std::string_view text)
        : state_(state), text_(text), places_(state.parser->structural_indexes.get()), count_(state.parser->n_structural_indexes) {}

    bool build() { return value({}, 0) && (at_ == count_ || wrong(simdjson::TAPE_ERROR)); }
    [[nodiscard]] simdjson::error_code error() const noexcept { return error_; }
    /// Where the walk has come to.
    [[nodiscard]] std::size_t place() const noexcept { return at_ < count_ ? places_[at_] : text_.size(); }

private:
    bool wrong(simdjson::error_code code) {
        error_ = code;
        return false;
    }
    /// The next token's first byte; 0 behind the last.
    [[nodiscard]] char next() const noexcept { return at_ < count_ ? text_[places_[at_]] : '\0'; }

    /// The next token, which is no bracket, colon or comma.
    std::string_view take_scalar() noexcept {
        const std::size_t begin = places_[at_++];
        auto end = place();
        while (is_space(text_[end - 1])) --end;
        return text_.substr(begin, end - begin);
    }

    /// What a string with its quotes says.
    bool unescape(std::string_view quoted, std::string_view& out) {
        const auto contents = quoted.substr(1, quoted.size() - 2);
        if (std::memchr(contents.data(), '\\', contents.size()) == nullptr) {
            out = contents;
            return true;
        }
        if (!state_.unescaped) state_.unescaped = std::make_unique_for_overwrite<char[]>(state_.padded.capacity());
        auto* const begin = state_.unescaped.get() + state_.unescaped_size;
        const auto* const end = codec::unescape(contents, begin);
        if (end == nullptr) return wrong(simdjson::STRING_ERROR);
        out = {begin, static_cast<std::size_t>(end - begin)};
        state_.unescaped_size += out.size();
        return true;
    }

    /// Appends the value and what is below it.
    bool value(std::string_view name, std::size_t depth) {
        if (depth > max_depth) return wrong(simdjson::DEPTH_ERROR);
        const auto index = state_.entries.size();
        auto& entry = state_.entries.emplace_back();
        entry.name = name.data();
        entry.name_size = static_cast<std::uint32_t>(name.size());
        switch (next()) {
            case '{': return members(index, depth);
            case '[': return items(index, depth);
            case '"': return string(entry);
            case 't': return literal(entry, "true", JsonNode::Kind::boolean, simdjson::T_ATOM_ERROR);
            case 'f': return literal(entry, "false", JsonNode::Kind::boolean, simdjson::F_ATOM_ERROR);
            case 'n': return literal(entry, "null", JsonNode::Kind::null, simdjson::N_ATOM_ERROR);
            case '\0': return wrong(at_ < count_ ? simdjson::TAPE_ERROR : simdjson::INCOMPLETE_ARRAY_OR_OBJECT);
            default: return number(entry);
        }
    }

    static void set_raw(Entry& entry, std::string_view raw) noexcept {
        entry.raw = raw.data();
        entry.raw_size = static_cast<std::uint32_t>(raw.size());
    }

    bool string(Entry& entry) {
        const auto raw = take_scalar();
        std::string_view text;
        if (!unescape(raw, text)) return false;
        set_raw(entry, raw);
        entry.text = text.data();
        entry.text_size = static_cast<std::uint32_t>(text.size());
        entry.kind = JsonNode::Kind::string;
        return true;
    }

    bool literal(Entry& entry, std::string_view word, JsonNode::Kind kind, simdjson::error_code otherwise) {
        const auto raw = take_scalar();
        if (raw != word) return --at_, wrong(otherwise);
        set_raw(entry, raw);
        entry.kind = kind;
        return true;
    }

    bool number(Entry& entry) {
        const auto raw = take_scalar();
        if (!is_number(raw)) return --at_, wrong(raw[0] == '-' || (raw[0] >= '0' && raw[0] <= '9') ? simdjson::NUMBER_ERROR : simdjson::TAPE_ERROR);
        set_raw(entry, raw);
        entry.kind = JsonNode::Kind::number;
        return true;
    }

    /// `place` and `index`: where the last child stands among the entries, for its sibling.
    bool child(std::size_t parent, std::size_t& previous, std::string_view name, std::size_t depth) {
        const auto index = state_.entries.size();
        if (!value(name, depth + 1)) return false;
        if (previous != 0) state_.entries[previous].to_next = static_cast<std::uint32_t>(index - previous);
        previous = index;
        ++state_.entries[parent].children;
        return true;
    }

    /// The bracket that closes what began at `begin`.
    bool close(std::size_t index, std::size_t begin) {
        const std::size_t end = places_[at_++] + 1;
        set_raw(state_.entries[index], text_.substr(begin, end - begin));
        return true;
    }

    bool members(std::size_t index, std::size_t depth) {
        const std::size_t begin = places_[at_++];
        state_.entries[index].kind = JsonNode::Kind::object;
        if (next() == '}') return close(index, begin);
        for (std::size_t previous = 0;;) {
            if (next() != '"') return wrong(simdjson::TAPE_ERROR);
            std::string_view name;
            if (!unescape(take_scalar(), name)) return false;
            if (next() != ':') return wrong(simdjson::TAPE_ERROR);
            ++at_;
            if (!child(index, previous, name, depth)) return false;
            if (next() == '}') return close(index, begin);
            if (next() != ',') return wrong(at_ < count_ ? simdjson::TAPE_ERROR : simdjson::INCOMPLETE_ARRAY_OR_OBJECT);
            ++at_;
        }
    }

    bool items(std::size_t index, std::size_t depth) {
        const std::size_t begin = places_[at_++];
        state_.entries[index].kind = JsonNode::Kind::array;
        if (next() == ']') return close(index, begin);
        for (std::size_t previous = 0;;) {
            if (!child(index, previous, {}, depth)) return false;
            if (next() == ']') return close(index, begin);
            if (next() != ',') return wrong(at_ < count_ ? simdjson::TAPE_ERROR : simdjson::INCOMPLETE_ARRAY_OR_OBJECT);
            ++at_;
        }
    }

    State& state_;
    std::string_view text_;
    const std::uint32_t* places_;
    std::size_t count_;
    std::size_t at_ = 0;
    simdjson::error_code error_ = simdjson::SUCCESS;
};

std::vector<std::unique_ptr<JsonTree::State>>& JsonTree::kept() noexcept {
    thread_local std::vector<std::unique_ptr<State>> states;
    return states;
}

std::unique_ptr<JsonTree::State> JsonTree::State::borrow() {
    auto& states = kept();
    if (states.empty()) return std::make_unique<State>();
    auto state = std::move(states.back());
    states.pop_back();
    return state;
}

void JsonTree::State::give_back(std::unique_ptr<State> state) noexcept {
    auto& states = kept();
    if (!state || states.size() >= most_kept || state->padded.capacity() > longest_kept) return;
    states.push_back(std::move(state));
}

simdjson::error_code JsonTree::State::find_tokens(std::string_view text) {
    entries.clear();
    unescaped_size = 0;
    padded.clear();
    if (const auto needed = text.size() + simdjson::SIMDJSON_PADDING; padded.capacity() < needed) {
        unescaped.reset();  // is as long as the copy
        padded.reserve(needed);
    }
    padded += text;
    if (text.size() > simdjson::SIMDJSON_MAXSIZE_BYTES) return simdjson::CAPACITY;
    if (!parser) {
        const auto code = simdjson::get_active_implementation()->create_dom_parser_implementation(text.size(), 1, parser);
        if (code != simdjson::SUCCESS) return code;
    } else if (parser->capacity() < text.size()) {
        if (const auto code = parser->set_capacity(text.size()); code != simdjson::SUCCESS) return code;
    }
    return parser->stage1(reinterpret_cast<const std::uint8_t*>(padded.data()), padded.size(), simdjson::stage1_mode::regular);
}

JsonTree::JsonTree() : state_(State::borrow()) {}
JsonTree::~JsonTree() { State::give_back(std::move(state_)); }
JsonTree::JsonTree(JsonTree&&) noexcept = default;
JsonTree& JsonTree::operator=(JsonTree&&) noexcept = default;

Result<JsonNode> JsonTree::parse(std::string_view text) {
    auto& state = *state_;
    auto code = state.find_tokens(text);
    std::string where;
    if (code == simdjson::SUCCESS) {
        Builder builder(state, state.padded);
        if (builder.build()) return JsonNode(state.entries.data());
        code = builder.error();
        where = " near byte " + std::to_string(builder.place());
    }
    return fail(Failure::invalid_request, "not valid JSON" + where + ": " + simdjson::error_message(code));
}

std::optional<bool> JsonNode::boolean() const noexcept {
    if (!is_boolean()) return std::nullopt;
    return raw() == "true";
}

std::optional<double> JsonNode::real() const noexcept {
    if (!is_number()) return std::nullopt;
    const auto digits = raw();
    double value = 0;
    const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (code != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    return value;
}

std::optional<std::int64_t> JsonNode::integer() const noexcept {
    if (!is_number()) return std::nullopt;
    const auto digits = raw();
    std::int64_t value = 0;
    const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (code == std::errc() && end == digits.data() + digits.size()) return value;
    const auto number = real();
    if (!number || std::trunc(*number) != *number || std::fabs(*number) >= 9007199254740992.0) return std::nullopt;
    return static_cast<std::int64_t>(*number);
}

JsonNode JsonNode::operator[](std::string_view name) const noexcept {
    if (!is_object()) return {};
    // Names that differ mostly do so in their length or their first letter.
    const char first = name.empty() ? '\0' : name.front();
    for (JsonNode member : *this) {
        const auto own = member.name();
        if (own.size() == name.size() && (own.empty() || own.front() == first) && own == name) return member;
    }
    return {};
}

}  // namespace smg::codec
