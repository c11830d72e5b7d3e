#pragma once
/// Header fields in order, as data. Names compare without case (RFC 9110 section 5.1).
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ascii.hpp"

namespace smg::http {

struct Field {
    Field(std::string field_name, std::string field_value) : name(std::move(field_name)), value(std::move(field_value)) {}
    std::string name;
    std::string value;
};

class Fields {
public:
    void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
    /// Replaces every field of that name by one.
    void set(std::string_view name, std::string value) {
        erase(name);
        fields_.emplace_back(std::string(name), std::move(value));
    }
    void erase(std::string_view name) {
        std::erase_if(fields_, [&](const Field& field) { return iequals(field.name, name); });
    }
    /// Removes each field for which `predicate(field)` holds; the order of the others stays.
    template <typename Predicate>
    void erase_if(Predicate predicate) {
        std::erase_if(fields_, predicate);
    }
    void reserve(std::size_t fields) { fields_.reserve(fields); }
    /// The first value of that name; nothing when absent.
    [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const noexcept {
        for (const auto& field : fields_)
            if (iequals(field.name, name)) return std::string_view(field.value);
        return std::nullopt;
    }
    /// The first value of that name, or empty.
    [[nodiscard]] std::string_view get(std::string_view name) const noexcept { return find(name).value_or(std::string_view()); }
    [[nodiscard]] bool contains(std::string_view name) const noexcept { return find(name).has_value(); }
    [[nodiscard]] std::size_t count(std::string_view name) const noexcept {
        std::size_t n = 0;
        for (const auto& field : fields_) n += iequals(field.name, name) ? 1U : 0U;
        return n;
    }
    void clear() noexcept { fields_.clear(); }
    [[nodiscard]] std::size_t size() const noexcept { return fields_.size(); }
    [[nodiscard]] bool empty() const noexcept { return fields_.empty(); }
    [[nodiscard]] auto begin() const noexcept { return fields_.begin(); }
    [[nodiscard]] auto end() const noexcept { return fields_.end(); }

private:
    std::vector<Field> fields_;
};

}  // namespace smg::http
