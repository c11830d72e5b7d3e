#pragma once
#include <chrono>

namespace smg::workers {

using Clock = std::chrono::steady_clock;

}  // namespace smg::workers
