#pragma once
/// Model lists in the shapes that clients know. Pure.
#include <string>
#include <vector>

#include "workers/snapshot.hpp"

namespace smg::gateway {

enum class ListShape { openai, anthropic, gemini };

/// `{"object":"list","data":[…]}`, `{"data":[…],"has_more":false,…}` or `{"models":[…]}`.
[[nodiscard]] std::string write_model_list(ListShape shape, const std::vector<workers::KnownModel>& models);
[[nodiscard]] std::string write_model(ListShape shape, const workers::KnownModel& model);

/// A provider's list as known models of it.
[[nodiscard]] std::vector<workers::KnownModel> as_known(const std::vector<providers::ListedModel>& listed, const providers::Provider& provider);

}  // namespace smg::gateway
