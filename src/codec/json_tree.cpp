#include "codec/json_tree.hpp"

#include <simdjson.h>

#include <charconv>
#include <cmath>
#include <cstring>

namespace smg::codec {

namespace ondemand = simdjson::ondemand;

struct JsonTree::Entry {
    std::string_view raw;
    std::string_view text;  ///< unescaped contents of a string
    std::string_view name;
    std::uint32_t first_child = 0;  ///< 0: none (the root is never a child)
    std::uint32_t next_sibling = 0;
    std::uint32_t children = 0;
    JsonNode::Kind kind = JsonNode::Kind::absent;
};

struct JsonTree::State {
    ondemand::parser parser;
    std::string padded;
    std::vector<Entry> entries;

    /// Memory of a tree before, or new: a parser's buffers are several times as large as the text, and dear to allocate.
    static std::unique_ptr<State> borrow();
    static void give_back(std::unique_ptr<State> state) noexcept;
};

namespace {

constexpr std::size_t max_depth = 512;

/// States that a thread keeps for the next tree, and how large a text they may have held.
constexpr std::size_t most_kept = 4;
constexpr std::size_t longest_kept = 512 * 1024;

bool is_space(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::string_view trim_end(std::string_view text) noexcept {
    while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    return text;
}

}  // namespace

/// Walks the on-demand document once; an error code from simdjson ends the walk.
struct JsonTree::Builder {
    State& state;
    ondemand::document& document;
    simdjson::error_code error = simdjson::SUCCESS;

    bool check(simdjson::error_code code) {
        if (code != simdjson::SUCCESS && error == simdjson::SUCCESS) error = code;
        return error == simdjson::SUCCESS;
    }

    /// `location` is the first structural character after the value; only white space lies between.
    std::string_view up_to_here(const char* start) {
        const char* location = nullptr;
        if (document.current_location().get(location) != simdjson::SUCCESS) location = state.padded.data() + state.padded.size();
        return trim_end(std::string_view(start, static_cast<std::size_t>(location - start)));
    }

    /// `after`: the character that follows the value, white space aside.
    bool scalar(ondemand::value value, ondemand::json_type type, char after, Entry& entry) {
        switch (type) {
            case ondemand::json_type::string: {
                entry.kind = JsonNode::Kind::string;
                // Without an escape the contents are what stands between the quotes; simdjson has checked them for control characters and UTF-8.
                // It is not asked for then, so it is for us to see that it is no name: simdjson would step over what follows it.
                const auto contents = entry.raw.substr(1, entry.raw.size() - 2);
                if (after == ':') return check(simdjson::TAPE_ERROR);
                if (entry.raw.size() >= 2 && std::memchr(contents.data(), '\\', contents.size()) == nullptr) {
                    entry.text = contents;
                    return true;
                }
                return check(value.get_string().get(entry.text));
            }
            case ondemand::json_type::number: {
                double number = 0;
                const auto code = value.get_double().get(number);
                // A number too large for a double is still a number: its text is what we keep.
                if (code != simdjson::SUCCESS && code != simdjson::NUMBER_ERROR && !check(code)) return false;
                if (code == simdjson::NUMBER_ERROR && !looks_like_number(entry.raw)) return check(code);
                entry.kind = JsonNode::Kind::number;
                return true;
            }
            case ondemand::json_type::boolean: {
                bool flag = false;
                if (!check(value.get_bool().get(flag))) return false;
                entry.kind = JsonNode::Kind::boolean;
                return true;
            }
            default: {
                if (entry.raw != "null") return check(simdjson::N_ATOM_ERROR);
                bool ignored = false;
                if (!check(value.is_null().get(ignored))) return false;
                entry.kind = JsonNode::Kind::null;
                return true;
            }
        }
    }

    static bool looks_like_number(std::string_view raw) {
        // RFC 8259 section 6: [ minus ] int [ frac ] [ exp ]
        std::size_t i = 0;
        auto digits = [&] {
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

    /// Appends the value and what is below it; 0 on error.
    std::uint32_t add(ondemand::value value, std::string_view name, std::size_t depth) {
        if (depth > max_depth) return check(simdjson::DEPTH_ERROR), 0;
        ondemand::json_type type{};
        if (!check(value.type().get(type))) return 0;
        const auto token = value.raw_json_token();
        const auto index = static_cast<std::uint32_t>(state.entries.size());
        state.entries.emplace_back();
        state.entries[index].name = name;
        if (type != ondemand::json_type::object && type != ondemand::json_type::array) {
            Entry entry;
            entry.name = name;
            entry.raw = trim_end(token);
            if (!scalar(value, type, token.data()[token.size()], entry)) return 0;
            state.entries[index] = entry;
            return index;
        }
        const bool ok = type == ondemand::json_type::object ? members(value, index, depth) : items(value, index, depth);
        if (!ok) return 0;
        state.entries[index].raw = up_to_here(token.data());
        return index;
    }

    void link(std::uint32_t parent, std::uint32_t& previous, std::uint32_t child) {
        (previous == 0 ? state.entries[parent].first_child : state.entries[previous].next_sibling) = child;
        ++state.entries[parent].children;
        previous = child;
    }

    bool members(ondemand::value value, std::uint32_t index, std::size_t depth) {
        ondemand::object object;
        if (!check(value.get_object().get(object))) return false;
        state.entries[index].kind = JsonNode::Kind::object;
        std::uint32_t previous = 0;
        for (auto item : object) {
            ondemand::field field;
            if (!check(std::move(item).get(field))) return false;
            std::string_view name;
            if (!check(field.unescaped_key().get(name))) return false;
            const auto child = add(field.value(), name, depth + 1);
            if (child == 0) return false;
            link(index, previous, child);
        }
        return true;
    }

    bool items(ondemand::value value, std::uint32_t index, std::size_t depth) {
        ondemand::array array;
        if (!check(value.get_array().get(array))) return false;
        state.entries[index].kind = JsonNode::Kind::array;
        std::uint32_t previous = 0;
        for (auto item : array) {
            ondemand::value element;
            if (!check(item.get(element))) return false;
            const auto child = add(element, {}, depth + 1);
            if (child == 0) return false;
            link(index, previous, child);
        }
        return true;
    }
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

JsonTree::JsonTree() : state_(State::borrow()) {}
JsonTree::~JsonTree() { State::give_back(std::move(state_)); }
JsonTree::JsonTree(JsonTree&&) noexcept = default;
JsonTree& JsonTree::operator=(JsonTree&&) noexcept = default;

Result<JsonNode> JsonTree::parse(std::string_view text) {
    auto& state = *state_;
    state.entries.clear();
    // Wrapped in an array, so that a scalar root is read like any other value (on-demand treats root scalars apart).
    state.padded.clear();
    state.padded.reserve(text.size() + 2 + simdjson::SIMDJSON_PADDING);
    state.padded += '[';
    state.padded += text;
    state.padded += ']';
    ondemand::document document;
    auto code = state.parser.iterate(state.padded.data(), state.padded.size(), state.padded.capacity()).get(document);
    Builder builder{state, document};
    state.entries.emplace_back();  // index 0 means "none"
    if (builder.check(code)) {
        ondemand::value root;
        if (builder.check(document.get_value().get(root))) builder.add(root, {}, 0);
    }
    const char* rest = nullptr;  // found only when something follows the closing bracket
    if (builder.error == simdjson::SUCCESS && (document.current_location().get(rest) == simdjson::SUCCESS || state.entries[1].children != 1))
        builder.error = simdjson::TAPE_ERROR;
    if (builder.error == simdjson::SUCCESS) return JsonNode(this, state.entries[1].first_child);

    const char* location = nullptr;
    std::string where;
    if (code == simdjson::SUCCESS && document.current_location().get(location) == simdjson::SUCCESS && location > state.padded.data())
        where = " near byte " + std::to_string(location - state.padded.data() - 1);
    return fail(Failure::invalid_request, "not valid JSON" + where + ": " + simdjson::error_message(builder.error));
}

JsonNode::Kind JsonNode::kind() const noexcept { return tree_ ? tree_->state_->entries[index_].kind : Kind::absent; }
std::string_view JsonNode::raw() const noexcept { return tree_ ? tree_->state_->entries[index_].raw : std::string_view(); }
std::string_view JsonNode::text() const noexcept { return tree_ ? tree_->state_->entries[index_].text : std::string_view(); }
std::string_view JsonNode::name() const noexcept { return tree_ ? tree_->state_->entries[index_].name : std::string_view(); }
std::size_t JsonNode::size() const noexcept { return tree_ ? tree_->state_->entries[index_].children : 0; }

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
    for (JsonNode member : *this)
        if (member.name() == name) return member;
    return {};
}

JsonNode::Iterator& JsonNode::Iterator::operator++() noexcept {
    index_ = tree_->state_->entries[index_].next_sibling;
    return *this;
}

JsonNode::Iterator JsonNode::begin() const noexcept { return {tree_, tree_ ? tree_->state_->entries[index_].first_child : 0}; }
JsonNode::Iterator JsonNode::end() const noexcept { return {tree_, 0}; }

}  // namespace smg::codec
