#include "fuzz_codec.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return smg::codec::fuzzing::run(smg::codec::gemini(), data, size);
}
