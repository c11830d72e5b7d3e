#include "codec/openai_responses/openai_responses.hpp"
#include "codec/openai_responses/output_assembly.hpp"
#include "codec/openai_responses/response_object.hpp"
#include "codec/openai_responses/usage.hpp"

namespace smg::codec::responses {
namespace {

/// The provider's own words for the end, where it speaks this format.
End native_end(const Choice& choice, End computed) {
    for (const std::string_view status : {"completed", "queued", "in_progress", "cancelled"})
        if (choice.native_stop_reason == status) return {std::string(status), {}};
    if (!choice.native_stop_reason.empty()) return {"incomplete", choice.native_stop_reason};
    return computed;
}

}  // namespace

std::string encode_response(const Answer& answer, const ClientView& view) {
    static const Choice nothing;
    const bool native = answer.format == format_name;
    const Ids ids(answer.id, view, native);
    OutputAssembly output(ids, answer.origin);
    const auto& choice = answer.choices.empty() ? nothing : answer.choices.front();
    if (!choice.logprobs.empty() && !native) output.logprobs(choice.logprobs);
    for (const auto& part : choice.parts) {
        output.begin(part);
        output.end();
    }
    auto end = output.finish(choice.stop_reason, choice.refusal);
    if (native) end = native_end(choice, std::move(end));
    std::string usage;
    JsonWriter json(usage);
    write_usage(json, answer.usage, native ? answer.native_usage : RawJson());
    ResponseHead head;
    head.id = ids.response();
    head.model = answer.model.empty() ? view.model : answer.model;
    head.created = answer.created != 0 ? answer.created : view.now;
    head.status = end.status;
    head.incomplete_reason = end.incomplete_reason;
    head.output = output.items();
    head.usage = usage;
    head.service_tier = answer.service_tier;
    return response_object(head, settings_of(view.request, native ? &answer.unknown : nullptr));
}

}  // namespace smg::codec::responses
