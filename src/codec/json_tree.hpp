#pragma once
/// A parsed JSON text with random access in which every value keeps its verbatim source text. Built in one pass over the places of tokens that
/// simdjson's first stage finds. The whole text is validated. Not for sharing between threads.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace smg::codec {

class JsonTree;

/// A handle to one value of a tree, or to nothing (an absent member). Valid until its tree parses again or is destroyed.
/// Every accessor may be called on an absent or wrongly typed value: it answers with empty.
class JsonNode {
public:
    enum class Kind : std::uint8_t { absent, null, boolean, number, string, object, array };

    JsonNode() = default;

    [[nodiscard]] Kind kind() const noexcept { return entry_ ? entry_->kind : Kind::absent; }
    [[nodiscard]] bool present() const noexcept { return entry_ != nullptr; }
    explicit operator bool() const noexcept { return present(); }
    [[nodiscard]] bool is_null() const noexcept { return kind() == Kind::null; }
    [[nodiscard]] bool is_absent_or_null() const noexcept { return !present() || is_null(); }
    [[nodiscard]] bool is_string() const noexcept { return kind() == Kind::string; }
    [[nodiscard]] bool is_object() const noexcept { return kind() == Kind::object; }
    [[nodiscard]] bool is_array() const noexcept { return kind() == Kind::array; }
    [[nodiscard]] bool is_number() const noexcept { return kind() == Kind::number; }
    [[nodiscard]] bool is_boolean() const noexcept { return kind() == Kind::boolean; }

    /// Verbatim JSON text of the value, without surrounding white space.
    [[nodiscard]] std::string_view raw() const noexcept { return entry_ ? std::string_view(entry_->raw, entry_->raw_size) : std::string_view(); }
    /// A string's contents, unescaped; empty for anything else.
    [[nodiscard]] std::string_view text() const noexcept { return entry_ ? std::string_view(entry_->text, entry_->text_size) : std::string_view(); }
    /// A number's source spelling; empty for anything else.
    [[nodiscard]] std::string_view number_text() const noexcept { return is_number() ? raw() : std::string_view(); }
    [[nodiscard]] std::optional<bool> boolean() const noexcept;
    [[nodiscard]] std::optional<std::int64_t> integer() const noexcept;  ///< also of `3.0`; nothing when it has a fraction or does not fit
    [[nodiscard]] std::optional<double> real() const noexcept;

    /// The member of that name of an object (the first one, if there are several), else an absent node.
    [[nodiscard]] JsonNode operator[](std::string_view name) const noexcept;
    /// Number of members or items.
    [[nodiscard]] std::size_t size() const noexcept { return entry_ ? entry_->children : 0; }
    /// The name under which this value stands in its object, unescaped.
    [[nodiscard]] std::string_view name() const noexcept { return entry_ ? std::string_view(entry_->name, entry_->name_size) : std::string_view(); }

    class Iterator;
    /// Children in order: `for (JsonNode item : node)`; an object's children know their `name()`.
    [[nodiscard]] Iterator begin() const noexcept;
    [[nodiscard]] Iterator end() const noexcept;

private:
    friend class JsonTree;
    /// One value. Those below it follow it at once, in the order of the text.
    struct Entry {
        const char* raw = nullptr;
        const char* text = nullptr;  ///< unescaped contents of a string
        const char* name = nullptr;
        std::uint32_t raw_size = 0;
        std::uint32_t text_size = 0;
        std::uint32_t name_size = 0;
        std::uint32_t children = 0;
        std::uint32_t to_next = 0;  ///< entries to the next child of the same parent; 0: there is none
        Kind kind = Kind::absent;
    };
    explicit JsonNode(const Entry* entry) : entry_(entry) {}
    const Entry* entry_ = nullptr;
};

class JsonNode::Iterator {
public:
    [[nodiscard]] JsonNode operator*() const noexcept { return JsonNode(entry_); }
    Iterator& operator++() noexcept {
        entry_ = entry_->to_next == 0 ? nullptr : entry_ + entry_->to_next;
        return *this;
    }
    friend bool operator==(const Iterator& a, const Iterator& b) noexcept { return a.entry_ == b.entry_; }

private:
    friend class JsonNode;
    explicit Iterator(const Entry* entry) : entry_(entry) {}
    const Entry* entry_;
};

inline JsonNode::Iterator JsonNode::begin() const noexcept { return Iterator(size() == 0 ? nullptr : entry_ + 1); }
inline JsonNode::Iterator JsonNode::end() const noexcept { return Iterator(nullptr); }

/// Owns a padded copy of the text and the index over it. Reusable: `parse` again replaces everything and keeps the memory, which the thread's
/// next tree takes over.
class JsonTree {
public:
    JsonTree();
    ~JsonTree();
    JsonTree(JsonTree&&) noexcept;
    JsonTree& operator=(JsonTree&&) noexcept;

    /// Any JSON value, of less than 4 GB. On failure the message says what is wrong and at which byte.
    [[nodiscard]] Result<JsonNode> parse(std::string_view text);

private:
    using Entry = JsonNode::Entry;
    class Builder;
    struct State;
    [[nodiscard]] static std::vector<std::unique_ptr<State>>& kept() noexcept;
    std::unique_ptr<State> state_;
};

}  // namespace smg::codec
