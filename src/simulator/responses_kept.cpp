#include <algorithm>
#include <cstdlib>

#include "http/target.hpp"
#include "simulator/responses.hpp"
#include "simulator/text.hpp"

namespace smg::simulator {
namespace {

/// The request's own items as `input_items` shows them: each with an id, texts as parts.
Json listed_items(const ResponseAnswer& answer) {
    Json items = Json::array();
    const auto& request = *answer.request;
    for (auto i = request.kept; i < request.items.size(); ++i) {
        auto item = request.items[i];
        const auto type = text_member(item, "type");
        const std::string prefix = type == "message" ? "msg" : type == "reasoning" ? "rs" : type == "custom_tool_call" ? "ctc" : "fc";
        if (!has(item, "id")) item["id"] = prefix + "_" + made_up_hex(hash_of("input", answer.seed + i), 50);
        if (!has(item, "status") && type != "reasoning") item["status"] = "completed";
        const auto* text = text_member(item, "role") == "assistant" ? "output_text" : "input_text";
        if (has(item, "content") && item["content"].is_string())
            item["content"] = Json::array({Json{{"type", text}, {"text", item["content"]}}});
        items.push_back(std::move(item));
    }
    return items;
}

SimulatedReply answered(const Call& call, const ChatProvider& provider, const Json& body) {
    return whole_reply(call, 200, provider.head(call, "application/json"), dump(body));
}

/// Newest first unless `order=asc`, `limit` at a time, behind `after`.
Json page_of(const Call& call, const Json& items) {
    std::vector<Json> all(items.begin(), items.end());
    const auto& query = call.request.query;
    if (http::query_parameter(query, "order").value_or("desc") != "asc") std::reverse(all.begin(), all.end());
    const auto after = http::query_parameter(query, "after").value_or("");
    const auto limit = static_cast<std::size_t>(std::clamp(std::atoi(http::query_parameter(query, "limit").value_or("20").c_str()), 1, 100));
    std::size_t begin = 0;
    for (std::size_t i = 0; i < all.size() && !after.empty(); ++i)
        if (text_member(all[i], "id") == after) begin = i + 1;
    const auto end = std::min(all.size(), begin + limit);
    Json page{{"object", "list"}, {"data", Json::array()}, {"first_id", nullptr}, {"has_more", end < all.size()}, {"last_id", nullptr}};
    for (auto i = begin; i < end; ++i) page["data"].push_back(all[i]);
    if (begin < end) page["first_id"] = all[begin]["id"];
    if (begin < end) page["last_id"] = all[end - 1]["id"];
    return page;
}

SimulatedReply cancel_reply(const Call& call, const ChatProvider& provider, const std::string& key, Json kept) {
    if (!flag_member(kept["response"], "background"))
        return provider.refuse(call, {400, "Cannot cancel a synchronous response.", {}, {}});
    // A background response runs until somebody has seen its end.
    if (!flag_member(kept, "seen")) {
        kept["response"]["status"] = "cancelled";
        kept["response"]["output"] = Json::array();
        kept["response"]["completed_at"] = kept["response"]["usage"] = nullptr;
        kept["seen"] = true;
        call.memory.keep(key, kept);
    }
    return answered(call, provider, kept["response"]);
}

}  // namespace

std::string response_key(Flavour flavour, const std::string& id) {
    return (flavour == Flavour::xai ? "xai/responses/" : "openai/responses/") + id;
}

std::string item_key(Flavour flavour, const std::string& id) { return (flavour == Flavour::xai ? "xai/items/" : "openai/items/") + id; }

void keep_response(const Call& call, const ResponseAnswer& answer, const Json& response) {
    const auto flavour = answer.request->flavour;
    auto history = answer.request->items;
    std::string reasoning;
    for (const auto& item : response["output"]) {
        history.push_back(item);
        Json kept{{"item", item}, {"needs", reasoning}};
        if (text_member(item, "type") == "reasoning") reasoning = text_member(item, "id");
        call.memory.keep(item_key(flavour, text_member(item, "id")), std::move(kept));
    }
    auto listed = listed_items(answer);
    for (const auto& item : listed)
        if (!call.memory.find(item_key(flavour, text_member(item, "id"))))
            call.memory.keep(item_key(flavour, text_member(item, "id")), {{"item", item}, {"needs", ""}});
    call.memory.keep(response_key(flavour, answer.id), {{"response", response}, {"history", history}, {"input", std::move(listed)}});
}

SimulatedReply kept_response_reply(const Call& call, const ChatProvider& provider, const std::string& rest) {
    const auto& method = call.request.method;
    const auto slash = rest.find('/');
    const auto id = rest.substr(0, slash);
    const auto verb = slash == std::string::npos ? std::string() : rest.substr(slash + 1);
    const auto key = response_key(provider.flavour, id);
    auto kept = call.memory.find(key);
    if (!kept) return provider.refuse(call, {404, "Response with id '" + id + "' not found.", {}, {}});
    if (verb.empty() && method == "GET") {
        (*kept)["seen"] = true;
        call.memory.keep(key, *kept);
        return answered(call, provider, (*kept)["response"]);
    }
    if (verb.empty() && method == "DELETE") {
        call.memory.forget(key);
        return answered(call, provider, {{"id", id}, {"object", "response"}, {"deleted", true}});
    }
    if (verb == "input_items" && method == "GET") return answered(call, provider, page_of(call, (*kept)["input"]));
    if (verb == "cancel" && method == "POST") return cancel_reply(call, provider, key, std::move(*kept));
    return provider.refuse(call, {404, "Invalid URL (" + method + " " + call.path + ")", {}, {}});
}

}  // namespace smg::simulator
