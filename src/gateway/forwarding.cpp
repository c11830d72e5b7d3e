#include "gateway/forwarding.hpp"

#include <algorithm>
#include <utility>

#include "codec/reasoning_envelope.hpp"
#include "gateway/adapt.hpp"
#include "gateway/call.hpp"
#include "gateway/foreign_reasoning.hpp"
#include "gateway/form_scan.hpp"
#include "gateway/held_state.hpp"
#include "gateway/usage_reader.hpp"
#include "http/media_type.hpp"

namespace smg::gateway {
namespace {

using Model = ForwardRule::Model;

/// Of a body, for the ids in it: those that name or issue state are short.
constexpr std::size_t longest_searched = 64 * 1024;

}  // namespace

Forwarding::Forwarding(Gateway& gateway, const ForwardRule& rule, ClientRequest& request, ClientResponse& response)
    : Dispatch(gateway, request, response, options_), rule_(rule) {}

Result<void> Forwarding::read() {
    if (auto headers = read_call_options(request_.head.fields, options_); !headers) return headers;
    auto payload = request_.payload();
    if (!payload) return tl::unexpected(payload.error());
    payload_ = *payload;
    if (options_.target_worker.empty()) find_holder();
    return read_model();
}

void Forwarding::find_holder() {
    const auto& bindings = gateway_.bindings();
    const auto bind = [&](std::string_view id) {
        const auto holder = bindings.find(id);
        const auto worker = holder.empty() ? nullptr : gateway_.snapshot(request_.loop)->by_id(holder);
        const auto& asked = rule_.providers;
        if (!worker || std::find(asked.begin(), asked.end(), worker->provider().name) == asked.end()) return false;
        options_.target_worker = holder;
        return true;
    };
    if (rule_.by_id) {
        (void)bind(request_.parameter("id"));
    } else if (rule_.holds_state && bindings.holds_files()) {
        const bool searched = payload_.size() <= longest_searched && http::is_json(request_.head.fields.get("content-type"));
        if (!each_id_in_path(request_.path, bind) && searched) (void)each_short_string(payload_, bind);
    }
}

void Forwarding::see_piece(std::string_view piece, bool first) {
    if (!rule_.holds_state || !first || request_.path.find("/models") != std::string::npos) return;
    (void)each_issued_id(piece.substr(0, longest_searched), [this](std::string_view id) {
        gateway_.bindings().remember_file(id, choice_->worker->id);
        return false;
    });
}

Result<void> Forwarding::read_model() {
    if (rule_.model == Model::required || rule_.model == Model::optional) {
        const auto type = request_.head.fields.get("content-type");
        if (const auto field = find_form_field(type, payload_, "model")) {
            model_bytes_ = *field;
            model_ = payload_.substr(field->begin, field->end - field->begin);
        } else if (!istarts_with(type, "multipart/")) {
            if (auto media = check_json_body(request_.head.fields); !media) return media;
            auto scan = scan_request(payload_);
            if (!scan) return tl::unexpected(scan.error());
            model_ = scan->model;
            model_bytes_ = scan->model_value;
            model_is_json_ = true;
            stream_ = scan->stream;
        }
        if (model_.empty() && rule_.model == Model::required) return fail(Failure::invalid_request, "the request names no model", "model");
    }
    request_.record.model = model_;
    request_.record.streaming = stream_;
    return {};
}

void Forwarding::describe(routing::RouteRequest& wanted) const {
    wanted.model = model_;
    if (model_.empty() && provider_ < rule_.providers.size()) wanted.only_provider = rule_.providers[provider_];
}

bool Forwarding::describe_others() {
    if (!model_.empty() || provider_ + 1 >= rule_.providers.size()) return false;
    // A key whose form says nothing has been shown to the provider before: it is not offered around.
    const bool shown = choice_ && choice_->key_source == routing::KeySource::caller;
    const auto& catalog = gateway_.snapshot(request_.loop)->catalog();
    if (shown && catalog.classify_key(options_.credentials.caller_key.reveal()).kind != providers::KeyForm::Kind::known) return false;
    ++provider_;
    return true;
}

bool Forwarding::may_differ_elsewhere(const http::ResponseHead& head, const codec::ProviderError&) const {
    return (rule_.by_id || (rule_.holds_state && options_.target_worker.empty())) && head.status == 404;
}

std::string Forwarding::below_root() const {
    std::string_view target = request_.head.target;
    if (target.starts_with(rule_.prefix)) target.remove_prefix(rule_.prefix.size());
    // SDKs differ in what a base URL is: `/v1` may be missing or doubled, where it is the prefix.
    while (rule_.prefix == "/v1" && target.starts_with("/v1/")) target.remove_prefix(3);
    return std::string(target);
}

std::vector<Splice> Forwarding::splices() const {
    std::vector<Splice> changes;
    const Reader reader{choice_->worker->provider(), choice_->upstream_model};
    if (rule_.body_format && (codec::may_hold_envelope(payload_) || may_hold_foreign_signature(*rule_.body_format, payload_, reader)))
        if (const auto scan = scan_request(payload_)) changes = cut_foreign_reasoning(*rule_.body_format, *scan, payload_, reader);
    if (model_bytes_.end != 0 && choice_->upstream_model != model_) {
        RequestScan scan;
        scan.model_value = model_bytes_;
        changes.push_back(model_is_json_ ? replace_model(scan, choice_->upstream_model) : Splice{model_bytes_, choice_->upstream_model});
    }
    return changes;
}

Result<void> Forwarding::adapt(UpstreamRequest& out) {
    const auto& worker = *choice_->worker;
    const auto& provider = worker.provider();
    out.format = provider.format;
    if (!rule_.formats.empty() && std::find(rule_.formats.begin(), rule_.formats.end(), out.format) == rule_.formats.end())
        return fail(Failure::invalid_request,
                    "the model '" + model_ + "' is served by " + provider.name + ", which has no " + request_.record.endpoint + " of this kind",
                    "model");
    auto target = provider.passthrough_target(worker.identity.url, below_root(), worker.spec->query);
    if (!target) return tl::unexpected(target.error());
    out.target = std::move(*target);
    out.method = request_.head.method == "HEAD" ? "GET" : request_.head.method;
    out.same_format = true;
    out.body = payload_;
    if (auto changes = splices(); !changes.empty()) {
        out.own_body = apply_splices(payload_, std::move(changes));
        out.body = out.own_body;
    }
    for (const std::string_view name : {"content-type", "accept", "range", "if-none-match", "if-modified-since"})
        if (const auto value = request_.head.fields.get(name); !value.empty()) out.fields.add(std::string(name), std::string(value));
    add_worker_headers(options_, request_.head.fields, *choice_, true, out.fields);
    return {};
}

net::Awaitable<void> Forwarding::relay(upstream::Exchange& exchange, const UpstreamRequest& sent) {
    auto head = success_head(exchange, sent);
    const auto type = exchange.head().fields.get("content-type");
    // What is kept is read again and again: its counts were those of the request that made it.
    const bool makes_it = request_.head.method == "POST" && !rule_.by_id;
    if (makes_it && (http::is_json(type) || http::is_event_stream(type))) {
        UsageReader usage(sent.format);
        co_await pass_body(exchange, std::move(head), &usage);
    } else {
        co_await pass_body(exchange, std::move(head), nullptr);
    }
}

}  // namespace smg::gateway
