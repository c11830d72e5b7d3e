# Every third-party library, all of them Debian packages. A missing one ends configure with the line that installs it.
set(SMG_DEBIAN_PACKAGES
  libboost1.81-dev libssl-dev nlohmann-json3-dev libsimdjson-dev libspdlog-dev prometheus-cpp-dev libcurl4-openssl-dev
  libcli11-dev libtomlplusplus-dev libexpected-dev libgtest-dev libgmock-dev libsqlite3-dev zlib1g-dev libzstd-dev libcjose-dev)

function(smg_require package)
  find_package(${package} ${ARGN} QUIET)
  if(NOT ${package}_FOUND)
    list(JOIN SMG_DEBIAN_PACKAGES " " packages)
    message(FATAL_ERROR "${package} was not found. On Debian bookworm:\n  apt-get install -y --no-install-recommends ${packages}")
  endif()
  foreach(variable FOUND INCLUDE_DIRS LIBRARIES)
    set(${package}_${variable} "${${package}_${variable}}" PARENT_SCOPE)
  endforeach()
endfunction()

set(THREADS_PREFER_PTHREAD_FLAG ON)
smg_require(Threads)
smg_require(Boost 1.81)
smg_require(OpenSSL)
smg_require(nlohmann_json)
smg_require(simdjson)
smg_require(spdlog)
smg_require(prometheus-cpp)
smg_require(CLI11)
smg_require(tomlplusplus)
smg_require(tl-expected)
smg_require(ZLIB)
smg_require(SQLite3)
# Debian's zstd ships no CMake package, and a pkg-config file.
find_package(PkgConfig REQUIRED)
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd)

# Debian's cjose has a pkg-config file that asks for jansson's, of a package that nothing of cjose's depends on: its headers need none.
find_library(SMG_CJOSE_LIBRARY cjose)
find_path(SMG_CJOSE_INCLUDE_DIR cjose/cjose.h)
if(NOT SMG_CJOSE_LIBRARY OR NOT SMG_CJOSE_INCLUDE_DIR)
  message(FATAL_ERROR "cjose was not found. On Debian bookworm:\n  apt-get install -y --no-install-recommends libcjose-dev")
endif()
add_library(smg::cjose UNKNOWN IMPORTED)
set_target_properties(smg::cjose PROPERTIES
  IMPORTED_LOCATION "${SMG_CJOSE_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${SMG_CJOSE_INCLUDE_DIR}")

# Boost headers alone, for rooms that treat Beast's types as data.
add_library(smg_boost INTERFACE)
add_library(smg::boost ALIAS smg_boost)
target_link_libraries(smg_boost INTERFACE Boost::headers)
target_compile_definitions(smg_boost INTERFACE
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
  BOOST_ASIO_DISABLE_BOOST_COROUTINE
  # Frames of coroutines come from malloc where speed counts: Asio's own cache gives a small frame a large block, and fetches what it
  # lacks by aligned_alloc, which glibc serves past its fast lists.
  $<$<NOT:$<CONFIG:Debug>>:BOOST_ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING>
  # Frames of coroutines kept for reuse, a thread: a request is some fifteen of them deep, and Asio keeps two.
  BOOST_ASIO_RECYCLING_ALLOCATOR_CACHE_SIZE=16)

# Asio and Beast compiled once (cmake/boost_asio_impl.cpp), with TLS and threads.
add_library(smg_asio STATIC "${CMAKE_SOURCE_DIR}/cmake/boost_asio_impl.cpp")
add_library(smg::asio ALIAS smg_asio)
target_link_libraries(smg_asio PUBLIC smg_boost OpenSSL::SSL OpenSSL::Crypto Threads::Threads smg_compile_options)
if(SMG_PCH)
  target_precompile_headers(smg_asio PRIVATE
    <boost/asio/as_tuple.hpp> <boost/asio/awaitable.hpp> <boost/asio/co_spawn.hpp> <boost/asio/io_context.hpp> <boost/asio/ip/tcp.hpp>
    <boost/asio/ssl.hpp> <boost/asio/steady_timer.hpp> <boost/asio/use_awaitable.hpp> <functional> <memory> <string> <vector>)
  target_compile_options(smg_asio PUBLIC $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
endif()
