#include "simulator/form.hpp"
#include "simulator/openai_more.hpp"
#include "simulator/text.hpp"

namespace smg::simulator {
namespace {

constexpr std::string_view prefix = "openai/files/";

SimulatedReply answered(const Call& call, const ChatProvider& voice, const Json& body) {
    return whole_reply(call, 200, voice.head(call, "application/json"), dump(body));
}

SimulatedReply upload_reply(const Call& call, const ChatProvider& voice) {
    const auto form = parse_form(call.request.fields.get("content-type"), call.request.body);
    if (!form) return voice.refuse(call, {400, "Could not parse multipart form", {}, {}});
    for (const auto* name : {"purpose", "file"})
        if (part_of(*form, name) == nullptr)
            return voice.refuse(call, {400, "'" + std::string(name) + "' is a required property", name, {}});
    const auto& file = *part_of(*form, "file");
    const auto& purpose = part_of(*form, "purpose")->body;
    const auto id = "file-" + made_up(call.seed("file"), 22);
    const Json described{{"object", "file"},
                         {"id", id},
                         {"purpose", purpose},
                         {"filename", file.filename},
                         {"bytes", file.body.size()},
                         {"created_at", 1764000000},
                         {"expires_at", nullptr},
                         {"status", "processed"},
                         {"status_details", nullptr}};
    call.memory.keep(std::string(prefix) + id, {{"file", described}, {"content", file.body}});
    return answered(call, voice, described);
}

SimulatedReply list_reply(const Call& call, const ChatProvider& voice) {
    Json list{{"object", "list"}, {"data", Json::array()}, {"has_more", false}, {"first_id", nullptr}, {"last_id", nullptr}};
    for (const auto& each : call.memory.all(prefix)) list["data"].push_back(each["file"]);
    if (!list["data"].empty()) {
        list["first_id"] = list["data"].front()["id"];
        list["last_id"] = list["data"].back()["id"];
    }
    return answered(call, voice, list);
}

}  // namespace

SimulatedReply files_reply(const Call& call, const ChatProvider& voice) {
    const auto& method = call.request.method;
    constexpr std::string_view root = "/v1/files";
    if (call.path == root && method == "POST") return upload_reply(call, voice);
    if (call.path == root && method == "GET") return list_reply(call, voice);
    if (call.path == root) return voice.refuse(call, {405, "Not allowed to " + method + " on /v1/files.", {}, "method_not_supported"});
    const auto rest = call.path.substr(root.size() + 1);
    const auto id = rest.substr(0, rest.find('/'));
    const auto key = std::string(prefix) + id;
    const auto kept = call.memory.find(key);
    if (!kept) return voice.refuse(call, {404, "No such File object: " + id, "id", {}});
    if (rest == id && method == "GET") return answered(call, voice, (*kept)["file"]);
    if (rest == id + "/content" && method == "GET")
        return whole_reply(call, 200, voice.head(call, "application/octet-stream"), text_member(*kept, "content"));
    if (rest == id && method == "DELETE") {
        call.memory.forget(key);
        return answered(call, voice, {{"object", "file"}, {"deleted", true}, {"id", id}});
    }
    return voice.refuse(call, {404, "Invalid URL (" + method + " " + call.path + ")", {}, {}});
}

}  // namespace smg::simulator
