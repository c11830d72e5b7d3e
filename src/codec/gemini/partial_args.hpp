#pragma once
/// Arguments that Vertex streams piece by piece (`functionCall.partialArgs`): values addressed by JSON paths, strings in several pieces.
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "codec/json_tree.hpp"
#include "codec/json_writer.hpp"

namespace smg::codec::google {

class PartialArgs {
public:
    PartialArgs();
    ~PartialArgs();
    PartialArgs(PartialArgs&&) noexcept;
    PartialArgs& operator=(PartialArgs&&) noexcept;

    /// One entry: `{"jsonPath":"$.a[0].b","stringValue":"…"}`, also `numberValue`, `boolValue`, `nullValue`. A string is appended to what
    /// its path holds. Paths that cannot be read, or reach too deep or far, are skipped.
    void add(JsonNode entry);
    /// The arguments as far as they have come: a JSON object.
    [[nodiscard]] std::string text() const;

private:
    struct Value;
    std::unique_ptr<Value> root_;
};

}  // namespace smg::codec::google
