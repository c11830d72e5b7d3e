#include "codec/openai_common/model_family.hpp"

namespace smg::codec::openai {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Without a vendor's prefix (`openai/o3`) and a fine-tune's (`ft:gpt-4o:…`).
std::string_view bare(std::string_view model) {
    if (model.starts_with("ft:")) model.remove_prefix(3);
    if (const auto slash = model.rfind('/'); slash != std::string_view::npos) model.remove_prefix(slash + 1);
    return model;
}

bool is_o_series(std::string_view name) { return name.size() >= 2 && name[0] == 'o' && is_digit(name[1]); }

/// 4 for `gpt-4o`, 5 for `gpt-5.1`; 0 for other names.
int generation(std::string_view name) {
    if (!name.starts_with("gpt-")) return 0;
    int number = 0;
    for (std::size_t i = 4; i < name.size() && i < 7 && is_digit(name[i]); ++i) number = number * 10 + (name[i] - '0');
    return number;
}

}  // namespace

bool is_reasoning_model(std::string_view model) {
    const auto name = bare(model);
    return is_o_series(name) || (generation(name) >= 5 && name.find("-chat") == std::string_view::npos);
}

bool is_openai_model(std::string_view model) {
    const auto name = bare(model);
    return is_o_series(name) || name.starts_with("chatgpt-") || (generation(name) >= 3 && !name.starts_with("gpt-oss"));
}

}  // namespace smg::codec::openai
