#pragma once
/// Header fields in order, as data. Names compare without case (RFC 9110 section 5.1).
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ascii.hpp"

namespace smg::http {

/// One field of a `Fields`, valid until that is changed.
struct Field {
    std::string_view name;
    std::string_view value;
    bool checked = false;  ///< by the head parser: name and value are what may stand in a head
};

/// All names and values lie one behind the other in one piece of memory: a head of thirty fields costs two allocations, not sixty.
/// What `find`, `get` and the iterators return is a view into it, valid until something is added.
class Fields {
    /// Where a field's name begins in the text; its value follows at once. A head is far shorter than 4 GB.
    struct Entry {
        std::uint32_t begin;
        std::uint32_t name_size;
        std::uint32_t value_size : 31;
        std::uint32_t checked : 1;
    };

public:
    class Iterator {
    public:
        using iterator_category = std::input_iterator_tag;
        using value_type = Field;
        using difference_type = std::ptrdiff_t;
        using pointer = const Field*;
        using reference = Field;

        Iterator(const Entry* entry, const char* text) noexcept : entry_(entry), text_(text) {}
        [[nodiscard]] Field operator*() const noexcept { return field_of(*entry_, text_); }
        Iterator& operator++() noexcept {
            ++entry_;
            return *this;
        }
        Iterator operator++(int) noexcept {
            auto before = *this;
            ++entry_;
            return before;
        }
        friend bool operator==(const Iterator& a, const Iterator& b) noexcept { return a.entry_ == b.entry_; }

    private:
        const Entry* entry_;
        const char* text_;
    };

    Fields() = default;
    Fields(const Fields&) = default;
    Fields& operator=(const Fields&) = default;
    Fields(Fields&& other) noexcept
        : entries_(std::move(other.entries_)), text_(std::move(other.text_)), used_(std::exchange(other.used_, 0)) {}
    Fields& operator=(Fields&& other) noexcept {
        entries_ = std::move(other.entries_);
        text_ = std::move(other.text_);
        used_ = std::exchange(other.used_, 0);
        return *this;
    }
    ~Fields() = default;

    /// Both may be views into this object.
    void add(std::string_view name, std::string_view value) { add(Field{name, value}); }
    /// Likewise; one that was checked stays so.
    void add(const Field& field) {
        const auto size = field.name.size() + field.value.size();
        if (text_.size() - used_ < size) return add_growing(field);
        field.name.copy(text_.data() + used_, field.name.size());
        field.value.copy(text_.data() + used_ + field.name.size(), field.value.size());
        note(field);
    }
    /// Replaces every field of that name by one.
    void set(std::string_view name, std::string_view value) {
        erase(name);
        add(name, value);
    }
    void erase(std::string_view name) {
        erase_if([name](const Field& field) { return iequals(field.name, name); });
    }
    /// Removes each field for which `predicate(field)` holds; the order of the others stays.
    template <typename Predicate>
    void erase_if(Predicate predicate) {
        std::erase_if(entries_, [&](const Entry& entry) { return predicate(field_of(entry, text_.data())); });
    }
    /// Room for that many fields, and for as many bytes of names and values.
    void reserve(std::size_t fields, std::size_t bytes = 0) {
        entries_.reserve(fields);
        if (bytes > text_.size()) text_.resize(bytes);
    }
    /// The first value of that name; nothing when absent.
    [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const noexcept {
        for (const auto& entry : entries_)
            if (entry.name_size == name.size() && iequals(field_of(entry, text_.data()).name, name)) return field_of(entry, text_.data()).value;
        return std::nullopt;
    }
    /// The first value of that name, or empty.
    [[nodiscard]] std::string_view get(std::string_view name) const noexcept { return find(name).value_or(std::string_view()); }
    [[nodiscard]] bool contains(std::string_view name) const noexcept { return find(name).has_value(); }
    [[nodiscard]] std::size_t count(std::string_view name) const noexcept {
        std::size_t n = 0;
        for (const auto& field : *this) n += iequals(field.name, name) ? 1U : 0U;
        return n;
    }
    void clear() noexcept {
        entries_.clear();
        used_ = 0;
    }
    [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
    [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
    [[nodiscard]] Iterator begin() const noexcept { return {entries_.data(), text_.data()}; }
    [[nodiscard]] Iterator end() const noexcept { return {entries_.data() + entries_.size(), text_.data()}; }

private:
    [[nodiscard]] static Field field_of(const Entry& entry, const char* text) noexcept {
        const char* name = text + entry.begin;
        return {{name, entry.name_size}, {name + entry.name_size, entry.value_size}, entry.checked != 0};
    }
    /// With more room, without losing what the field may see in the old one.
    void add_growing(const Field& field) {
        std::string larger;
        larger.resize(2 * (used_ + field.name.size() + field.value.size()));
        text_.copy(larger.data(), used_);
        field.name.copy(larger.data() + used_, field.name.size());
        field.value.copy(larger.data() + used_ + field.name.size(), field.value.size());
        note(field);
        text_.swap(larger);
    }
    /// Its text stands there already.
    void note(const Field& field) {
        entries_.push_back({static_cast<std::uint32_t>(used_), static_cast<std::uint32_t>(field.name.size()),
                            static_cast<std::uint32_t>(field.value.size()) & 0x7fffffffU, field.checked ? 1U : 0U});
        used_ += field.name.size() + field.value.size();
    }

    std::vector<Entry> entries_;
    std::string text_;       ///< names and values, and room for more of them
    std::size_t used_ = 0;  ///< of it
};

}  // namespace smg::http
