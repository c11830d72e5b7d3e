#pragma once
/// A parsed JSON text with random access in which every value keeps its verbatim source text. Built in one pass of simdjson's
/// on-demand parser, which alone would be forward-only. The whole text is validated. Not for sharing between threads.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace smg::codec {

class JsonTree;

/// A handle to one value of a tree, or to nothing (an absent member). Valid as long as its tree is neither moved nor destroyed.
/// Every accessor may be called on an absent or wrongly typed value: it answers with empty.
class JsonNode {
public:
    enum class Kind : std::uint8_t { absent, null, boolean, number, string, object, array };

    JsonNode() = default;

    [[nodiscard]] Kind kind() const noexcept;
    [[nodiscard]] bool present() const noexcept { return tree_ != nullptr; }
    explicit operator bool() const noexcept { return present(); }
    [[nodiscard]] bool is_null() const noexcept { return kind() == Kind::null; }
    [[nodiscard]] bool is_absent_or_null() const noexcept { return !present() || is_null(); }
    [[nodiscard]] bool is_string() const noexcept { return kind() == Kind::string; }
    [[nodiscard]] bool is_object() const noexcept { return kind() == Kind::object; }
    [[nodiscard]] bool is_array() const noexcept { return kind() == Kind::array; }
    [[nodiscard]] bool is_number() const noexcept { return kind() == Kind::number; }
    [[nodiscard]] bool is_boolean() const noexcept { return kind() == Kind::boolean; }

    /// Verbatim JSON text of the value, without surrounding white space.
    [[nodiscard]] std::string_view raw() const noexcept;
    /// A string's contents, unescaped; empty for anything else.
    [[nodiscard]] std::string_view text() const noexcept;
    /// A number's source spelling; empty for anything else.
    [[nodiscard]] std::string_view number_text() const noexcept { return is_number() ? raw() : std::string_view(); }
    [[nodiscard]] std::optional<bool> boolean() const noexcept;
    [[nodiscard]] std::optional<std::int64_t> integer() const noexcept;  ///< also of `3.0`; nothing when it has a fraction or does not fit
    [[nodiscard]] std::optional<double> real() const noexcept;

    /// The member of that name of an object (the first one, if there are several), else an absent node.
    [[nodiscard]] JsonNode operator[](std::string_view name) const noexcept;
    /// Number of members or items.
    [[nodiscard]] std::size_t size() const noexcept;
    /// The name under which this value stands in its object, unescaped.
    [[nodiscard]] std::string_view name() const noexcept;

    /// Children in order: `for (JsonNode item : node)`; an object's children know their `name()`.
    class Iterator {
    public:
        Iterator(const JsonTree* tree, std::uint32_t index) : tree_(tree), index_(index) {}
        [[nodiscard]] JsonNode operator*() const noexcept { return JsonNode(tree_, index_); }
        Iterator& operator++() noexcept;
        friend bool operator==(const Iterator& a, const Iterator& b) noexcept { return a.index_ == b.index_; }

    private:
        const JsonTree* tree_;
        std::uint32_t index_;
    };
    [[nodiscard]] Iterator begin() const noexcept;
    [[nodiscard]] Iterator end() const noexcept;

private:
    friend class JsonTree;
    JsonNode(const JsonTree* tree, std::uint32_t index) : tree_(tree), index_(index) {}
    const JsonTree* tree_ = nullptr;
    std::uint32_t index_ = 0;
};

/// Owns a padded copy of the text and the index over it. Reusable: `parse` again replaces everything and keeps the memory, which the thread's
/// next tree takes over.
class JsonTree {
public:
    JsonTree();
    ~JsonTree();
    JsonTree(JsonTree&&) noexcept;
    JsonTree& operator=(JsonTree&&) noexcept;

    /// Any JSON value. On failure the message says what is wrong and at which byte.
    [[nodiscard]] Result<JsonNode> parse(std::string_view text);

private:
    friend class JsonNode;
    struct Builder;
    struct Entry;
    struct State;
    [[nodiscard]] static std::vector<std::unique_ptr<State>>& kept() noexcept;
    std::unique_ptr<State> state_;
};

}  // namespace smg::codec
