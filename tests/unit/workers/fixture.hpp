#pragma once
#include <nlohmann/json.hpp>
#include <string>

#include "workers/registry.hpp"
#include "workers/spec_json.hpp"

namespace smg::workers::test {

inline const providers::Catalog& catalog() { return *providers::Catalog::built_in(); }

inline WorkerSpec spec_of(const std::string& text) {
    const auto body = parse_body(text);
    if (!body) throw std::runtime_error(body.error().message);
    auto spec = spec_from_json(*body, catalog());
    if (!spec) throw std::runtime_error(spec.error().message);
    return std::move(*spec);
}

inline auto models_of(std::initializer_list<const char*> ids) {
    std::vector<providers::ListedModel> models;
    for (const auto* id : ids) {
        providers::ListedModel model;
        model.id = id;
        models.push_back(std::move(model));
    }
    return std::make_shared<const std::vector<providers::ListedModel>>(std::move(models));
}

/// A registry whose worker ids are w1, w2, …
struct Fleet {
    explicit Fleet(Registry::Aliases aliases = {})
        : registry(providers::Catalog::built_in(), std::move(aliases), [this] { return "w" + std::to_string(++count); }) {}

    /// Registered and pending (or ready, when nothing needs examining).
    std::string add(const std::string& spec) { return registry.add(spec_of(spec), "api", 1000).value()->id; }
    /// Registered, and ready with this list (null: none).
    std::string ready(const std::string& spec, std::shared_ptr<const std::vector<providers::ListedModel>> models = nullptr) {
        auto id = add(spec);
        (void)registry.apply(id, StatusEvent::registered, "", 1001, std::move(models));
        return id;
    }
    [[nodiscard]] WorkerPtr worker(const std::string& id) const { return registry.snapshot()->by_id(id); }

    int count = 0;
    Registry registry;
};

}  // namespace smg::workers::test
