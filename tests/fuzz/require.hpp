#pragma once
/// What a fuzz target claims of the code; the fuzzer keeps the input for which it does not hold.
#include <cstdio>
#include <cstdlib>

namespace smg::fuzzing {

inline void require(bool condition, const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    if (condition) return;
    std::fprintf(stderr, "%s:%d: this does not hold\n", file, line);
    std::abort();
}

}  // namespace smg::fuzzing
