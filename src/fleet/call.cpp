#include "fleet/call.hpp"

#include "fleet/worker_secrets.hpp"
#include "http/writer.hpp"
#include "providers/headers.hpp"

namespace smg::fleet {

namespace {

constexpr std::size_t longest_words = 400;

http::Fields fields_of(const Call& call) {
    const auto& spec = *call.worker->spec;
    http::Fields fields;
    fields.add("host", call.peer.authority());
    fields.add("user-agent", "smg/" SMG_VERSION);
    fields.add("accept", "application/json");
    fields.add("accept-encoding", "identity");
    providers::add_request_headers(call.worker->provider(), http::Fields(), providers::Passage(), fields);
    providers::set_credential(call.worker->provider(), spec.auth ? &*spec.auth : nullptr, call.key, false, fields);
    for (const auto& [name, value] : spec.headers) fields.set(name, value.reveal());
    return fields;
}

/// At a character's border of UTF-8.
void clip(std::string& text) {
    if (text.size() <= longest_words) return;
    auto end = longest_words;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    text.resize(end);
    text += "…";
}

}  // namespace

std::string head_of(const Call& call) {
    http::RequestHead head;
    head.method = "GET";
    head.target = call.target;
    head.fields = fields_of(call);
    std::string text;
    http::append_request_head(text, head);
    return text + "\r\n";
}

std::string description_of(const Call& call) { return "GET " + call.worker->identity.url.origin() + call.target.substr(0, call.target.find('?')); }

net::Awaitable<Result<upstream::WholeAnswer>> send(upstream::Pool& pool, const Call& call, net::Cancellation& cancellation) {
    auto peer = call.peer;
    auto head = head_of(call);
    std::string body;
    auto answer = co_await upstream::fetch(pool, std::move(peer), std::move(head), std::move(body), call.timeouts, call.limit, cancellation);
    co_return answer;
}

std::string harmless(std::string_view words, const Call& call) {
    std::string text(words);
    WorkerSecrets secrets(*call.worker->spec, true);
    secrets.add(call.key.reveal());
    secrets.cut_out(text);
    for (auto& c : text)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
    clip(text);
    return text;
}

}  // namespace smg::fleet
