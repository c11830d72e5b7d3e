#pragma once
/// Reads the members of a generateContent body in both of proto JSON's spellings (`systemInstruction`, `system_instruction`) and says
/// which field is wrong. Lives on the stack of one decode.
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "codec/conversation.hpp"
#include "codec/json_tree.hpp"

namespace smg::codec::google {

/// Whether `name` is `camel` or its snake_case spelling.
[[nodiscard]] bool is_named(std::string_view name, std::string_view camel) noexcept;
/// The member of an object in either spelling, else an absent node.
[[nodiscard]] JsonNode member(JsonNode object, std::string_view camel) noexcept;
/// `inline_data` → `inlineData`; a name in camelCase stays as it is.
[[nodiscard]] std::string camel_case(std::string_view name);

/// Where a value stands in the body, as a chain of stack objects: nothing is allocated unless an error is written.
class Path {
public:
    constexpr Path() = default;
    [[nodiscard]] constexpr Path member(std::string_view name) const { return Path(this, name, 0, false); }
    /// As the client spelled it, where it is there.
    [[nodiscard]] Path member(JsonNode found, std::string_view camel) const { return member(found.present() ? found.name() : camel); }
    [[nodiscard]] constexpr Path item(std::size_t index) const { return Path(this, {}, index, true); }
    /// `contents[2].parts[0].text`
    [[nodiscard]] std::string text() const;

private:
    constexpr Path(const Path* parent, std::string_view name, std::size_t index, bool indexed)
        : parent_(parent), name_(name), index_(index), indexed_(indexed) {}
    const Path* parent_ = nullptr;
    std::string_view name_;
    std::size_t index_ = 0;
    bool indexed_ = false;
};

using Members = std::vector<std::pair<std::string, RawJson>>;

/// Every reader answers false after it has noted an error; the first one noted is the one reported. Readers of optional values accept
/// an absent one and null, and then leave `out` as it is.
class Fields {
public:
    bool invalid(const Path& path, std::string message);
    bool wrong_type(const Path& path, std::string_view expected, JsonNode got);

    bool is_object(JsonNode node, const Path& path);  ///< required; also refuses a member given twice, in one or both spellings
    /// The items of a required array. One object stands for an array of it, as proto JSON's reader at Google allows (recorded).
    bool items(JsonNode node, const Path& path, std::vector<JsonNode>& out);
    bool required_string(JsonNode node, const Path& path, std::string& out);  ///< and not empty
    bool string(JsonNode node, const Path& path, std::string& out);
    bool boolean(JsonNode node, const Path& path, std::optional<bool>& out);
    bool number(JsonNode node, const Path& path, NumberText& out);
    bool integer(JsonNode node, const Path& path, NumberText& out);  ///< a whole number, also as a string, as proto JSON allows
    bool object(JsonNode node, const Path& path, RawJson& out);      ///< verbatim
    bool array(JsonNode node, const Path& path, RawJson& out);       ///< verbatim
    bool strings(JsonNode node, const Path& path, std::vector<std::string>& out);

    [[nodiscard]] tl::unexpected<Error> error() { return tl::unexpected<Error>(std::move(*error_)); }

private:
    std::optional<Error> error_;
};

/// Keeps a member that the conversation has no name for.
void keep(Members& unknown, JsonNode member, std::string_view prefix = {});

}  // namespace smg::codec::google
