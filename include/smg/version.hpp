#pragma once
/// Which smg this is.

namespace smg {

/// `1.2.3`, from the build (CMakeLists.txt).
inline constexpr const char* version = SMG_VERSION;

}  // namespace smg
