#include "gateway/bare_json.hpp"

#include <algorithm>
#include <utility>

#include "codec/answer_events.hpp"
#include "codec/json_tree.hpp"
#include "gateway/error_reply.hpp"

namespace smg::gateway {
namespace {

/// Members that an answer has, and an error has not.
constexpr std::string_view answer_members[] = {"choices", "candidates", "output", "content"};

}  // namespace

bool BareJson::take(std::string_view bytes) {
    if (kind_ == Kind::undecided) {
        const auto at = bytes.find_first_not_of(" \t\r\n");
        if (at == std::string_view::npos) return false;
        kind_ = bytes[at] == '{' || bytes[at] == '[' ? Kind::json : Kind::events;
    }
    if (kind_ == Kind::events) return false;
    if (whole_ || too_long()) return true;
    scan(bytes);
    text_ += bytes;
    return true;
}

void BareJson::scan(std::string_view bytes) {
    for (const char c : bytes) {
        if (in_string_) {
            if (!std::exchange(escaped_, !escaped_ && c == '\\') && c == '"') in_string_ = false;
        } else if (c == '"') {
            in_string_ = true;
        } else if (c == '{' || c == '[') {
            ++depth_;
        } else if ((c == '}' || c == ']') && --depth_ == 0) {
            whole_ = true;
            return;
        }
    }
}

void BareJson::tell(const codec::Codec& upstream, const codec::RequestMemo& memo, codec::StreamEvents& out) const {
    if (auto error = stated_error(upstream, text_)) {
        out.emplace_back(codec::event::Failed{std::move(*error)});
    } else if (const auto answer = upstream.decode_response(text_, memo)) {
        codec::append_events(*answer, out);
    } else {
        out.emplace_back(codec::event::Failed{broken_answer("the provider's answer could not be read: " + answer.error().message)});
    }
}

std::optional<codec::ProviderError> stated_error(const codec::Codec& upstream, std::string_view body) {
    codec::JsonTree tree;
    const auto root = tree.parse(body);
    if (!root) return std::nullopt;
    const auto stated = root->is_array() && root->size() > 0 ? *root->begin() : *root;
    const bool answers =
        std::any_of(std::begin(answer_members), std::end(answer_members), [&](std::string_view name) { return stated[name].is_array(); });
    if (answers || !stated["error"].present() || stated["error"].is_null()) return std::nullopt;
    return upstream.decode_error(0, body);
}

}  // namespace smg::gateway
