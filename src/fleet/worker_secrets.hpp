#pragma once
/// What a worker's upstream is shown, and nobody else: cut out of whatever it says that is not an answer.
#include <string>
#include <string_view>
#include <vector>

#include "workers/spec.hpp"

namespace smg::fleet {

/// A plain value. Secrets of fewer than six characters are taken for words of the language and stay.
class WorkerSecrets {
public:
    /// Nobody's.
    WorkerSecrets() = default;
    /// The values of its headers and of its query. `keys`: its stored key too, and whatever has a known form of keys; without, a caller's key stays.
    WorkerSecrets(const workers::WorkerSpec& spec, bool keys);
    void add(std::string_view secret);

    [[nodiscard]] bool empty() const noexcept { return words_.empty(); }
    /// The longest first.
    [[nodiscard]] const std::vector<std::string>& words() const noexcept { return words_; }
    /// One of the words stands in it.
    [[nodiscard]] bool told_by(std::string_view text) const noexcept;
    /// `cut_out` would change it.
    [[nodiscard]] bool stand_in(std::string_view text) const noexcept;
    void cut_out(std::string& text) const;

private:
    std::vector<std::string> words_;
    bool keys_ = false;
};

}  // namespace smg::fleet
