# Language level, warnings and hardening, as one interface target that every room links to.
option(SMG_BUILD_TESTS "Build the tests" ON)
option(SMG_BUILD_FUZZERS "Build the libFuzzer targets of tests/fuzz (clang)" OFF)
option(SMG_BUILD_BENCH "Build the benchmark's upstream and load generator" OFF)
option(SMG_WERROR "Treat warnings as errors" OFF)
option(SMG_PCH "Precompile Asio's headers for the rooms that do I/O" OFF)
option(SMG_LTO "Link-time optimisation" OFF)
set(SMG_SANITIZE "" CACHE STRING "Sanitizers for -fsanitize=, e.g. address,undefined")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}")
if(SMG_LTO)
  set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ON)
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
  if(SMG_PCH)
    # ccache handles precompiled headers only when it may trust what they define and when they were made.
    set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env
      "CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime" "${CCACHE_PROGRAM}")
  endif()
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
elseif(CMAKE_BUILD_TYPE STREQUAL "Release" OR CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
  target_compile_options(smg_compile_options INTERFACE
    -fstack-protector-strong -fstack-clash-protection -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
  target_link_options(smg_compile_options INTERFACE -Wl,-z,relro,-z,now)
endif()
