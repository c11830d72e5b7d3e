/// Whose key goes where: contract section 8, "Caller's key". This file is what keeps a key with its provider.
#include "routing/credential.hpp"

namespace smg::routing {

using providers::KeyForm;

namespace {

/// May a key of this form go to the worker for this model?
bool fits(const KeyForm& form, const workers::Serving& serving, const providers::ProviderPtr& named) {
    const auto& provider = serving.worker->provider();
    if (form.kind == KeyForm::Kind::absent) return false;
    if (form.kind == KeyForm::Kind::known) return form.provider == provider.name;
    // An unknown form: to the provider that the model's name names and no other; where it names nobody, to the one that lists it.
    if (named) return providers::same_provider(provider, *named);
    return serving.basis == workers::Basis::declared || serving.basis == workers::Basis::discovered;
}

std::string why_not(const KeyForm& form, const workers::Serving& serving, const RouteRequest& request, bool ignored) {
    const auto& provider = serving.worker->provider().name;
    if (serving.worker->spec->has_key() && !request.stored_keys_allowed && (form.kind == KeyForm::Kind::absent || ignored))
        return "without a gateway key configured, stored provider keys serve clients on the same machine only; send your own " + provider +
               " key, or ask the operator for --api-key (or --insecure-open)";
    if (ignored) return "this gateway ignores callers' provider keys and has none stored for " + provider;
    if (form.kind == KeyForm::Kind::absent) return "no API key: send your " + provider + " key, or have one stored with the worker";
    if (form.kind == KeyForm::Kind::known)
        return "the key is one of " + form.provider + ", but the model is served by " + provider + ", to which it is not sent";
    return "the key's form names no provider, and the model's name does not name " + provider + ": the key is not sent; use `" + provider +
           "/<model>`, or have the worker declare its models";
}

}  // namespace

Caller caller_of(const workers::Snapshot& snapshot, const RouteOptions& options, const RouteRequest& request) {
    Caller caller;
    caller.form = snapshot.catalog().classify_key(request.caller_key.reveal());
    caller.ignored = options.caller_keys == CallerKeys::ignore;
    caller.required = options.caller_keys == CallerKeys::require;
    return caller;
}

Result<KeySource> source_for(const Caller& caller, const workers::Serving& serving, const providers::ProviderPtr& named,
                             const RouteRequest& request) {
    const auto& worker = *serving.worker;
    if (!caller.ignored && fits(caller.form, serving, named)) return KeySource::caller;
    if (caller.required)
        return fail(Failure::invalid_api_key, caller.form.kind == KeyForm::Kind::absent
                                                  ? "this gateway requires your own " + worker.provider().name + " key"
                                                  : why_not(caller.form, serving, request, false));
    if (worker.spec->has_key() && request.stored_keys_allowed) return KeySource::stored;
    if (!worker.external() && !worker.spec->has_key()) return KeySource::none;
    return fail(Failure::invalid_api_key, why_not(caller.form, serving, request, caller.ignored));
}

Result<KeySource> credential_for(const workers::Snapshot& snapshot, const workers::Serving& serving, const providers::ProviderPtr& named,
                                 const RouteOptions& options, const RouteRequest& request) {
    return source_for(caller_of(snapshot, options, request), serving, named, request);
}

}  // namespace smg::routing
