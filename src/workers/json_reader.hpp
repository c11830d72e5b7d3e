#pragma once
/// Reads one JSON object field by field. The first thing that is wrong is kept, and later reads do nothing; so a reader is a plain list of
/// its fields, and what is left over is unknown.
#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace smg::workers {

class JsonReader {
public:
    /// `path` is put before names in messages: `health` gives `health.timeout_secs`. `object` outlives the reader.
    explicit JsonReader(const nlohmann::json& object, std::string path = {});

    /// The member, marked as known; null when absent or JSON null.
    const nlohmann::json* take(std::string_view name);
    /// Known and of no interest.
    void ignore(std::string_view name) { (void)take(name); }

    void text(std::string_view name, std::string& out);
    void strings(std::string_view name, std::vector<std::string>& out);
    void number(std::string_view name, double low, double high, double& out);
    void whole(std::string_view name, std::int64_t low, std::int64_t high, std::int64_t& out);
    /// An object of strings.
    void texts(std::string_view name, std::vector<std::pair<std::string, std::string>>& out);

    /// Optional forms, for overrides.
    void seconds(std::string_view name, std::optional<double>& out);
    void flag(std::string_view name, std::optional<bool>& out);
    template <typename T>
    void count(std::string_view name, std::optional<T>& out, std::int64_t low = 0) {
        std::int64_t value = -1;
        whole(name, low, sizeof(T) == 4 ? 0x7fffffffLL : (1LL << 53), value);
        if (value >= 0) out = static_cast<T>(value);
    }
    /// A nested object; `read` gets its reader, whose unknown members are refused too.
    void object(std::string_view name, const std::function<void(JsonReader&)>& read);

    void refuse(std::string_view name, std::string message);
    /// An error that already names its field.
    void refuse_as(Error error) {
        if (!error_) error_ = std::move(error);
    }
    [[nodiscard]] bool failed() const noexcept { return error_.has_value(); }
    /// The first error; else an unknown member is one; else nothing.
    [[nodiscard]] std::optional<Error> finish();

private:
    [[nodiscard]] std::string path_of(std::string_view name) const;

    const nlohmann::json& object_;
    std::string path_;
    std::vector<std::string> known_;
    std::optional<Error> error_;
};

}  // namespace smg::workers
