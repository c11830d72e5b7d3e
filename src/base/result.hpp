#pragma once
/// The one way a fallible function answers: a value or an Error. Exceptions are for bugs.
#include <tl/expected.hpp>

#include "base/error.hpp"

namespace smg {

template <typename T>
using Result = tl::expected<T, Error>;

/// `return fail(Failure::invalid_request, "messages must not be empty", "messages");`
template <typename... Args>
[[nodiscard]] tl::unexpected<Error> fail(Args&&... args) {
    return tl::unexpected<Error>(Error(std::forward<Args>(args)...));
}

}  // namespace smg
