# Language level, warnings and hardening, as one interface target that every room links to.
option(SMG_BUILD_TESTS "Build the tests" ON)
option(SMG_WERROR "Treat warnings as errors" OFF)
set(SMG_SANITIZE "" CACHE STRING "Sanitizers for -fsanitize=, e.g. address,undefined")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}")

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
endif()

add_library(smg_compile_options INTERFACE)
target_include_directories(smg_compile_options INTERFACE "${CMAKE_SOURCE_DIR}/include" "${CMAKE_SOURCE_DIR}/src")
target_compile_options(smg_compile_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
  $<$<CXX_COMPILER_ID:GNU>:-fcoroutines>
  $<$<BOOL:${SMG_WERROR}>:-Werror>)
target_compile_definitions(smg_compile_options INTERFACE SMG_VERSION="${PROJECT_VERSION}")
if(SMG_SANITIZE)
  target_compile_options(smg_compile_options INTERFACE -fsanitize=${SMG_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(smg_compile_options INTERFACE -fsanitize=${SMG_SANITIZE})
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Release" OR CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
  target_compile_options(smg_compile_options INTERFACE -fstack-protector-strong -D_FORTIFY_SOURCE=2)
  target_link_options(smg_compile_options INTERFACE -Wl,-z,relro,-z,now)
endif()
