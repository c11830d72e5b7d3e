#include "gateway/fallback_models.hpp"

#include <algorithm>

#include "base/ascii.hpp"

namespace smg::gateway {
namespace {

constexpr std::size_t most_models = 16;

std::vector<std::string> listed_in(std::string_view text) {
    std::vector<std::string> models;
    while (!text.empty() && models.size() < most_models) {
        const auto comma = text.find(',');
        const auto model = trim(text.substr(0, comma));
        if (!model.empty()) models.emplace_back(model);
        text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
    }
    return models;
}

std::vector<std::string> configured_for(const std::string& model, const GatewayOptions& options, const workers::Snapshot& snapshot) {
    auto found = options.fallbacks.find(model);
    if (found == options.fallbacks.end()) found = options.fallbacks.find(snapshot.resolve(model).meant);
    return found == options.fallbacks.end() ? std::vector<std::string>() : found->second;
}

/// Ids and sealed words mean something to the provider that issued them alone.
bool bound_to_one(const Call& call) {
    if (!call.target_worker.empty() || !call.scan.previous_response_id.empty()) return true;
    return call.body().find("\"file_id\"") != std::string::npos || call.body().find("\"encrypted_content\"") != std::string::npos;
}

bool same_named(const providers::ProviderPtr& a, const providers::ProviderPtr& b) { return a && b && providers::same_provider(*a, *b); }

}  // namespace

FallbackModels::FallbackModels(const Call& call, const GatewayOptions& options, const workers::Snapshot& snapshot) : first_(call.model) {
    if (const auto header = call.request.head.fields.find("x-smg-fallback-models")) {
        models_ = listed_in(*header);
    } else if (!options.fallbacks.empty()) {
        models_ = configured_for(call.model, options, snapshot);
    }
    if (models_.empty()) return;
    if (bound_to_one(call)) models_.clear();
    std::erase(models_, first_);
}

const std::string* FallbackModels::next(const workers::Snapshot& snapshot, const Call& call) {
    const auto& tenant = call.credentials.tenant;
    while (used_ < models_.size() && tenant && !tenant->may_use(models_[used_])) ++used_;
    if (used_ == models_.size()) return nullptr;
    const auto first = snapshot.resolve(first_);
    if (first.servings.empty()) return nullptr;
    const auto& model = models_[used_++];
    const auto& key = call.credentials.caller_key;
    // A key whose form is known reaches its own provider alone, whatever the model (routing/credential.cpp).
    const bool form_known = snapshot.catalog().classify_key(key.reveal()).kind == providers::KeyForm::Kind::known;
    withholds_key_ = !key.empty() && !form_known && !same_named(first.named, snapshot.resolve(model).named);
    in_use_ = true;
    return &model;
}

bool FallbackModels::advance(const workers::Snapshot& snapshot, Call& call) {
    const auto* model = next(snapshot, call);
    if (model == nullptr) return false;
    call.model = *model;
    return true;
}

}  // namespace smg::gateway
