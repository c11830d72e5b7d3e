#pragma once
/// Reads the members of a Messages body and says, in Anthropic's words, which field is wrong. Lives on the stack of one decode.
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "codec/conversation.hpp"
#include "codec/json_tree.hpp"

namespace smg::codec::messages {

/// Where a value stands in the body, as a chain of stack objects: nothing is allocated unless an error is written.
class Path {
public:
    constexpr Path() = default;
    [[nodiscard]] constexpr Path member(std::string_view name) const { return Path(this, name, 0, false); }
    [[nodiscard]] constexpr Path item(std::size_t index) const { return Path(this, {}, index, true); }
    /// `messages[2].content`
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
    bool invalid(const Path& path, const std::string& message);
    bool wrong_type(const Path& path, std::string_view expected, JsonNode got);

    bool is_object(JsonNode node, const Path& path);                          ///< required; also refuses two members of one name
    bool is_array(JsonNode node, const Path& path);                           ///< required
    bool required_string(JsonNode node, const Path& path, std::string& out);  ///< may be empty
    bool name(JsonNode node, const Path& path, std::string& out);             ///< a required string that is not empty
    bool string(JsonNode node, const Path& path, std::string& out);
    bool boolean(JsonNode node, const Path& path, std::optional<bool>& out);
    bool number(JsonNode node, const Path& path, NumberText& out);
    bool integer(JsonNode node, const Path& path, std::int64_t minimum, NumberText& out);
    bool object(JsonNode node, const Path& path, RawJson& out);  ///< verbatim

    [[nodiscard]] bool failed() const noexcept { return error_.has_value(); }
    [[nodiscard]] Error take() { return std::move(*error_); }

private:
    std::optional<Error> error_;
};

[[nodiscard]] bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words);

/// Keeps the members of an object that are not among `known`, under `prefix` and their names.
void keep_rest(JsonNode object, std::initializer_list<std::string_view> known, Members& out, std::string_view prefix = {});

}  // namespace smg::codec::messages
