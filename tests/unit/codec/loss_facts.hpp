#pragma once
/// A conversation or an answer as facts: under a path that is the same for every recording (`request.turns[user].parts[text].text`)
/// stands what was said there, in the order in which it was said. Two of them are compared path by path.
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "codec/codec.hpp"

namespace smg::codec::loss {

using Facts = std::map<std::string, std::vector<std::string>>;

/// Every member that says anything; `root` begins every path.
[[nodiscard]] Facts facts_of(const Conversation& conversation, const std::string& root);
[[nodiscard]] Facts facts_of(const Answer& answer, const std::string& root);

/// What `after` says other than `before`, an entry a path:
/// `lost <path>` (nothing, or only some of it, is left), `added <path>`, `changed <path>`, and two ways to say the same in another way:
/// `split <path>` (the same text in other pieces), `respelled <path>` (the same JSON).
[[nodiscard]] std::set<std::string> differences(const Facts& before, const Facts& after);

/// The answer that a stream's events add up to.
[[nodiscard]] Answer folded(const StreamEvents& events);

}  // namespace smg::codec::loss
