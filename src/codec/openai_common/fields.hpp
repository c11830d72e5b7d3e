#pragma once
/// Reads the members of a client's request and says, in OpenAI's words, which field is wrong. Lives on the stack of one decode.
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "codec/conversation.hpp"
#include "codec/json_tree.hpp"

namespace smg::codec::openai {

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

/// Every reader answers false after it has noted an error; the first one noted is the one reported. Readers of optional values accept
/// an absent one and null, and then leave `out` as it is.
class Fields {
public:
    bool wrong_type(const Path& path, std::string_view expected, JsonNode got);
    bool missing(const Path& path);
    bool invalid(const Path& path, std::string message);
    /// `Invalid value: 'x'. Supported values are: …`
    bool unsupported_value(const Path& path, std::string_view value, std::initializer_list<std::string_view> supported);

    bool is_object(JsonNode node, const Path& path);  ///< required; also refuses two members of one name
    bool is_array(JsonNode node, const Path& path);   ///< required

    bool string(JsonNode node, const Path& path, std::string& out);
    bool required_string(JsonNode node, const Path& path, std::string& out);  ///< and not empty
    bool boolean(JsonNode node, const Path& path, std::optional<bool>& out);
    bool number(JsonNode node, const Path& path, NumberText& out);
    /// A whole number of at least `minimum`, written without a fraction.
    bool integer(JsonNode node, const Path& path, std::int64_t minimum, NumberText& out);
    bool object(JsonNode node, const Path& path, RawJson& out);  ///< verbatim
    bool array(JsonNode node, const Path& path, RawJson& out);   ///< verbatim

    [[nodiscard]] tl::unexpected<Error> error() { return tl::unexpected<Error>(std::move(*error_)); }

private:
    std::optional<Error> error_;
};

/// Keeps a member that the conversation has no name for.
void keep(std::vector<std::pair<std::string, RawJson>>& unknown, JsonNode member, std::string_view prefix = {});

}  // namespace smg::codec::openai

// Chat and Responses read their fields alike.
namespace smg::codec::chat {
using namespace openai;
}
namespace smg::codec::responses {
using namespace openai;
}
