#include "codec/json_members.hpp"

#include <simdjson.h>

#include <string>
#include <utility>

#include "codec/json_tree.hpp"

namespace smg::codec {
namespace {

namespace ondemand = simdjson::ondemand;

static_assert(json_padding >= simdjson::SIMDJSON_PADDING);

/// Kept between texts, so that a scan allocates nothing; dropped after a large one, so that it does not hold memory for good.
struct Scratch {
    ondemand::parser parser;
    std::string padded;
};
constexpr std::size_t keep_below = 1024 * 1024;

std::size_t trimmed(std::string_view text, std::size_t end) noexcept {
    while (end > 0 && (text[end - 1] == ' ' || text[end - 1] == '\n' || text[end - 1] == '\r' || text[end - 1] == '\t')) --end;
    return end;
}

/// One pass over `text`, which has its padding behind it.
class Pass {
public:
    Pass(std::string_view text, std::vector<JsonMember>& members) : text_(text), members_(members) {}

    simdjson::error_code run(ondemand::parser& parser, std::size_t readable) {
        ondemand::document document;
        ondemand::object object;
        if (const auto code = parser.iterate(text_.data(), text_.size(), readable).get(document)) return code;
        if (const auto code = document.get_object().get(object)) return code;
        for (auto item : object) {
            ondemand::field field;
            if (const auto code = std::move(item).get(field)) return code;
            if (const auto code = add(field)) return code;
        }
        const char* rest = nullptr;  // found only when something follows the closing brace
        return document.current_location().get(rest) == simdjson::SUCCESS ? simdjson::TAPE_ERROR : simdjson::SUCCESS;
    }

private:
    [[nodiscard]] std::size_t offset_of(const char* place) const noexcept { return static_cast<std::size_t>(place - text_.data()); }

    simdjson::error_code add(ondemand::field& field) {
        JsonMember member;
        member.begin = offset_of(field.key().raw()) - 1;
        std::string_view name;
        if (const auto code = field.unescaped_key().get(name)) return code;
        member.name = name;
        auto& value = field.value();
        ondemand::json_type type{};
        if (const auto code = value.type().get(type)) return code;
        auto raw = value.raw_json_token();
        member.value_begin = offset_of(raw.data());
        if (type == ondemand::json_type::object) {
            ondemand::object below;
            if (const auto code = value.get_object().get(below)) return code;
            if (const auto code = below.raw_json().get(raw)) return code;
        } else if (type == ondemand::json_type::array) {
            ondemand::array below;
            if (const auto code = value.get_array().get(below)) return code;
            if (const auto code = below.raw_json().get(raw)) return code;
        } else if (raw.data()[raw.size()] == ':') {
            return simdjson::TAPE_ERROR;  // a value that is a name: simdjson would step over what follows it
        }
        member.end = trimmed(text_, member.value_begin + raw.size());
        members_.push_back(std::move(member));
        return simdjson::SUCCESS;
    }

    std::string_view text_;
    std::vector<JsonMember>& members_;
};

/// The pass knows that something is wrong; a tree knows what, and where.
Error what_is_wrong(std::string_view text, simdjson::error_code code) {
    JsonTree tree;
    const auto root = tree.parse(text);
    if (!root) return root.error();
    if (!root->is_object()) return Error(Failure::invalid_request, "a JSON object was expected");
    return Error(Failure::invalid_request, std::string("not valid JSON: ") + simdjson::error_message(code));
}

}  // namespace

Result<void> find_members(std::string_view text, std::size_t readable, std::vector<JsonMember>& members) {
    thread_local Scratch scratch;
    members.clear();
    auto padded = text;
    if (readable < text.size() + json_padding) {
        scratch.padded.reserve(text.size() + json_padding);
        scratch.padded.assign(text);
        padded = scratch.padded;
        readable = scratch.padded.capacity();
    }
    const auto code = Pass(padded, members).run(scratch.parser, readable);
    if (text.size() > keep_below) scratch = Scratch();
    if (code != simdjson::SUCCESS) return tl::unexpected(what_is_wrong(text, code));
    return {};
}

}  // namespace smg::codec
